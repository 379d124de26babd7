# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What the units replace, and what they are tried with: first the units we were asked to replace,
# beside cloud-init (the control: a cycle, and a host that is open); then ours in their place.
# A port of the host and one of a container that the file opens, edits, the engine upgraded in place,
# files cut off by a power cut, other firewalls.  Sourced by test-machine-rules-*.
# shellcheck source=tests/lab/machine-units.sh
. "$(dirname "${BASH_SOURCE[0]}")/machine-units.sh"

office4=203.0.113.7 office6=2001:db8:1::7
# office_sees PORT WANT: in both families, from the one address that a rule of IPv4 names
office_sees() {
	local got
	got=$(printf '1 tcp %s %s %s\n2 tcp %s %s %s\n' $office4 $host4 "$1" $office6 $host6 "$1" |
		in_ns inet "$dir/probe" 700 | sort -n | awk '{printf " %s", $2 == "open" ? $2 : "closed"}')
	[ "$got" = " $2" ] || { echo "port $1 from the office:$got"; return 1; }
}
rules_attack() {
	knock_start inet "${targets[@]}"
	knock_start lan 192.168.77.1/9999 fd77::1/9999 192.168.77.1/8080 fd77::1/8080
}
tried=0
# held WHAT: since rules_attack, all that this is about
held() {
	nothing_got_in "$1"
	ssh_was_open "$1"
	expect "$1: all that was meant to be sent went out" [ "$(knock_count failed)" = 0 ]
	tried=$((tried + $(knock_count refused '/(9999|8080)$') + $(knock_count silent '/(9999|8080)$')))
}
after() { # COMMAND...: a line of base.rules after the place that the article says
	edit "Insert your $1 ACCEPT" "$2"
}
cycles() { machine_console m | grep -ci 'ordering cycle'; }
says() { # PATTERN: in what install-units wrote
	grep -q -- "$1" "$dir/says" || { sed 's/^/# /' "$dir/says"; return 1; }
}
install_units() { m wharfwall rules install-units "$@" >"$dir/says" 2>&1; }

is_open() { [ "$(machine_probe "$1" tcp "$2" 9999)" = open ]; }

# cloud-init's own unit, where it is not installed: after the network, before sysinit.target.
rules_cloud() {
	cat >"$root/etc/systemd/system/cloud.service" <<'END'
[Unit]
DefaultDependencies=no
After=systemd-networkd.service networking.service
Before=network-online.target sysinit.target shutdown.target
Conflicts=shutdown.target
[Service]
Type=oneshot
ExecStart=/bin/true
RemainAfterExit=yes
[Install]
WantedBy=sysinit.target
END
	systemctl --root="$root" enable cloud.service >/dev/null 2>&1
}

# The units that ours replace, as the article installs them.
rules_predecessor() { # DISTRO
	[ "$1" = bookworm ] || rules_cloud
	mkdir -p "$root/etc/iptables"
	cp "$seed/iptables.service" "$seed/iptables@.service" "$root/etc/systemd/system/"
	cp "$seed/base.rules" "$seed/base.rules.empty" "$root/etc/iptables/"
	systemctl --root="$root" enable iptables.service iptables@base.service >/dev/null 2>&1
	rules_attack
	machine_boot m
	# the job that systemd leaves out may be that of the network, or Docker's
	case $1 in
	bookworm) [ "$(state networking)" = active ] || m systemctl start networking ;;
	*) [ "$(state systemd-networkd)" = active ] || m systemctl start systemd-networkd ;;
	esac
	[ "$(state docker)" = active ] || { m systemctl start docker && machine_load m; }
	machine_console m | grep -i 'cycle' | sed 's/^/# /'
	machine_container m web "-p 8080:80" tcp:80
	machine_container m api "-p 8081:81" tcp:81
	wait_for 20 is_open inet 2001:db8:51::1 && wait_for 20 is_open lan fd77::1
	knock_stop
	sed 's/^/# /' "$dir/knocks"
	expect "control: the units from before are in a cycle" [ "$(cycles)" -gt 0 ]
	expect "control: and hosts are open with them" [ "$(knock_count opened '^2001.*/9999$')" -gt 0 ]
	expect "control: on every side" [ "$(knock_count opened '^fd77.*/9999$')" -gt 0 ]
}

# Other firewalls, and names that somebody else has.
rules_conflicts() { # DISTRO
	local units=$root/etc/systemd/system other=$root/etc/systemd/system/netfilter-persistent.service
	local sums
	mv "$units/iptables.service" "$dir/kept"
	printf '[Service]\nType=oneshot\nExecStart=/bin/true\nRemainAfterExit=yes\n' >"$other"
	ln -s netfilter-persistent.service "$units/iptables.service"
	mkdir -p "$units/multi-user.target.wants"
	ln -s ../netfilter-persistent.service "$units/multi-user.target.wants/"
	m systemctl enable nftables.service >/dev/null 2>&1
	sums=$(cd "$units" && find . -type f -exec sha256sum {} + | sort)
	expect "an alias is not written through" not install_units
	expect "the alias is named" says "is a link to 'netfilter-persistent.service'"
	expect "netfilter-persistent is named" says "netfilter-persistent.service is [ae]"
	expect "nftables is named" says "nftables.service is enabled"
	expect "nothing was written" [ "$sums" = "$(cd "$units" && find . -type f -exec sha256sum {} + | sort)" ]
	expect "and the alias is a link still" [ -L "$units/iptables.service" ]
	m systemctl disable nftables.service >/dev/null 2>&1
	rm "$units/iptables.service" "$other" "$units/multi-user.target.wants/netfilter-persistent.service"
	printf '[Service]\nExecStart=/bin/false\n' >"$units/iptables.service"
	expect "somebody's unit of that name is not overwritten" not install_units
	expect "and stays" [ "$(sha256sum <"$units/iptables.service")" = "$(printf '[Service]\nExecStart=/bin/false\n' | sha256sum)" ]
	mv "$dir/kept" "$units/iptables.service"
	[ "$1" = forky ] || return 0
	m systemctl enable firewalld >/dev/null 2>&1
	sed -i 's/^ENABLED=.*/ENABLED=yes/' "$root/etc/ufw/ufw.conf"
	m systemctl enable ufw >/dev/null 2>&1
	install_units --dry-run
	expect "firewalld is named" says "firewalld.service is enabled"
	expect "ufw is named" says "ufw.service is enabled"
	m systemctl disable firewalld ufw >/dev/null 2>&1
	sed -i 's/^ENABLED=.*/ENABLED=no/' "$root/etc/ufw/ufw.conf"
}

# ports_as_written WHEN DISTRO: 8081 is open, all else is not
ports_as_written() {
	expect "$1: the container's open port, IPv4" wait_for 20 api_is_open $host4
	expect "$1: the container's open port, IPv6" wait_for 20 api_is_open $host6
	expect "$1: its other is closed" sees 8080 closed
	expect "$1: the host's port is closed" sees 9999 closed
	expect "$1: but for the office" office_sees 9999 "open closed"
}
api_is_open() { [ "$(machine_probe inet tcp "$1" 8081)" = open ]; }

rules_replace() { # DISTRO
	machine_install m
	rules_conflicts "$1"
	expect "install-units takes the place of the units from before" install_units
	expect "which are kept" [ -e "$root/etc/systemd/system/iptables@.service.saved" ]
	expect "the rules are not touched" cmp "$seed/base.rules" "$root/etc/iptables/base.rules"
	after INPUT "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"
	after DOCKER-USER "-A DOCKER-USER -i extinf -p tcp -m tcp -m conntrack --ctorigdstport 8081 -j ACCEPT"
	m systemctl daemon-reload
	# the links from before are of another target
	m systemctl reenable iptables.service iptables@base.service >/dev/null 2>&1
	expect "enable --now" m systemctl enable --now iptables.service iptables@base.service
	m systemctl restart iptables@base.service
	expect "the host's port is closed" sees 9999 closed
	rules_attack
	after INPUT "-A INPUT -s $office4/32 -p tcp -m tcp --dport 9999 -j ACCEPT"
	after INPUT "-A INPUT -p tcp -m tcp --dport 8081 -j ACCEPT"
	cp "$root/etc/iptables/base.rules" "$dir/good"
	expect "reload after an edit" m systemctl reload iptables@base.service
	expect "the edit holds, for IPv4 alone" office_sees 9999 "open closed"
	for _ in 1 2 3 4 5; do m systemctl restart iptables.service iptables@base.service || break; done
	expect "six restarts in ten seconds" [ "$(state iptables@base.service)" = active ]
	held "edit, reload, six restarts"
}

was_early() { # UNIT
	local start
	# the one of both that this machine has
	start=$(m systemctl show -P ExecMainStartTimestampMonotonic networking systemd-networkd | sort -n | tail -n 1)
	[ "$start" -gt "$(m systemctl show -P ExecMainExitTimestampMonotonic "$1")" ]
}
# A boot, a restart of the engine, its upgrade.
rules_engine() { # DISTRO
	local before
	rules_attack
	machine_reboot m
	ports_as_written "boot"
	held "boot"
	expect "active after a boot" [ "$(state iptables@base.service)" = active ]
	expect "beside cloud-init no ordering cycle" [ "$(cycles)" = 0 ]
	expect "loaded before the network's own software starts" was_early iptables@base.service
	[ "$1" != bookworm ] ||
		expect "cloud-init has run" [ "$(state cloud-init.service)" = active ]
	rules_attack
	expect "restart of dockerd" m systemctl restart docker
	before=$(m systemctl show -P MainPID docker)
	m sh -c 'dpkg -i /root/docker.io_*.deb' >"$dir/upgrade" 2>&1
	expect "dockerd is upgraded in place" [ "$(state docker)$(grep -c '^Unpacking docker.io' "$dir/upgrade")" = active1 ]
	[ "$(m systemctl show -P MainPID docker)" != "$before" ] || m systemctl restart docker
	ports_as_written "restart and upgrade of dockerd"
	held "restart and upgrade of dockerd"
	expect "the jump is there once, first" [ "$(m iptables -S FORWARD | grep -n DOCKER-USER)" = "2:-A FORWARD -j DOCKER-USER" ]
	echo "# dockerd here has $(m dockerd --help | grep -c -- --firewall-backend) option for a backend of nftables"
	m systemctl stop iptables@base.service
	m journalctl -b -o cat -u iptables@base.service >"$dir/says"
	expect "stop opens" sees 9999 open
	expect "stop says so" says "OPEN"
	expect "start" m systemctl start iptables@base.service
}

last_good=var/lib/wharfwall/rules/base.good
halve() { # FILE: what a disk may have of it, the power being cut
	local size
	size=$(stat -c %s "$1")
	truncate -s $((size / 2)) "$1"
}
was_written() { [ "$(stat -c %i "$root/$last_good")" != "$1" ]; }
rules_cut() {
	local before
	before=$(stat -c %i "$root/$last_good")
	rules_attack
	machine_run m sh -c 'while wharfwall rules apply base; do :; done' >/dev/null 2>&1 </dev/null &
	expect "an apply is under way" wait_for 20 was_written "$before"
	machine_power_cut m
	halve "$root/$last_good"
	machine_boot m
	ports_as_written "power cut in an apply, half of what was kept"
	held "power cut in an apply, half of what was kept"
	expect "the unit is active" [ "$(state iptables@base.service)" = active ]

	rules_attack
	machine_power_cut m
	halve "$root/$last_good"
	halve "$root/etc/iptables/base.rules"
	machine_boot m
	expect "half of both: what was open is closed" sees 8081 closed
	expect "half of both: what was open to one, too" office_sees 9999 "closed closed"
	held "half of both"
	expect "the unit has failed" [ "$(state iptables@base.service)" = failed ]
	m systemctl status iptables@base.service --no-pager | tail -n 5 | sed 's/^/# /'
	m systemctl disable iptables.service iptables@base.service >/dev/null 2>&1
	rm -r "$root/var/lib/wharfwall/rules"
}

# The same with a policy.
rules_policy() {
	cat >"$root/etc/wharfwall/wharfwall.policy" <<'END'
zone internet = auto

internet -> host {
    allow tcp 22
}
END
	chmod 600 "$root/etc/wharfwall/wharfwall.policy"
	m systemctl enable wharfwall.service >/dev/null 2>&1
	expect "a policy" m systemctl restart wharfwall.service
	expect "what is kept of it" [ -s "$root/var/lib/wharfwall/applied.policy" ]
	rules_attack
	machine_power_cut m
	halve "$root/var/lib/wharfwall/applied.policy"
	machine_boot m
	expect "half of what was kept: the policy holds" [ "$(state wharfwall.service)" = active ]
	expect "loaded before the network's own software starts" was_early wharfwall.service
	held "half of what was kept of a policy"
	rules_attack
	machine_power_cut m
	halve "$root/var/lib/wharfwall/applied.policy"
	halve "$root/etc/wharfwall/wharfwall.policy"
	machine_boot m
	expect "half of both: the unit has failed" [ "$(state wharfwall.service)" = failed ]
	held "half a policy, half of what was kept"
	expect "beside cloud-init no ordering cycle" [ "$(cycles)" = 0 ]
}

rules_test() { # DISTRO
	machine_lab_start
	machine_image "$1"
	machine_new m "$1"
	rules_predecessor "$1"
	rules_replace "$1"
	rules_engine "$1"
	rules_cut
	rules_policy
	machine_down m
	echo "# $tried connections to closed ports"
	lab_end
}
