# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2317
# Rules files on a real Docker: the seed's file unchanged keeps each promise of its article, before
# dockerd has ever run, after it, over its restarts; and what goes wrong leaves the old rules.
# Sourced by test-rules-*, which set rules_variant (nft, legacy).
#
# Runs in a mount namespace with its own /etc and /usr/sbin (overlays), so that names of rules
# files, alternatives and programs can be what a test needs without a change to the machine.
rules_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ "$(id -u)" != 0 ]; then echo "needs root"; exit 77; fi
if [ -z "${IN_MOUNTS:-}" ]; then
	IN_MOUNTS=1 exec unshare -m "$0" "$@"
fi
# shellcheck source=tests/lab/docker.sh
. "$rules_top/tests/lab/docker.sh"
seed=$rules_top/tests/seed

host4=198.51.100.1 host6=2001:db8:51::1 lan4=192.168.77.1
inet4=198.51.100.2 inet6=2001:db8:51::2
file=/etc/iptables/base.rules
other_variant() { if [ "$rules_variant" = nft ]; then echo legacy; else echo nft; fi; }
ipt() { on_host "iptables-$rules_variant" "$@"; }
ipt6() { on_host "ip6tables-$rules_variant" "$@"; }
save4() { on_host "iptables-$rules_variant-save" | sed -E 's/\[[0-9]+:[0-9]+\]//; /^#/d'; }
save6() { on_host "ip6tables-$rules_variant-save" | sed -E 's/\[[0-9]+:[0-9]+\]//; /^#/d'; }
saves() { save4; save6; }
# What a rules file may not change: all but INPUT, OUTPUT, DOCKER-USER, the policies and the jump.
docker_rules() {
	saves | grep -Ev '^(:|-A )(INPUT|OUTPUT|DOCKER-USER)\>' | grep -v '^-A FORWARD -j DOCKER-USER$' |
		sed -E 's/^:FORWARD .*/:FORWARD/'
}
mounts_make() {
	local name
	mkdir "$dir/own"
	mount -t tmpfs tmpfs "$dir/own" || exit 1
	mkdir "$dir/own/etc" "$dir/own/etc-work" "$dir/own/sbin" "$dir/own/sbin-work"
	mount -t overlay overlay -o "lowerdir=/etc,upperdir=$dir/own/etc,workdir=$dir/own/etc-work" /etc || exit 1
	mount -t overlay overlay -o "lowerdir=/usr/sbin,upperdir=$dir/own/sbin,workdir=$dir/own/sbin-work" /usr/sbin || exit 1
	rm -rf /etc/iptables
	mkdir -p /etc/iptables
	for name in iptables ip6tables; do
		ln -sfn "/usr/sbin/$name-$rules_variant" "/etc/alternatives/$name"
		ln -sfn "/usr/sbin/$name-$rules_variant-save" "/etc/alternatives/$name-save"
		ln -sfn "/usr/sbin/$name-$rules_variant-restore" "/etc/alternatives/$name-restore"
	done
}
mounts_drop() { umount -l /usr/sbin /etc "$dir/own" 2>/dev/null; }

# run STATUS TEXT ARGUMENTS...: `wharfwall rules ...` ends so, and says so.
run() {
	local want=$1 text=$2 got
	shift 2
	ww rules "$@" >"$dir/out" 2>&1
	got=$?
	if [ "$got" = "$want" ] && grep -qF -- "$text" "$dir/out"; then return 0; fi
	echo "wharfwall rules $*: exit $got, not $want with '$text':"
	sed 's/^/    /' "$dir/out"
	return 1
}
says() { grep -qF -- "$1" "$dir/out" || { sed 's/^/    /' "$dir/out"; return 1; }; }
# json STATUS ARGUMENTS...: its answer is as the manual says.
json() {
	local want=$1 got
	shift
	ww --json rules "$@" >"$dir/out"
	got=$?
	[ "$got" = "$want" ] || { echo "exit $got, not $want"; cat "$dir/out"; return 1; }
	"$lab_top/tests/lib/check_json.py" "$lab_top/man/wharfwall.8" <"$dir/out"
}
unchanged() { saves >"$dir/now"; diff "$dir/before" "$dir/now"; }
remember() { saves >"$dir/before"; }
# sees FROM PROTO DST PORT WANT: open, or closed (refused or silent)
sees() {
	local got
	got=$(echo "1 $2 - $3 $4" | probe_from "$1" | awk '{print $2}')
	[ "$got" = open ] || got=closed
	[ "$got" = "$5" ] || { echo "$1 to $3 $2 $4: $got, not $5"; return 1; }
}
probe_from() {
	case $1 in
	inet | lan | host) nsenter --net="/run/netns/$lab-$1" "$dir/probe" 700 ;;
	*) nsenter -t "$(container_pid "$1")" -n "$dir/probe" 700 ;;
	esac
}
# both FROM PROTO PORT WANT4 [WANT6]: to the host's addresses
both() { sees "$1" "$2" $host4 "$3" "$4" && sees "$1" "$2" $host6 "$3" "${5:-$4}"; }
jump_once_first() {
	local family
	for family in save4 save6; do
		$family | grep '^-A FORWARD' >"$dir/forward"
		if [ "$(head -n 1 "$dir/forward")" != "-A FORWARD -j DOCKER-USER" ] ||
			[ "$(grep -c -- '-j DOCKER-USER' "$dir/forward")" != 1 ]; then
			echo "$family:"
			cat "$dir/forward"
			return 1
		fi
	done
}
# edit MARK RULE: a rule of one's own in its block of the file, as the article says.
edit() {
	local mark
	mark=$(grep -n -m 1 "$1" "$file" | cut -d: -f1)
	sed -i "${mark}a $2" "$file"
}

rules_start() {
	lab_start
	trap 'mounts_drop; lab_stop' EXIT
	mounts_make
	background nsenter --net="/run/netns/$lab-host" "$dir/answer" tcp:22 tcp:2222 tcp:9999
	background nsenter --net="/run/netns/$lab-inet" "$dir/answer" tcp:7000 tcp:7001
	wait_for 10 both inet tcp 9999 open
	cp "$seed/base.rules" "$seed/base.rules.empty" /etc/iptables/
}

# The article's file, as it is, on a host where dockerd has never run.
rules_before_docker() {
	expect "control: 2222 and 9999 are open in both families" both inet tcp 9999 open
	expect "control: the host reaches the Internet" sees host tcp $inet4 7000 open
	expect "check of the seed's file: warnings only" run 0 "can be loaded" check base
	expect "check says that LOG has no limit, with its place" says "base.rules:31"
	expect "the seed's file is applied" run 0 "loaded $file" apply base
	expect "extinf is every interface that leads outside" says "external: wan0, lan0"
	expect "the host's ports are closed, IPv4 and IPv6" both inet tcp 9999 closed
	expect "from the LAN too" sees lan tcp $lan4 9999 closed
	expect "ping is answered, IPv4" sees inet ping $host4 0 open
	expect "ping is answered, IPv6: neighbour discovery works" sees inet ping $host6 0 open
	expect "outgoing is closed by default, IPv4" sees host tcp $inet4 7000 closed
	expect "outgoing is closed by default, IPv6" sees host tcp $inet6 7000 closed
	expect "loopback is open" sees host tcp 127.0.0.1 9999 open
	expect "the jump is there before dockerd has ever run" jump_once_first
	remember
	expect "applied again" run 0 "loaded $file" apply base
	expect "the same rules are there, none twice" unchanged
	expect "diff finds nothing" run 0 "no difference" diff base
}

rules_docker() {
	docker_start ""
	docker_image
	expect "dockerd keeps the jump" jump_once_first
	container web "-p 8080:80 -p 8081:80" tcp:80
	web=$(container_addr web)
	docker_rules >"$dir/docker.before"
	expect "Docker has rules of its own in this variant" grep -q "DOCKER-ISOLATION" "$dir/docker.before"
	expect "a published port is closed, IPv4 and IPv6" both inet tcp 8080 closed
	expect "straight to the container's address: closed" sees inet tcp "$web" 80 closed
	expect "from the LAN too" sees lan tcp $lan4 8080 closed
	expect "the container does not get out" sees web tcp $inet4 7000 closed
	expect "the host reaches its container" sees host tcp "$web" 80 open

	expect "stop loads the empty file and says so" run 0 "this host is OPEN now" stop base
	expect "control: a published port is open now, IPv4 and IPv6" both inet tcp 8080 open
	expect "control: the host's ports are open now" both inet tcp 9999 open
	expect "control: the container gets out" sees web tcp $inet4 7000 open
	expect "stop leaves the jump" jump_once_first
	docker_rules >"$dir/docker.now"
	expect "Docker's own rules are byte-identical after stop" diff "$dir/docker.before" "$dir/docker.now"

	expect "applied after dockerd" run 0 "loaded $file" apply base
	expect "a published port is closed again" both inet tcp 8080 closed
	expect "jump after dockerd" jump_once_first
	docker_rules >"$dir/docker.now"
	expect "Docker's own rules are byte-identical after apply" diff "$dir/docker.before" "$dir/docker.now"
}

# The article's "custom accept blocks".
rules_edited() {
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 2222 -j ACCEPT"
	edit "Insert your OUTPUT ACCEPT" "-A OUTPUT -p tcp -m tcp --dport 7000 -j ACCEPT"
	edit "Insert your DOCKER-USER ACCEPT" "-A DOCKER-USER -i wan0 -p tcp -m tcp -m conntrack --ctorigdstport 8080 -j ACCEPT"
	expect "diff shows a rule that was written" run 0 "+-A INPUT -p tcp -m tcp --dport 2222 -j ACCEPT" diff base
	remember
	expect "diff and check change nothing" unchanged
	expect "applied with rules of one's own" run 0 "loaded $file" apply base
	expect "INPUT: the port is open, both families" both inet tcp 2222 open
	expect "INPUT: the others are not" both inet tcp 9999 closed
	expect "OUTPUT: the port is open, IPv4" sees host tcp $inet4 7000 open
	expect "OUTPUT: the port is open, IPv6" sees host tcp $inet6 7000 open
	expect "OUTPUT: the others are not" sees host tcp $inet4 7001 closed
	expect "DOCKER-USER: the port as dialled is open" sees inet tcp $host4 8080 open
	expect "DOCKER-USER: another port of the same container is not" sees inet tcp $host4 8081 closed
	expect "DOCKER-USER: nor is it from the LAN" sees lan tcp $lan4 8080 closed
}

rules_restart() {
	local result
	remember
	docker_stop keep
	expect "without dockerd the host stays closed" both inet tcp 9999 closed
	docker_start ""
	docker_ctl start web >/dev/null
	expect "the jump outlives a restart of dockerd" jump_once_first
	expect "DOCKER-USER holds over it: open" sees inet tcp $host4 8080 open
	expect "DOCKER-USER holds over it: closed" sees inet tcp $host4 8081 closed
	expect "applied behind the restart" run 0 "loaded $file" apply base
	expect "the jump is there once and first" jump_once_first
	result=$(saves | grep -c -- "--ctorigdstport 8080")
	expect "no rule stands twice" [ "$result" = 2 ]
}

rules_six() {
	sed 's/^-A INPUT -p icmp .*/-A INPUT -p ipv6-icmp -j ACCEPT/; s/icmp-host-prohibited/icmp6-adm-prohibited/' \
		"$file" >"${file}6"
	sed -i 's/^-A INPUT -p tcp -m tcp --dport 2222 .*/-A INPUT -p tcp -m tcp --dport 9999 -j ACCEPT/' "${file}6"
	expect "NAME.rules6 takes the place of the twin" run 0 "from ${file}6" apply base
	expect "it counts for IPv6 alone" both inet tcp 9999 closed open
	expect "and the file for IPv4 alone" both inet tcp 2222 open closed
	rm "${file}6"
	expect "without it the twin is back" run 0 "loaded $file" apply base
	expect "in both families" both inet tcp 2222 open
}

rules_stop() {
	expect "stop --lockdown closes" run 0 "this host is CLOSED now" stop base --lockdown
	expect "lockdown: closed" both inet tcp 2222 closed
	expect "lockdown: published ports too" sees inet tcp $host4 8080 closed
	expect "lockdown: the JSON answer is as the manual says" json 0 stop base --lockdown
	expect "apply ends the lockdown" run 0 "has ended" apply base
	expect "no table is left" not_loaded
	expect "open again" both inet tcp 2222 open
	expect "JSON of apply" json 0 apply base
	expect "JSON of check" json 0 check base
	expect "JSON of diff" json 0 diff base
	expect "JSON of an error" json 1 apply nothere
	mv /etc/iptables/base.rules.empty "$dir/empty"
	remember
	expect "stop without NAME.rules.empty: a clear error" run 1 "base.rules.empty" stop base
	expect "and nothing changes" unchanged
	mv "$dir/empty" /etc/iptables/base.rules.empty
}

# broken WHAT STATUS TEXT: the file as it is now is refused, the old rules are in force.
broken() {
	expect "$1: refused" run "$2" "$3" apply base
	expect "$1: the old rules are in force" unchanged
	cp "$dir/good" "$file"
}
# What is read back is not what the file says: somebody else writes at the same moment.
rules_differ() {
	local ip6=/usr/sbin/ip6tables-$rules_variant-restore

	rm "$ip6"
	cat >"$ip6" <<E
#!/bin/sh
case "\$*" in *--test*) exec /usr/sbin/xtables-$rules_variant-multi ip6tables-restore "\$@" ;; esac
/usr/sbin/xtables-$rules_variant-multi ip6tables-restore "\$@" || exit
[ -e "$dir/differed" ] && [ ! -e "$dir/always" ] && exit
: >"$dir/differed"
exec /usr/sbin/xtables-$rules_variant-multi ip6tables -w 5 -I INPUT -p udp -j ACCEPT
E
	chmod 755 "$ip6"
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 9999 -j ACCEPT"
	broken "a load that is read back as something else" 4 "chain INPUT (IPv6) did not hold what the file says"
	expect "somebody else did write" [ -e "$dir/differed" ]
	expect "nothing of it was opened, IPv4 and IPv6" both inet tcp 9999 closed
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 9999 -j ACCEPT"
	rm "$dir/differed"
	expect "it says what is in force" run 4 "the old rules are in force again" apply base
	: >"$dir/always"
	expect "when they cannot be put back, it says so" run 4 "the IPv6 rules could not be put back: chain INPUT" apply base
	expect "and does not say that they are in force" [ "$(grep -c "in force again" "$dir/out")" = 0 ]
	rm "$ip6" "$dir/always"
	ln -s "xtables-$rules_variant-multi" "$ip6"
	cp "$dir/good" "$file"
	expect "without it the file can be loaded" run 0 "loaded $file" apply base
	expect "and is as it was" unchanged
}
# Waits for the deadline of 30 seconds.
rules_hang() {
	local ip6=/usr/sbin/ip6tables-$rules_variant-restore
	rm "$ip6"
	cat >"$ip6" <<E
#!/bin/sh
case "\$*" in *--test*) cat >/dev/null; exit 0 ;; esac
[ ! -e "$dir/hung" ] || exec /usr/sbin/xtables-$rules_variant-multi ip6tables-restore "\$@"
: >"$dir/hung"
/usr/sbin/xtables-$rules_variant-multi ip6tables-restore "\$@"
exec sleep 100
E
	chmod 755 "$ip6"
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 9999 -j ACCEPT"
	broken "a load without an end" 4 "the old rules are in force again"
	expect "it was begun" [ -e "$dir/hung" ]
	rm "$ip6"
	ln -s "xtables-$rules_variant-multi" "$ip6"
	expect "and nothing stays open behind it" both inet tcp 9999 closed
}
rules_broken() {
	local ip6
	cp "$file" "$dir/good"
	remember
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp --dprot 80 -j ACCEPT"
	broken "an option that nobody knows" 1 "base.rules:26"
	edit "Insert your INPUT ACCEPT" "-A INPUT -m nosuchmatch --thing 1 -j ACCEPT"
	broken "a match that nobody knows" 1 "[E0880]"
	edit "Insert your INPUT ACCEPT" "-A INPUT -j NOSUCHCHAIN"
	broken "a chain that is not there" 1 "base.rules:26"
	head -c 700 "$dir/good" >"$file"
	broken "half a file" 1 "base.rules"
	printf '*filter\n-A INPUT -j ACC\0EPT\nCOMMIT\n' >"$file"
	broken "a NUL byte" 1 "base.rules:2"
	truncate -s 100M "$file"
	broken "100 MiB" 1 "base.rules"
	chmod 666 "$file"
	broken "a file that anybody may write" 4 "base.rules"
	chmod 644 "$file"
	rm "$file"
	broken "no file" 1 "base.rules"
	on_host iptables-save >"$file"
	broken "a dump with Docker's chains" 1 "[E0851]"
	on_host ip route del default
	broken "no default route: extinf cannot be resolved" 1 "default route"
	on_host ip route add default via 198.51.100.2

	# ip6tables-restore passes the test and fails to load
	ip6=/usr/sbin/ip6tables-$rules_variant-restore
	rm "$ip6"
	cat >"$ip6" <<E
#!/bin/sh
case "\$*" in *--test*) cat >/dev/null; exit 0 ;; esac
echo "ip6tables-restore: line 3 failed" >&2
exit 1
E
	chmod 755 "$ip6"
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 9999 -j ACCEPT"
	broken "IPv6 fails behind IPv4, which is put back" 1 "base.rules"
	rm "$ip6"
	ln -s "xtables-$rules_variant-multi" "$ip6"
	expect "and nothing was opened" both inet tcp 9999 closed

	rm "$ip6"
	cat >"$ip6" <<E
#!/bin/sh
case "\$*" in *--test*) cat >/dev/null; exit 0 ;; esac
[ ! -e "$dir/crashed" ] || exec /usr/sbin/xtables-$rules_variant-multi ip6tables-restore "\$@"
: >"$dir/crashed"
/usr/sbin/xtables-$rules_variant-multi ip6tables-restore "\$@"
kill -SEGV \$\$
E
	chmod 755 "$ip6"
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 9999 -j ACCEPT"
	broken "a crash behind the load" 1 "crashed on the IPv6 rules (signal 11)"
	expect "there was one" [ -e "$dir/crashed" ]
	rm "$ip6"
	ln -s "xtables-$rules_variant-multi" "$ip6"
	expect "and nothing was opened by it" both inet tcp 9999 closed

	rules_differ
	if [ "$rules_variant" = nft ]; then
		rules_hang
		edit "Insert your INPUT ACCEPT" "-R INPUT 1 -i lo -j ACCEPT"
		broken "a crash of iptables-nft-restore itself" 1 "base.rules:26"
		edit "Insert your INPUT ACCEPT" "-R INPUT 1 -i lo -j ACCEPT"
		expect "the remedy is named" run 1 "write the rule in its place" apply base
		cp "$dir/good" "$file"
	fi

	on_host "iptables-$(other_variant)" -A INPUT -p tcp --dport 1 -j ACCEPT
	broken "both variants hold rules" 3 "iptables-$(other_variant)"
	on_host "iptables-$(other_variant)" -F INPUT
	expect "without them it can be loaded" run 0 "loaded $file" apply base

	if [ "$rules_variant" = legacy ]; then
		: >>/run/xtables.lock
		background bash -c 'exec 9>>/run/xtables.lock && flock 9 && exec sleep 60'
		wait_for 10 sh -c "! flock -n /run/xtables.lock true"
		broken "somebody holds the lock" 4 "xtables.lock"
		kill "${lab_pids[-1]}"
		wait "${lab_pids[-1]}" 2>/dev/null
	fi
	mkdir -p "$dir/nothing"
	expect "no iptables on this host: said, nothing changed" without_iptables
}
without_iptables() {
	unshare -m bash -c "mount --bind '$dir/nothing' /usr/sbin && nsenter --net=/run/netns/$lab-host \
		'$wharfwall' --state-dir '$dir/state' --docker-host '$docker_url' rules apply base" >"$dir/out" 2>&1
	[ $? = 1 ] && says "iptables, which is not installed"
}

# Each match and target is kept as it was written, known or not.
rules_kept() {
	edit "Insert your INPUT ACCEPT" \
		'-A INPUT -p tcp -m string --string "a \\"b\\" c" --algo bm --to 90 -m comment --comment "it'"'"'s" -j MARK --set-mark 0x7'
	expect "matches that wharfwall does not know are loaded" run 0 "loaded $file" apply base
	save4 >"$dir/now"
	expect "with all that was written" grep -qF -- '--set-xmark 0x7/0xffffffff' "$dir/now"
	cp "$dir/good" "$file"
	expect "and taken out again" run 0 "loaded $file" apply base
}

# The unit's way: whatever is wrong, the host ends with rules or closed.
rules_boot() {
	remember
	echo "-A INPUT" >>"$file"
	expect "reload of a broken file: exit 1" run 1 "error" apply base
	expect "reload of a broken file: the old rules" unchanged
	on_host "iptables-$rules_variant" -F INPUT
	on_host "ip6tables-$rules_variant" -F INPUT
	expect "control: without rules it is open" both inet tcp 9999 open
	expect "boot with a broken file: the last good one" run 1 "loaded what was good last instead: $file" apply --boot base
	expect "boot with a broken file: the same rules" unchanged
	expect "boot with a broken file: closed as before" both inet tcp 9999 closed
	expect "boot with a broken file: open as before" both inet tcp 2222 open

	head -c 900 "$dir/state/rules/base.good" >"$dir/half" && mv "$dir/half" "$dir/state/rules/base.good"
	ipt -F INPUT
	ipt6 -F INPUT
	expect "boot with nothing good: closed" run 1 "this host is closed" apply --boot base
	expect "boot with nothing good: but for SSH" both inet tcp 22 open
	expect "boot with nothing good: 2222 is closed" both inet tcp 2222 closed
	expect "boot with nothing good: published ports are closed" sees inet tcp $host4 8080 closed
	cp "$dir/good" "$file"
	expect "a good file ends it" run 0 "has ended" apply base
	expect "and counts" both inet tcp 2222 open

	ipt -F INPUT
	on_host ip route del default
	expect "boot without routes: the interfaces of the last load" run 0 "external: wan0, lan0" apply --boot base
	on_host ip route add default via 198.51.100.2
	expect "and counts" sees inet tcp $host4 8081 closed
	expect "stop of the unit, where systemd does not say so: nothing" run 0 "the rules stay as they are" stop --unit base
	expect "still closed" both inet tcp 9999 closed
}

# The administrator's own connection.
rules_ssh() {
	remember
	export SSH_CONNECTION="$inet4 50000 $host4 22"
	expect "a file that cuts the own SSH connection: refused" run 3 "--force goes on" apply base
	expect "and nothing changes" unchanged
	expect "JSON of the refusal" json 3 apply base
	expect "check shows the place" run 0 "[W0912]" check base
	expect "--force goes on" run 0 "loaded $file" apply base --force
	unset SSH_CONNECTION
}

# A file with rules of its own where Docker's rules hang too, and with chains of its own.
rules_shared() {
	printf '*filter\n-N MINE\n-A MINE -j RETURN\n-A FORWARD -i lan0 -o wan0 -m comment --comment "one" -j MINE\nCOMMIT\n' \
		>/etc/iptables/shared.rules
	docker_rules >"$dir/docker.before"
	expect "rules in FORWARD are added" run 0 "loaded /etc/iptables/shared.rules" apply shared
	expect "and again" run 0 "loaded /etc/iptables/shared.rules" apply shared
	expect "they are there once" [ "$(save4 | grep -c 'comment one')" = 1 ]
	expect "diff finds nothing in a chain that Docker has rules in" run 0 "no difference" diff shared
	ipt -D FORWARD -i lan0 -o wan0 -m comment --comment one -j MINE
	expect "diff shows the file's rule that is gone" run 0 '+-A FORWARD -i lan0 -o wan0 -m comment --comment one -j MINE' diff shared
	expect "and none of Docker's" [ "$(grep -cE '^[-+ ]-A' "$dir/out")" = 1 ]
	expect "back again" run 0 "loaded /etc/iptables/shared.rules" apply shared
	docker_rules | grep -v MINE >"$dir/docker.now"
	expect "Docker's rules in FORWARD are byte-identical" diff "$dir/docker.before" "$dir/docker.now"
	sed -i 's/"one"/"two"/' /etc/iptables/shared.rules
	expect "diff shows an edit" run 0 '+-A FORWARD -i lan0 -o wan0 -m comment --comment two -j MINE' diff shared
	expect "and what it replaces" says '--A FORWARD -i lan0 -o wan0 -m comment --comment one -j MINE'
	expect "an edit" run 0 "loaded /etc/iptables/shared.rules" apply shared
	expect "takes the old one out" [ "$(save4 | grep -c 'comment one')$(save4 | grep -c 'comment two')" = 01 ]
	expect "the jump is still there once and first" jump_once_first
	ipt -D FORWARD -i lan0 -o wan0 -m comment --comment two -j MINE
	ipt6 -D FORWARD -i lan0 -o wan0 -m comment --comment two -j MINE
	ipt -F MINE && ipt -X MINE && ipt6 -F MINE && ipt6 -X MINE
}

# An engine that has no DOCKER-USER: told by its configuration as long as it does not run.
rules_nftables() {
	docker_stop
	docker_url=unix://$dir/none
	mkdir -p /etc/docker
	echo '{"firewall-backend": "nftables"}' >/etc/docker/daemon.json
	cp "$file" /etc/iptables/native.rules
	cp /etc/iptables/base.rules.empty /etc/iptables/native.rules.empty
	ipt -D FORWARD -j DOCKER-USER && ipt -F DOCKER-USER && ipt -X DOCKER-USER
	expect "nftables backend: loaded" run 0 "its rules are in the table" apply native
	on_host nft -s list table inet wharfwall >"$dir/table"
	expect "nftables backend: the rules for containers are in our table" grep -q "tcp dport\|ct original" "$dir/table"
	expect "nftables backend: for both cards" grep -q lan0 "$dir/table"
	expect "nftables backend: iptables has no DOCKER-USER" [ "$(save4 | grep -c DOCKER-USER)" = 0 ]
	expect "nftables backend: its bridges pass the policy of FORWARD" passes_are 4
	expect "nftables backend: applied again" run 0 "its rules are in the table" apply native
	expect "nftables backend: they do so once" passes_are 4
	expect "nftables backend: host ports as ever" both inet tcp 9999 closed
	expect "nftables backend: no difference now" run 0 "no difference" diff native
	expect "nftables backend: status tells it" status_says "native"
	edit_native "-A DOCKER-USER -i wan0 -m string --string x --algo bm -j DROP"
	remember
	on_host nft -s list table inet wharfwall >"$dir/table"
	expect "nftables backend: what cannot be said is refused" run 1 "[E0871]" apply native
	expect "nftables backend: with nothing changed" unchanged
	on_host nft -s list table inet wharfwall >"$dir/table.now"
	expect "nftables backend: nor in the table" diff "$dir/table" "$dir/table.now"
	expect "nftables backend: stop takes the table away" run 0 "this host is OPEN now" stop native
	expect "nftables backend: it is gone" not_loaded
	expect "nftables backend: the file that stop loads has the policy, too" passes_are 4
	cp "$file" "$dir/own.rules" && cp "$file.empty" "$dir/own.rules.empty"
	expect "a file by its path: loaded" run 0 "loaded $dir/own.rules" apply "$dir/own.rules"
	expect "a file by its path: closed" both inet tcp 9999 closed
	expect "a file by its path: stop loads the one beside it" run 0 "loaded $dir/own.rules.empty: this host is OPEN now" stop "$dir/own.rules"
	expect "a file by its path: open, as it says" both inet tcp 9999 open
	expect "a file by its path: the table is gone" not_loaded
	rm /etc/docker/daemon.json
	expect "another backend: what passed its bridges goes" run 0 "loaded $file" apply base
	expect "another backend: none is left" passes_are 0
	run 0 "OPEN" stop base
	echo '{"firewall-backend": "nftables"}' >/etc/docker/daemon.json
	echo "internet -> host { allow tcp 22 }" | sed '1i zone internet = auto' >"$policy"
	chmod 600 "$policy"
	ww apply >/dev/null
	cp "$file" /etc/iptables/native.rules
	expect "nftables backend: not into a policy's table" run 3 "import" apply native
	ww stop --open >/dev/null
}
# A table of iptables' own name that another program owns; in a host of its own.
rules_owner() {
	local host=$lab-host own=$lab-own
	ip netns add "$own"
	ip -n "$own" link add wan0 type veth peer name peer0
	ip -n "$own" addr add 192.0.2.1/24 dev wan0
	ip -n "$own" link set wan0 up
	ip -n "$own" link set peer0 up
	ip -n "$own" route add default via 192.0.2.2
	coproc OWNER { nsenter --net="/run/netns/$own" nft -i; }
	echo 'add table ip filter { flags owner; }; add chain ip filter INPUT { type filter hook input priority 0; policy accept; }' >&"${OWNER[1]}"
	lab_host_is "$own"
	wait_for 10 on_host nft list chain ip filter INPUT
	on_host nft -s list table ip filter >"$dir/before"
	expect "a table that another program owns: a clear error" run 4 "another program owns them" apply "$file"
	on_host nft -s list table ip filter >"$dir/now"
	expect "and it is as it was" diff "$dir/before" "$dir/now"
	on_host ip6tables-save | grep -- -A >"$dir/now"
	expect "and so is IPv6" [ ! -s "$dir/now" ]
	lab_host_is "$host"
	kill "$OWNER_PID" 2>/dev/null
	wait "$OWNER_PID" 2>/dev/null
	ip netns del "$own"
}
# Whose namespace on_host means.
lab_host_is() { eval "on_host() { nsenter --net=/run/netns/$1 \"\$@\"; }"; }
passes_are() { [ "$(save4 | grep -c 'engine decides') $(save6 | grep -c 'engine decides')" = "$1 $1" ]; }
edit_native() { sed -i "/Insert your DOCKER-USER ACCEPT/a $1" /etc/iptables/native.rules; }
status_says() { ww status >"$dir/out" && says "$1"; }

rules_test() {
	rules_start
	rules_before_docker
	rules_docker
	rules_ssh
	rules_edited
	rules_shared
	rules_restart
	rules_six
	rules_stop
	rules_broken
	rules_kept
	rules_boot
	rules_nftables
	[ "$rules_variant" = legacy ] || rules_owner
	lab_end
}
