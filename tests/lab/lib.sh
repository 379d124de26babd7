# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# The lab: a host between the Internet and a LAN, each a network namespace of its own.
#
#	inet: up0 198.51.100.2, 2001:db8:51::2        lan: up0 192.168.77.2, fd77::2
#	      203.0.113.7, 2001:db8:1::7 (the office)          |
#	      198.51.100.66 (banned)                           |
#	           |                                           |
#	      wan0 198.51.100.1, 2001:db8:51::1      lan0 192.168.77.1, fd77::1
#	      ------------------------- host: forwards, dockerd ----------------
#
# Both clients route everything by the host, so they reach container addresses directly.
set -u

lab_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lab_build=${WHARFWALL_BUILD:-$lab_top/build}
wharfwall=${WHARFWALL:-$lab_build/src/cli/wharfwall}
lab=ww$$
lab_pids=()
lab_failed=0
lab_count=0

lab_skip() { echo "$*"; exit 77; }
ok() { lab_count=$((lab_count + 1)); echo "ok - $1"; }
not_ok() { lab_count=$((lab_count + 1)); lab_failed=$((lab_failed + 1)); echo "not ok - $1"; }
# expect WHAT COMMAND...: one check.
expect() {
	local what=$1
	shift
	if "$@"; then ok "$what"; else not_ok "$what"; fi
}
# wait_for SECONDS COMMAND...: a state, or a failure.
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.05
	done
}
in_ns() { local ns=$1; shift; ip netns exec "$lab-$ns" "$@"; }
# A shell in the host's namespace keeps the cgroups, which `ip netns exec` hides.
on_host() {
	nsenter --net="/run/netns/$lab-host" "$@"
}
ww() { on_host "$wharfwall" --policy "$policy" --state-dir "$dir/state" --docker-host "$docker_url" "$@"; }

lab_stop() {
	local pid
	[ -n "${docker_pid:-}" ] && docker_stop
	for pid in "${lab_pids[@]}"; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done
	for ns in host inet lan; do ip netns del "$lab-$ns" 2>/dev/null; done
	[ -n "${dir:-}" ] && rm -rf "$dir"
}
background() { "$@" >/dev/null 2>&1 </dev/null & lab_pids+=($!); }

lab_link() { # OUTSIDE-NS HOST-INTERFACE
	ip -n "$lab-$1" link add up0 type veth peer name "$2" netns "$lab-host"
	ip -n "$lab-$1" link set lo up
	ip -n "$lab-$1" link set up0 up
	ip -n "$lab-host" link set "$2" up
}
lab_start() {
	[ "$(id -u)" = 0 ] || lab_skip "needs root"
	[ -x "$wharfwall" ] || { echo "no $wharfwall: build first"; exit 1; }
	dir=$(mktemp -d /tmp/wharfwall-lab-XXXXXX) || exit 1
	trap lab_stop EXIT
	trap 'exit 1' INT TERM
	policy=$dir/lab.policy
	docker_url=unix://$dir/none
	unset SSH_CONNECTION DOCKER_HOST
	gcc -O2 -D_GNU_SOURCE -o "$dir/probe" "$lab_top/tests/lib/probe.c" || exit 1
	gcc -O2 -D_GNU_SOURCE -static -o "$dir/answer" "$lab_top/tests/lib/answer.c" || exit 1
	for ns in host inet lan; do
		ip netns add "$lab-$ns" || exit 1
		in_ns "$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv4.ping_group_range="0 2147483647"
	done
	ip -n "$lab-host" link set lo up
	in_ns host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	lab_link inet wan0
	lab_link lan lan0
	ip -n "$lab-host" addr add 198.51.100.1/24 dev wan0
	ip -n "$lab-host" addr add 2001:db8:51::1/64 dev wan0 nodad
	ip -n "$lab-host" addr add 192.168.77.1/24 dev lan0
	ip -n "$lab-host" addr add fd77::1/64 dev lan0 nodad
	ip -n "$lab-inet" addr add 198.51.100.2/24 dev up0
	ip -n "$lab-inet" addr add 198.51.100.66/24 dev up0
	ip -n "$lab-inet" addr add 2001:db8:51::2/64 dev up0 nodad
	ip -n "$lab-inet" addr add 203.0.113.7/32 dev up0
	ip -n "$lab-inet" addr add 2001:db8:1::7/128 dev up0 nodad
	ip -n "$lab-lan" addr add 192.168.77.2/24 dev up0
	ip -n "$lab-lan" addr add fd77::2/64 dev up0 nodad
	ip -n "$lab-host" route add 203.0.113.7 via 198.51.100.2
	ip -n "$lab-host" route add 2001:db8:1::7 via 2001:db8:51::2
	ip -n "$lab-host" route add default via 198.51.100.2
	ip -n "$lab-inet" route add default via 198.51.100.1
	ip -n "$lab-inet" -6 route add default via 2001:db8:51::1
	ip -n "$lab-lan" route add default via 192.168.77.1
	ip -n "$lab-lan" -6 route add default via fd77::1
	[ "$(on_host readlink /proc/self/ns/net)" != "$(readlink /proc/1/ns/net)" ] ||
		{ echo "the lab's host is the machine itself: not going on"; exit 1; }
}

# A real dockerd in the host's namespace.
docker_start() { # [PATH-PREFIX]
	mkdir -p "$dir/docker"
	(export PATH="${1:+$1:}$PATH"; exec nsenter --net="/run/netns/$lab-host" dockerd --data-root "$dir/docker/data" --exec-root "$dir/docker/exec" \
		-H "unix://$dir/docker.sock" --pidfile "$dir/docker/pid" --storage-driver=vfs \
		>>"$dir/docker/log" 2>&1 </dev/null) &
	docker_pid=$!
	docker_path=${1:-}
	docker_url=unix://$dir/docker.sock
	wait_for 60 docker_ctl info || { tail "$dir/docker/log"; echo "dockerd does not start"; exit 1; }
}
docker_ctl() { docker -H "unix://$dir/docker.sock" "$@"; }
docker_stop() {
	local ids
	ids=$(docker_ctl ps -q 2>/dev/null)
	# shellcheck disable=SC2086
	[ -n "${1:-}" ] || [ -z "$ids" ] || docker_ctl kill $ids >/dev/null 2>&1
	kill "$docker_pid" 2>/dev/null
	wait "$docker_pid" 2>/dev/null
	docker_pid=
	umount "$dir"/docker/exec/netns/* "$dir/docker/data" 2>/dev/null
	return 0
}
docker_image() {
	tar -C "$dir" -c answer | docker_ctl import --change 'ENTRYPOINT ["/answer"]' - answer >/dev/null
}
# container NAME "RUN-OPTIONS" PORTS...
container() {
	local name=$1 options=$2
	shift 2
	# shellcheck disable=SC2086
	docker_ctl run -d --name "$name" $options answer "$@" >/dev/null 2>"$dir/run.err" ||
		{ cat "$dir/run.err"; exit 1; }
}
container_pid() { docker_ctl inspect -f '{{.State.Pid}}' "$1"; }
container_addr() { # NAME [6]
	local field=IPAddress
	[ -z "${2:-}" ] || field=GlobalIPv6Address
	docker_ctl inspect -f "{{range .NetworkSettings.Networks}}{{.$field}}{{end}}" "$1"
}

# probes FILE: lines "from proto src dst port ..."; prints "N result" for each, all at once.
# `from` is inet, lan, host or a container's name.
probe_run() {
	local from froms
	mapfile -t froms < <(awk 'NF && $1 !~ /^#/ {print $1}' "$1" | sort -u)
	for from in "${froms[@]}"; do
		awk -v from="$from" 'NF && $1 !~ /^#/ {n++; if ($1 == from) print n, $2, $3, $4, $5}' "$1" >"$dir/lines.$from"
		case $from in
		inet | lan | host) nsenter --net="/run/netns/$lab-$from" "$dir/probe" 700 <"$dir/lines.$from" ;;
		*) nsenter -t "$(container_pid "$from")" -n "$dir/probe" 700 <"$dir/lines.$from" ;;
		esac >"$dir/result.$from" &
		probe_jobs+=($!)
	done
	wait "${probe_jobs[@]}"
	probe_jobs=()
	sort -n "$dir"/result.*
	rm -f "$dir"/result.* "$dir"/lines.*
}
probe_jobs=()
# probe_model FILE: what model/eval says of the same probes.
probe_model() {
	awk 'NF && $1 !~ /^#/ {n++; print n, $6, $2, $3, $4, $5}' "$1" |
		on_host "$lab_build/tests/lib/probe_eval" "$policy" "$docker_url"
}
# Everybody else's rules, without counters.
foreign_rules() {
	{
		on_host iptables-save
		on_host ip6tables-save
		on_host iptables-legacy-save
		on_host nft -s list ruleset
	} 2>/dev/null | awk '/^table inet wharfwall/ {ours = 1} !ours {print} ours && /^}/ {ours = 0}' |
		sed -E 's/\[[0-9]+:[0-9]+\]//; /^#/d'
}
lab_end() {
	echo "$lab_count checks, $lab_failed failed"
	[ "$lab_failed" = 0 ]
}
