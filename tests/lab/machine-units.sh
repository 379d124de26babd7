# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The article's "Getting started" on a machine that boots, with our program behind the units: boot,
# reboot, restart, reload, stop, a broken file at boot, a power cut.  An attacker connects a thousand
# times a second all the while.  Sourced by test-units-*.
# shellcheck source=tests/lab/machine.sh
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

seed=$lab_top/tests/seed
host4=198.51.100.1 host6=2001:db8:51::1
targets=("$host4/9999" "$host6/9999" "$host4/8080" "$host6/8080" "$host4/22" "$host6/22")
m() { machine_run m "$@" </dev/null; }
state() { m systemctl is-active "$1"; }
# sees PORT WANT: from the Internet, both families
sees() {
	local got4 got6
	got4=$(machine_probe inet tcp $host4 "$1")
	got6=$(machine_probe inet tcp $host6 "$1")
	[ "$got4" = open ] || got4=closed
	[ "$got6" = open ] || got6=closed
	[ "$got4 $got6" = "$2 $2" ] || { echo "port $1: $got4 by IPv4, $got6 by IPv6"; return 1; }
}
container_runs() { [ "$(m docker inspect -f '{{.State.Running}}' web 2>/dev/null)" = true ]; }
attack() { knock_start inet "${targets[@]}"; }
# nothing_got_in WHAT [PATTERN]: since attack, on a port that is closed
nothing_got_in() {
	knock_stop
	sed 's/^/# /' "$dir/knocks"
	expect "$1: nothing got in" [ "$(knock_count opened '/(9999|8080)$')" = 0 ]
	expect "$1: somebody tried" [ "$(($(knock_count refused '/(9999|8080)$') + $(knock_count silent '/(9999|8080)$')))" -gt 100 ]
}
ssh_was_open() {
	expect "$1: SSH was open, IPv4" [ "$(knock_count opened '^198.*/22$')" -gt 20 ]
	expect "$1: SSH was open, IPv6" [ "$(knock_count opened '^2001.*/22$')" -gt 20 ]
}
edit() { # MARK RULE
	local mark
	mark=$(grep -n -m 1 "$1" "$root/etc/iptables/base.rules" | cut -d: -f1)
	sed -i "${mark}a $2" "$root/etc/iptables/base.rules"
}

# As the article has it; `install-units` in the place of its `cp`.
units_started() { # DISTRO
	machine_boot m
	machine_container m web "-p 8080:80" tcp:80
	expect "control: all is open without rules" wait_for 10 sees 8080 open
	expect "control: the host's port too" sees 9999 open
	machine_install m
	[ "$1" != forky ] || m systemctl enable firewalld ufw >/dev/null 2>&1
	expect "install-units" m wharfwall rules install-units
	m wharfwall rules install-units --dry-run >"$dir/units" 2>&1
	sed 's/^/# /' "$dir/units"
	expect "a second time there is nothing to do" [ "$(grep -c 'would be written' "$dir/units")" = 0 ]
	m wharfwall --json rules install-units --dry-run >"$dir/json"
	expect "its JSON answer is as the manual says" "$lab_top/tests/lib/check_json.py" "$lab_top/man/wharfwall.8" <"$dir/json"
	if [ "$1" = forky ]; then
		expect "firewalld is named, and what it does" grep -q "firewalld.service is enabled" "$dir/units"
		m systemctl disable --now firewalld ufw >/dev/null 2>&1
	fi
	cp "$seed/base.rules" "$seed/base.rules.empty" "$root/etc/iptables/"
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"
	m systemctl daemon-reload
	m systemctl enable iptables.service
	m systemctl enable iptables@base.service
	expect "start" m systemctl start iptables@base.service
	expect "the unit is active" [ "$(state iptables@base.service)" = active ]
	expect "a host port is closed" sees 9999 closed
	expect "a published port is closed" sees 8080 closed
	expect "SSH is open" sees 22 open
}

units_run() {
	attack
	expect "restart" m systemctl restart iptables@base.service
	expect "restart of all" m systemctl restart iptables.service
	expect "reload" m systemctl reload iptables@base.service
	expect "restart of dockerd" m systemctl restart docker
	nothing_got_in "restarts"
	ssh_was_open "restarts"
	attack
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "poweroff and boot"
	ssh_was_open "poweroff and boot"
	expect "active after a boot" [ "$(state iptables@base.service)" = active ]
	expect "no ordering cycle" [ "$(machine_console m | grep -c 'ordering cycle')" = 0 ]
	expect "the jump is there once, first" [ "$(m iptables -S FORWARD | grep -n DOCKER-USER)" = "2:-A FORWARD -j DOCKER-USER" ]
	expect "stop" m systemctl stop iptables@base.service
	expect "stop opens: it is the user's own word" wait_for 5 sees 9999 open
	expect "stop opens published ports" wait_for 5 sees 8080 open
	expect "start again" m systemctl start iptables@base.service
	expect "closed again" sees 9999 closed
}

units_broken() {
	cp "$root/etc/iptables/base.rules" "$dir/good"
	edit "Insert your INPUT ACCEPT" "-A INPUT -p tcp --dprot 80 -j ACCEPT"
	attack
	expect "reload of a broken file fails" not m systemctl reload iptables@base.service
	expect "and the unit stays active" [ "$(state iptables@base.service)" = active ]
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "a broken file at boot"
	ssh_was_open "a broken file at boot"
	expect "the unit has failed" [ "$(state iptables@base.service)" = failed ]
	m journalctl -b -o cat -u iptables@base.service >"$dir/journal"
	expect "the journal says why and what was loaded" grep -q "loaded what was good last instead" "$dir/journal"
	sed 's/^/# /' "$dir/journal"

	head -c 900 "$dir/good" >"$root/etc/iptables/base.rules"
	attack
	machine_power_cut m
	machine_boot m
	wait_for 30 container_runs
	nothing_got_in "half a file after a power cut"
	ssh_was_open "half a file after a power cut"

	rm -r "$root/var/lib/wharfwall/rules"
	attack
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "half a file and nothing good"
	ssh_was_open "half a file and nothing good"
	expect "the unit has failed" [ "$(state iptables@base.service)" = failed ]
	cp "$dir/good" "$root/etc/iptables/base.rules"
	expect "a good file, and it starts" m systemctl start iptables@base.service
	expect "no lockdown is left" [ "$(m nft list tables | grep -c wharfwall)" = 0 ]
	m systemctl disable --now iptables@base.service iptables.service >/dev/null 2>&1
}

# The policy's own unit.
units_policy() {
	echo "internet -> host { allow tcp 22 }" | sed '1i zone internet = auto' >"$root/etc/wharfwall/wharfwall.policy"
	chmod 600 "$root/etc/wharfwall/wharfwall.policy"
	expect "enable --now wharfwall" m systemctl enable --now wharfwall.service
	expect "a policy closes the host" sees 9999 closed
	attack
	expect "restart" m systemctl restart wharfwall
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "wharfwall.service over a reboot"
	ssh_was_open "wharfwall.service over a reboot"
	expect "active after a boot" [ "$(state wharfwall.service)" = active ]
	echo "nonsense" >>"$root/etc/wharfwall/wharfwall.policy"
	attack
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "a broken policy at boot"
	ssh_was_open "a broken policy at boot"
	expect "the unit has failed" [ "$(state wharfwall.service)" = failed ]
	expect "no ordering cycle" [ "$(machine_console m | grep -c 'ordering cycle')" = 0 ]
}
not() { ! "$@"; }

# netfilter-persistent loads its own rules over whole tables; a slow one comes second by chance.
units_persistent() {
	local family
	for family in 4 6; do
		printf '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n' >"$root/etc/iptables/rules.v$family"
	done
	cat >"$root/etc/systemd/system/netfilter-persistent.service" <<'END'
[Unit]
DefaultDependencies=no
Wants=network-pre.target systemd-modules-load.service local-fs.target
Before=network-pre.target shutdown.target
After=systemd-modules-load.service local-fs.target
Conflicts=shutdown.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/bin/sleep 0.5
ExecStart=/bin/sh -c "iptables-restore </etc/iptables/rules.v4; ip6tables-restore </etc/iptables/rules.v6"
[Install]
WantedBy=multi-user.target
END
	m systemctl enable --now netfilter-persistent.service >/dev/null 2>&1
	m systemctl enable --now iptables@base.service >/dev/null 2>&1
	expect "the rules are loaded beside netfilter-persistent" sees 9999 closed
	attack
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "netfilter-persistent at boot"
	ssh_was_open "netfilter-persistent at boot"
	expect "netfilter-persistent is active" [ "$(state netfilter-persistent)" = active ]
	expect "and so are the rules" [ "$(state iptables@base)" = active ]
	expect "beside netfilter-persistent no ordering cycle" [ "$(machine_console m | grep -c 'ordering cycle')" = 0 ]
	expect "restart of netfilter-persistent" m systemctl restart netfilter-persistent
	expect "the rules are loaded behind it" wait_for 5 sees 9999 closed
	expect "SSH too" sees 22 open
	m systemctl stop netfilter-persistent
	expect "stop of netfilter-persistent" [ "$(state iptables@base)" = inactive ]
	expect "is nobody's word to open" sees 9999 closed
	m journalctl -b -o cat -u iptables@base.service >"$dir/journal"
	expect "the journal says it" grep -q "another firewall's unit is stopped" "$dir/journal"
	m systemctl disable netfilter-persistent.service iptables@base.service >/dev/null 2>&1
	rm "$root/etc/systemd/system/netfilter-persistent.service"
}

is_loaded() { m nft list table inet wharfwall >/dev/null 2>&1; }
# Debian's nftables.service takes everybody's rules away: at its start, its reload and its end.
units_flusher() {
	echo "internet -> host { allow tcp 22 }" | sed '1i zone internet = auto' >"$root/etc/wharfwall/wharfwall.policy"
	m systemctl enable nftables.service >/dev/null 2>&1
	attack
	machine_reboot m
	wait_for 30 container_runs
	nothing_got_in "nftables.service at boot"
	ssh_was_open "nftables.service at boot"
	expect "nftables.service is active" [ "$(state nftables.service)" = active ]
	expect "and so are we" [ "$(state wharfwall.service)" = active ]
	expect "no ordering cycle" [ "$(machine_console m | grep -c 'ordering cycle')" = 0 ]
	for word in reload restart; do
		attack
		expect "$word of nftables.service" m systemctl $word nftables.service
		expect "$word of nftables.service: the policy is loaded again" wait_for 10 is_loaded
		expect "$word of nftables.service: closed" wait_for 10 sees 9999 closed
		knock_stop
		echo "# $word of nftables.service, without the daemon: $(knock_count opened '/(9999|8080)$') got in while it was gone"
		expect "$word of nftables.service: SSH was open" [ "$(knock_count opened '/22$')" -gt 20 ]
	done
	m systemctl disable --now nftables.service >/dev/null 2>&1
}

# ufw and firewalld, both told to let everything in: neither takes our table away.
units_others() {
	echo "internet -> host { allow tcp 22 }" | sed '1i zone internet = auto' >"$root/etc/wharfwall/wharfwall.policy"
	sed -i 's/^ENABLED=.*/ENABLED=yes/' "$root/etc/ufw/ufw.conf"
	sed -i 's/^DEFAULT_INPUT_POLICY=.*/DEFAULT_INPUT_POLICY="ACCEPT"/' "$root/etc/default/ufw"
	sed -i 's/^DefaultZone=.*/DefaultZone=trusted/' "$root/etc/firewalld/firewalld.conf"
	expect "a policy beside them" m systemctl restart wharfwall
	m systemctl enable firewalld ufw >/dev/null 2>&1
	attack
	machine_reboot m
	wait_for 30 container_runs
	expect "ufw and firewalld are active" [ "$(state ufw)$(state firewalld)" = activeactive ]
	expect "control: they let everything in" m sh -c 'firewall-cmd --get-default-zone | grep -q trusted && ufw status verbose | grep -q "allow (incoming)"'
	expect "reload of firewalld" m firewall-cmd --reload
	expect "reload of ufw" m ufw reload
	expect "restart of firewalld" m systemctl restart firewalld
	expect "restart of ufw" m systemctl restart ufw
	expect "closed behind all of it" sees 9999 closed
	nothing_got_in "boot, reload and restart of ufw and firewalld"
	ssh_was_open "boot, reload and restart of ufw and firewalld"
	m systemctl disable --now firewalld ufw >/dev/null 2>&1
}

units_test() { # DISTRO
	machine_lab_start
	machine_image "$1"
	machine_new m "$1"
	units_started "$1"
	units_run
	units_broken
	[ "$1" != bookworm ] || units_persistent
	units_policy
	[ "$1" != trixie ] || units_flusher
	[ "$1" != forky ] || units_others
	machine_down m
	lab_end
}
