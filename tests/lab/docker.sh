# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A real Docker in the lab: containers of each kind, attacked from every side, before the policy
# (the control) and with it.  Each probe is asked three ways: the kernel with a real packet, the
# model, and the expectation written here.  Sourced by test-docker-*.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lab_policy() {
	cat >"$policy" <<'EOF'
zone internet = auto
zone lan = lan0

set office = 203.0.113.0/24, 2001:db8:1::/48
set banned = 198.51.100.66

internet -> host {
    deny from @banned
    allow tcp 2222
    allow ping
    allow udp 5300 from @office
    reject tcp 7777
}

internet -> containers {
    deny from @banned
    allow tcp 8080 to web
    allow tcp 5432 to shop/db from @office
    allow udp 5353
    allow tcp 8443, 8066
    allow tcp 8600 to hosty
    allow tcp 8067 to six
}

containers -> internet {
    allow tcp 7000
    allow udp 7000
}

containers -> host {
    allow tcp 2222
}

host -> internet {
    allow tcp 7000
}

lan -> host {
    allow tcp 2222, 9999
    allow ping
}

lan -> containers {
    allow tcp 9000-9002
    allow tcp 80 inside to web
}
EOF
	chmod 600 "$policy"
}

lab_containers() {
	docker_image
	docker_ctl network create back >/dev/null
	docker_ctl network create --ipv6 --subnet fd00:6::/64 six >/dev/null
	container web "-p 8080:80 -p 8081:80" tcp:80 udp:53
	container db "--network back -p 5432:5432 --label com.docker.compose.project=shop --label com.docker.compose.service=db" tcp:5432
	container one "-p 198.51.100.1:8443:80" tcp:80
	container near "-p 127.0.0.1:8500:80" tcp:80
	container name "-p 5353:53/udp -p 5354:53/udp" udp:53
	container many "-p 9000-9002:9000-9002" tcp:9000 tcp:9001 tcp:9002
	container hosty "--network host" tcp:8600 tcp:8601
	container six "--network six -p 8066:80 -p 8067:81 -p 8068:82" tcp:80 tcp:81 tcp:82
	container quiet "" tcp:80
	background nsenter --net="/run/netns/$lab-host" "$dir/answer" tcp:2222 tcp:9999 tcp:7777 udp:5300
	background nsenter --net="/run/netns/$lab-inet" "$dir/answer" tcp:7000 tcp:7001 udp:7000
	web=$(container_addr web) six6=$(container_addr six 6)
	db=$(container_addr db) quiet=$(container_addr quiet)
	if [ -z "$web" ] || [ -z "$six6" ] || [ -z "$db" ]; then
		echo "containers have no addresses"
		exit 1
	fi
}

# from proto src dst port  iface-at-the-host want
# want: open, refused, silent; isolated: the engine closes it, with us exactly as without us
# Docker 28 and later closes a container's address to all but its own network, whatever we say.
docker_guards() { [ "$(docker_ctl version -f '{{.Server.Version}}' | cut -d . -f 1)" -ge 28 ]; }
lab_probes() {
	local guarded=
	! docker_guards || guarded=isolated
	local h4=198.51.100.1 h6=2001:db8:51::1 l4=192.168.77.1 l6=fd77::1
	local i4=198.51.100.2 i6=2001:db8:51::2 o4=203.0.113.7 o6=2001:db8:1::7 b4=198.51.100.66
	local n4=192.168.77.2 n6=fd77::2 port
	cat <<EOF
# the host's own ports
inet tcp $i4 $h4 2222 wan0 open
inet tcp $i6 $h6 2222 wan0 open
inet tcp $b4 $h4 2222 wan0 silent
inet tcp $i4 $h4 9999 wan0 silent
inet tcp $i6 $h6 9999 wan0 silent
inet tcp $i4 $h4 7777 wan0 refused
inet tcp $i6 $h6 7777 wan0 refused
inet udp $i4 $h4 5300 wan0 silent
inet udp $o4 $h4 5300 wan0 open
inet udp $o6 $h6 5300 wan0 open
inet ping $i4 $h4 0 wan0 open
inet ping $i6 $h6 0 wan0 open
inet ping $b4 $h4 0 wan0 silent
lan tcp $n4 $l4 2222 lan0 open
lan tcp $n6 $l6 9999 lan0 open
lan tcp $n4 $l4 7777 lan0 silent
lan udp $n4 $l4 5300 lan0 silent
lan ping $n4 $l4 0 lan0 open
# published ports: default bridge, another number of the same port, user network with sources
inet tcp $i4 $h4 8080 wan0 open
inet tcp $i6 $h6 8080 wan0 open
inet tcp $b4 $h4 8080 wan0 silent
inet tcp $i4 $h4 8081 wan0 silent
inet tcp $i6 $h6 8081 wan0 silent
inet tcp $i4 $h4 5432 wan0 silent
inet tcp $i6 $h6 5432 wan0 silent
inet tcp $o4 $h4 5432 wan0 open
inet tcp $o6 $h6 5432 wan0 open
lan tcp $n4 $l4 8080 lan0 silent
lan tcp $n6 $l6 8080 lan0 silent
# to one address, to loopback
inet tcp $i4 $h4 8443 wan0 open
lan tcp $n4 $h4 8443 lan0 silent
# UDP, a range
inet udp $i4 $h4 5353 wan0 open
inet udp $i4 $h4 5354 wan0 silent
lan udp $n4 $l4 5353 lan0 silent
lan tcp $n4 $l4 9000 lan0 open
lan tcp $n4 $l4 9002 lan0 open
lan tcp $n6 $l6 9001 lan0 open
inet tcp $i4 $h4 9001 wan0 silent
inet tcp $i6 $h6 9001 wan0 silent
# host network
inet tcp $i4 $h4 8600 wan0 open
inet tcp $i6 $h6 8600 wan0 open
inet tcp $i4 $h4 8601 wan0 silent
inet tcp $i6 $h6 8601 wan0 silent
# an IPv6 container network
inet tcp $i4 $h4 8066 wan0 open
inet tcp $i6 $h6 8066 wan0 open
inet tcp $i6 $h6 8067 wan0 open
inet tcp $i4 $h4 8068 wan0 silent
inet tcp $i6 $h6 8068 wan0 silent
# straight to a container's address
inet tcp $i4 $web 80 wan0 ${guarded:-silent}
lan tcp $n4 $web 80 lan0 ${guarded:-open}
lan tcp $n4 $quiet 80 lan0 ${guarded:-silent}
inet tcp $i6 $six6 80 wan0 ${guarded:-silent}
inet tcp $i6 $six6 82 wan0 ${guarded:-silent}
# containers to the Internet, to the host, to each other
web tcp $web $i4 7000 docker0 open
web udp $web $i4 7000 docker0 open
web tcp $web $i4 7001 docker0 silent
web tcp $web $h4 2222 docker0 open
web tcp $web $h4 9999 docker0 silent
web tcp $web $quiet 80 docker0 open
web tcp $web 172.17.0.1 8080 docker0 open
db tcp $db $h4 8080 $(network_iface back) open
# Docker keeps networks apart, with us as without us
db tcp $db $web 80 $(network_iface back) isolated
web tcp $web $db 5432 docker0 isolated
# the host itself
host tcp $h4 $i4 7000 - open
host tcp $h4 $i4 7001 - silent
host tcp 127.0.0.1 127.0.0.1 8500 - open
host tcp 127.0.0.1 127.0.0.1 9999 - open
host tcp 172.17.0.1 $web 80 - open
EOF
	for port in 9000 9001 9002; do echo "inet tcp $i4 $h4 $port wan0 silent"; done
}
network_iface() { echo "br-$(docker_ctl network inspect -f '{{.Id}}' "$1" | cut -c1-12)"; }

# What a client sees of a verdict.
seen_as() {
	case $1 in
	allow) echo open ;;
	deny) echo silent ;;
	reject) echo refused ;;
	esac
}
# The three answers, line by line.
lab_compare() { # CONTROL KERNEL MODEL
	local line number=0 control kernel model want
	while read -r line; do
		case $line in '#'* | '') continue ;; esac
		number=$((number + 1))
		want=${line##* }
		control=$(awk -v n=$number '$1 == n {print $2}' "$1")
		kernel=$(awk -v n=$number '$1 == n {print $2}' "$2")
		model=$(awk -v n=$number '$1 == n {print $2}' "$3")
		if [ "$want" = isolated ]; then
			expect "$line" [ "$control $kernel" = "silent silent" ]
		elif [ "$kernel" != "$want" ]; then
			not_ok "$line: the kernel says $kernel (control: $control, model: $(awk -v n=$number '$1 == n' "$3"))"
		elif [ "$control" != open ]; then
			not_ok "$line: not open without the policy either ($control): the probe proves nothing"
		elif [ "$want" != "$(seen_as "$model")" ]; then
			not_ok "$line: the model says $(awk -v n=$number '$1 == n' "$3")"
		else
			ok "$line"
		fi
	done <"$dir/probes"
}
lab_ask() { probe_run "$dir/probes" >"$dir/kernel.$1"; }
lab_same() { # WHAT A B
	expect "$1" diff "$dir/kernel.$2" "$dir/kernel.$3"
}
foreign_same() {
	foreign_rules >"$dir/foreign.now"
	expect "others' rules are byte-identical $1" diff "$dir/foreign.before" "$dir/foreign.now"
}
# A forbidden packet from the Internet to 127.0.0.1 of the host.
loopback_trick() {
	in_ns lan ip route replace 127.0.0.0/8 via 192.168.77.1 table main 2>/dev/null
	in_ns lan sysctl -qw net.ipv4.conf.all.route_localnet=1
	in_ns lan ip addr del 127.0.0.1/8 dev lo 2>/dev/null
	in_ns lan ip route del local 127.0.0.0/8 table local 2>/dev/null
	in_ns lan ip route del local 127.0.0.1 table local 2>/dev/null
	in_ns lan ip route replace 127.0.0.1 via 192.168.77.1 src 192.168.77.2
	echo "1 tcp - 127.0.0.1 8500" | nsenter --net="/run/netns/$lab-lan" "$dir/probe" 700
}

docker_test() { # PATH-PREFIX for dockerd, or nothing; [WHAT-ELSE]
	lab_start
	docker_start "$1"
	lab_policy
	lab_containers
	lab_probes >"$dir/probes"
	foreign_rules >"$dir/foreign.before"
	expect "Docker has rules of its own" grep -qE 'DOCKER-USER|docker-bridges' "$dir/foreign.before"
	lab_ask control
	control_loopback=$(loopback_trick)

	expect "apply" ww apply
	lab_ask policy
	probe_model "$dir/probes" >"$dir/model"
	lab_compare "$dir/kernel.control" "$dir/kernel.policy" "$dir/model"
	foreign_same "after apply"
	docker_guards || expect "127.0.0.1-published is open from the LAN without us (Docker 20.10)" [ "$control_loopback" = "1 open" ]
	expect "127.0.0.1-published is closed from the LAN" [ "$(loopback_trick)" = "1 silent" ]
	docker_reload
	docker_stop_states
	docker_abuse
	docker_restart
	"${2:-:}"
	lab_end
}

# A connection that is established goes on over a reload, also when its permission is gone.
docker_reload() {
	coproc CLIENT { nsenter --net="/run/netns/$lab-inet" nc 198.51.100.1 8080; }
	local greeting again client=$CLIENT_PID
	read -r -t 5 -u "${CLIENT[0]}" greeting
	expect "a connection is established" [ "$greeting" = answer ]
	expect "reload" ww apply --force
	echo "still here" >&"${CLIENT[1]}"
	read -r -t 5 -u "${CLIENT[0]}" again
	expect "the established connection outlives a reload" [ "$again" = "still here" ]
	kill "$client" 2>/dev/null
	wait "$client" 2>/dev/null
	foreign_same "after reload"
	lab_ask reload
	lab_same "a reload changes no answer" policy reload
}

# What others do to their rules opens nothing.
docker_abuse() {
	in_ns host sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 2>/dev/null
	lab_ask bridged
	lab_same "bridge-nf-call-iptables 1 changes no answer" policy bridged
	in_ns host sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null
	lab_ask unbridged
	lab_same "bridge-nf-call-iptables 0 changes no answer" policy unbridged

	docker_ctl network create more >/dev/null
	container late "--network more -p 8700:80" tcp:80
	echo "inet tcp - 198.51.100.1 8700 wan0 silent
inet tcp - 2001:db8:51::1 8700 wan0 silent" >"$dir/late"
	expect "a new container on a new network is closed" [ "$(probe_run "$dir/late" | sort -u | tr '\n' ' ')" = "1 silent 2 silent " ]
	docker_ctl rm -f late >/dev/null
	docker_ctl network rm more >/dev/null
	lab_ask network
	lab_same "networks that come and go change no answer" policy network

	on_host "${docker_path:+$docker_path/}iptables" -F FORWARD
	on_host "${docker_path:+$docker_path/}iptables" -P FORWARD ACCEPT
	on_host "${docker_path:+$docker_path/}iptables" -t nat -F
	on_host nft 'flush table ip docker-bridges; flush table ip6 docker-bridges' 2>/dev/null
	lab_ask flushed
	expect "flushed iptables open nothing" nothing_opened policy flushed
}
# What is open now was open before.  The isolation of container networks is the engine's own, and
# gone with its rules while containers -> containers is not named: those lines may open.
nothing_opened() { # BEFORE NOW
	local number result isolated
	isolated=$(awk 'NF && $1 !~ /^#/ {n++; if ($NF == "isolated") printf " %d ", n}' "$dir/probes")
	while read -r number result; do
		[[ $2 = flushed && $isolated == *" $number "* ]] && continue
		[ "$result" != open ] || grep -qx "$number open" "$dir/kernel.$1" || {
			awk -v n="$number" 'NF && $1 !~ /^#/ {i++; if (i == n) print "opened: " $0}' "$dir/probes"
			return 1
		}
	done <"$dir/kernel.$2"
}

docker_stop_states() {
	expect "stop --lockdown" ww stop
	echo "inet tcp - 198.51.100.1 8080 wan0 silent
inet tcp - 2001:db8:51::1 8080 wan0 silent
inet tcp - 198.51.100.1 9999 wan0 silent" >"$dir/locked"
	expect "lockdown closes published and host ports" [ "$(probe_run "$dir/locked" | sort -u | tr '\n' ' ')" = "1 silent 2 silent 3 silent " ]
	expect "stop --open" ww stop --open
	expect "the table is gone" not_loaded
	foreign_same "after stop"
	lab_ask opened
	lab_same "without the table all is as before" control opened
	expect "apply again" ww apply
	lab_ask again
	lab_same "applied again, the answers are the same" policy again
}
# Docker puts back what `iptables -F` took; nothing opens meanwhile.
docker_restart() {
	local names
	mapfile -t names < <(docker_ctl ps --format '{{.Names}}' | tac)
	docker_stop keep
	echo "inet tcp - 198.51.100.1 9999 wan0 silent
inet tcp - 2001:db8:51::1 8601 wan0 silent" >"$dir/down"
	expect "without dockerd the host stays closed" [ "$(probe_run "$dir/down" | grep -c open)" = 0 ]
	docker_start "$docker_path"
	docker_ctl start "${names[@]}" >/dev/null
	lab_ask restarted
	expect "a restart of dockerd opens nothing" nothing_opened policy restarted
	expect "apply after the restart" ww apply
	lab_ask reapplied
	lab_same "after the restart the answers are the same" policy reapplied
}
not_loaded() { ! on_host nft list table inet wharfwall >/dev/null 2>&1; }
