# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What holds on a machine that boots: the control first, without us; then with a policy applied by
# hand.  Sourced by test-machine-*.
# shellcheck source=tests/lab/machine.sh
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

basics_policy() {
	cat >"$root/etc/wharfwall/wharfwall.policy" <<'EOF'
zone internet = auto
zone lan = lan0

internet -> host {
    allow tcp 22
    allow ping
}

lan -> host {
    allow
}
EOF
	chmod 600 "$root/etc/wharfwall/wharfwall.policy"
}
targets=(198.51.100.1/9999 2001:db8:51::1/9999 198.51.100.1/8080 2001:db8:51::1/8080 198.51.100.1/22 2001:db8:51::1/22)
# each FROM PROTO PORT WANT: for both families
each() {
	local addr4=198.51.100.1 addr6=2001:db8:51::1
	[ "$1" = inet ] || { addr4=192.168.77.1 addr6=fd77::1; }
	expect "$1 $2 $3 is $4" [ "$(machine_probe "$1" "$2" $addr4 "$3")" = "$4" ]
	expect "$1 $2 $3 is $4 by IPv6" [ "$(machine_probe "$1" "$2" $addr6 "$3")" = "$4" ]
}
container_is_open() { [ "$(machine_probe inet tcp 198.51.100.1 8080)$(machine_probe inet tcp 2001:db8:51::1 8080)" = openopen ]; }
timed() { # WHAT COMMAND...
	local start=$EPOCHREALTIME what=$1
	shift
	"$@"
	echo "# $what: $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
}
rules_now() { machine_run m nft list tables; machine_run m iptables-save; }

basics_control() { # DISTRO
	# the attacker gets through from the moment the interface is up, until it is gone
	knock_start inet "${targets[@]:0:2}"
	timed "first boot" machine_boot m
	echo "# $(machine_run m systemctl --version | head -n 1); $(machine_run m docker --version)"
	echo "# $(machine_run m iptables --version), $(machine_run m nft --version)"
	expect "the machine is up: $(machine_run m systemctl is-system-running)" \
		[ "$(machine_run m systemctl is-active docker)" = active ]
	machine_run m systemctl list-units --failed --no-legend --plain >"$dir/units"
	cat "$dir/units"
	expect "no unit has failed" [ ! -s "$dir/units" ]
	[ "$1" != bookworm ] ||
		expect "cloud-init has run" [ "$(machine_run m systemctl is-active cloud-init.service)" = active ]
	machine_container m web "-p 8080:80" tcp:80
	wait_for 10 container_is_open
	for port in 22 9999 8080; do each inet tcp $port open; done
	each lan tcp 9999 open
	timed "poweroff" machine_poweroff m
	knock_stop
	cat "$dir/knocks"
	expect "without us the attacker gets through by IPv4" [ "$(knock_count opened ^198)" -gt 100 ]
	expect "without us the attacker gets through by IPv6" [ "$(knock_count opened ^2001)" -gt 100 ]
}
basics_policy_holds() {
	timed "install" machine_install m
	basics_policy
	expect "wharfwall runs here: $(machine_run m wharfwall --version 2>&1 | head -n 1)" machine_run m wharfwall check
	timed "apply" machine_run m wharfwall apply
	each inet tcp 22 open
	each inet tcp 9999 silent
	each inet tcp 8080 silent
	each lan tcp 9999 open
	each lan tcp 8080 silent
	expect "the table is there" [ "$(machine_run m nft list tables | grep -c 'inet wharfwall')" = 1 ]
	knock_start inet "${targets[@]}"
	timed "restart of dockerd" machine_run m systemctl restart docker
	knock_stop
	cat "$dir/knocks"
	expect "a restart of dockerd opens nothing" [ "$(knock_count opened '/(9999|8080)$')" = 0 ]
	expect "meanwhile SSH was open" [ "$(knock_count opened '/22$')" -gt 100 ]
	expect "all that was meant to be sent went out" [ "$(knock_count failed)" = 0 ]
}

machine_basics() { # DISTRO
	machine_lab_start
	timed "image of $1" machine_image "$1"
	timed "copy of the image" machine_new m "$1"
	basics_control "$1"
	timed "second boot" machine_boot m
	expect "the container is back after a reboot" wait_for 10 container_is_open
	expect "no table of ours yet" [ "$(rules_now | grep -c wharfwall)" = 0 ]
	basics_policy_holds
	timed "power cut" machine_power_cut m
	timed "boot after the power cut" machine_boot m
	expect "a fresh boot has no rules of the boot before" [ "$(rules_now | grep -c wharfwall)" = 0 ]
	expect "the container is back after a power cut" wait_for 10 container_is_open
	timed "down" machine_down m
	lab_end
}
