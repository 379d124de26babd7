# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Packets that are counted while something happens: udp 5300, which every policy of the test opens,
# and udp 5301, which every one closes.  Sourced behind lib.sh.
flood_rate=${RATE:-10000}
flood_build() { gcc -O2 -D_GNU_SOURCE -o "$dir/flood" "$lab_top/tests/lib/flood.c" || exit 1; }

# flood WHAT COMMAND...: packets flow while the command runs; sets sent, lost, closed_got.
flood() {
	local what=$1 counter sender dropped
	shift
	dropped=$(queue_drops)
	nsenter --net="/run/netns/$lab-host" "$dir/flood" count 5300 5301 >"$dir/counted" &
	counter=$!
	wait_for 5 udp_ready || { echo "the counter does not listen"; exit 1; }
	nsenter --net="/run/netns/$lab-inet" "$dir/flood" send 198.51.100.1 "$flood_rate" 600 5300 5301 >"$dir/sent" &
	sender=$!
	"$@"
	command_status=$?
	kill "$sender"
	wait "$sender"
	kill "$counter"
	wait "$counter"
	sent=$(awk '$1 == 5300 {print $2}' "$dir/sent")
	open_got=$(awk '$1 == 5300 {print $2}' "$dir/counted")
	closed_got=$(awk '$1 == 5301 {print $2}' "$dir/counted")
	lost=$((sent - open_got))
	dropped=$(($(queue_drops) - dropped))
	[ "$lost" -gt 0 ] && [ "$lost" -le "$dropped" ] && lost=0
	echo "# $what: $sent packets to each port; open port got $open_got, closed port got $closed_got; full queues of the machine dropped $dropped"
}
udp_ready() { on_host ss -Hlun 'sport = 5301' | grep -q .; }
# Packets that the machine itself dropped because a processor's queue was full: no rule saw them.
queue_drops() {
	local line total=0
	while read -r _ line _; do total=$((total + 16#$line)); done </proc/net/softnet_stat
	echo "$total"
}
