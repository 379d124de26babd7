# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Whole Debian machines that boot with their own systemd and Docker, attacked from outside while
# they come up, run and go down.  Sourced by tests/lab/test-machine-*; brings lib.sh's checks along.
#
#	inet: up0 198.51.100.2, 2001:db8:51::2        lan: up0 192.168.77.2, fd77::2
#	      203.0.113.7, 2001:db8:1::7 (the office)          |
#	      198.51.100.66 (banned)                           |
#	           |                                           |
#	      wan0 198.51.100.1, 2001:db8:51::1      lan0 192.168.77.1, fd77::1
#	      -------------------- the machine: systemd-nspawn, dockerd --------
#
# The clients stay while the machine boots, and know its link address: they send to it from the
# first moment its interface is up.  The machine's interfaces are made anew, and empty, at each
# boot; its own network software brings them up (bookworm: ifupdown, others: systemd-networkd).
# One machine of a test is on the wire at a time.
#
#	machine_lab_start            first of all: folders, clients, programs; cleans up at exit
#	machine_image DISTRO         builds the image if it is not in the cache; sets image
#	machine_new NAME DISTRO      a throw-away copy of the image, not yet booted; sets root, where
#	                             files may be laid before it boots
#	machine_install NAME         `make install PREFIX=/usr` into it
#	machine_boot NAME            boots it, and waits until all is up, Docker included
#	machine_start NAME           boots it and waits for nothing; then machine_wait NAME
#	machine_up NAME DISTRO       machine_new and machine_boot
#	machine_run NAME COMMAND...  runs something in it, as root, stdin included
#	machine_poweroff NAME        as the administrator does it, and waits until it is off
#	machine_reboot NAME          poweroff and boot, on the same files
#	machine_power_cut NAME       all its processes die at once; boot it again with machine_boot
#	machine_down NAME            gone, with its files
#	machine_console NAME         what the present boot wrote to its console; ordering cycles are
#	                             told there, before there is a journal
#	machine_container NAME CONTAINER "RUN-OPTIONS" PROTO:PORT...   tests/lib/answer.c in Docker
#	machine_probe FROM PROTO ADDRESS PORT    prints open, refused or silent; FROM is inet or lan
#	knock_start FROM ADDRESS/PORT...         an attacker, 1000 connections a second each family
#	knock_stop                   ends it; its lines (tests/lib/knock.c) are in $dir/knocks
#	knock_count opened|refused|silent|failed [TARGET-PATTERN]      the sum over its lines
#
# In each machine tests/lib/answer.c listens on tcp 22 and 9999 before any interface is up, and
# the image "answer" is loaded into its Docker.  WHARFWALL_CACHE: where images are kept.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

machine_cache=${WHARFWALL_CACHE:-${XDG_CACHE_HOME:-/var/cache}/wharfwall-lab}
machine_wan=02:00:c6:33:64:01
machine_lan=02:00:c0:a8:4d:01

# What each distribution has besides; changing these functions builds the images anew.
machine_packages() { # DISTRO
	echo -n systemd,systemd-sysv,dbus,docker.io,iptables,nftables,iproute2,procps,busybox-static,libsystemd0,
	echo -n libmnl0,libnftnl11,libnetfilter-conntrack3,libjansson4,
	case $1 in
	bookworm) echo libcurl3-gnutls,ifupdown,cloud-init ;;
	trixie) echo libcurl3t64-gnutls,docker-cli ;;
	forky) echo libcurl3t64-gnutls,docker-cli,ufw,firewalld ;;
	esac
}
machine_bootstrap() { # DISTRO FOLDER; in a process of its own, that can be ended
	local skip options=()
	for skip in doc man locale info; do options+=("--dpkgopt=path-exclude=/usr/share/$skip/*"); done
	[ "$1" != forky ] || options+=("--aptopt=Acquire::Check-Valid-Until \"false\"")
	# the package of dockerd is kept, for upgrades in place
	# shellcheck disable=SC2016
	exec timeout 600 mmdebstrap --variant=minbase --include="$(machine_packages "$1")" "${options[@]}" \
		--dpkgopt=force-unsafe-io --aptopt='Acquire::Retries "2"' \
		--customize-hook='cd "$1/root" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get download docker.io' \
		"$1" "$2" </dev/null
}
machine_settle() { # DISTRO FOLDER: the same on each boot, and quick
	local unit
	echo 0123456789abcdef0123456789abcdef >"$2/etc/machine-id"
	echo machine >"$2/etc/hostname"
	printf '127.0.0.1 localhost machine\n::1 localhost\n' >"$2/etc/hosts"
	rm -f "$2/etc/resolv.conf" "$2/etc/modules-load.d/modules.conf"
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
		e2scrub_reap.service systemd-pstore.service console-getty.service getty.target \
		systemd-networkd-wait-online.service; do
		ln -sfn /dev/null "$2/etc/systemd/system/$unit"
	done
	rm -f "$2"/etc/systemd/system/*.wants/{ufw,firewalld}.service \
		"$2"/etc/systemd/system/dbus-org.fedoraproject.FirewallD1.service
	if [ "$1" = bookworm ]; then
		cat >"$2/etc/network/interfaces" <<'END'
auto lo wan0 lan0
iface lo inet loopback
iface wan0 inet static
    address 198.51.100.1/24
    gateway 198.51.100.2
iface wan0 inet6 static
    address 2001:db8:51::1/64
    gateway 2001:db8:51::2
    dad-attempts 0
    accept_ra 0
iface lan0 inet static
    address 192.168.77.1/24
iface lan0 inet6 static
    address fd77::1/64
    dad-attempts 0
    accept_ra 0
END
		printf 'datasource_list: [NoCloud]\nnetwork: {config: disabled}\n' >"$2/etc/cloud/cloud.cfg.d/99-lab.cfg"
		mkdir -p "$2/var/lib/cloud/seed/nocloud"
		echo 'instance-id: lab' >"$2/var/lib/cloud/seed/nocloud/meta-data"
		printf '#cloud-config\nlocale: false\nssh_genkeytypes: []\n' >"$2/var/lib/cloud/seed/nocloud/user-data"
	else
		machine_networkd "$2" wan0 198.51.100.1/24 2001:db8:51::1/64 198.51.100.2 2001:db8:51::2
		machine_networkd "$2" lan0 192.168.77.1/24 fd77::1/64
		systemctl --root="$2" enable systemd-networkd.service >/dev/null 2>&1
	fi
	cat >"$2/etc/systemd/system/answer.service" <<'END'
[Unit]
Description=Answers on ports before any interface is up
DefaultDependencies=no
Before=network-pre.target
[Service]
ExecStart=/usr/local/sbin/answer tcp:22 tcp:9999
[Install]
WantedBy=sysinit.target
END
	mkdir -p "$2/etc/systemd/system/sysinit.target.wants"
	ln -sfn ../answer.service "$2/etc/systemd/system/sysinit.target.wants/answer.service"
	install -m 755 "$dir/answer" "$2/usr/local/sbin/answer"
}
machine_networkd() { # FOLDER INTERFACE ADDRESS ADDRESS6 [GATEWAY GATEWAY6]
	{
		printf '[Match]\nName=%s\n[Network]\nAddress=%s\nAddress=%s\n' "$2" "$3" "$4"
		[ -z "${5:-}" ] || printf 'Gateway=%s\nGateway=%s\n' "$5" "$6"
		printf 'IPv6AcceptRA=no\nIPv6DuplicateAddressDetection=0\n'
	} >"$1/etc/systemd/network/10-$2.network"
}

machine_image() { # DISTRO; sets image
	local key part
	key=$({ declare -f machine_packages machine_bootstrap machine_settle machine_networkd
		cat "$lab_top/tests/lib/answer.c"; } | sha256sum | cut -c1-12)
	image=$machine_cache/$1-$key part=$machine_cache/$1-$key.part
	[ -d "$image" ] && return
	mkdir -p "$machine_cache" || exit 1
	exec {machine_lock}>"$machine_cache/$1.lock"
	flock "$machine_lock" # somebody else may be building it
	if [ ! -d "$image" ]; then
		machine_build "$1" "$part" || machine_build "$1" "$part" || {
			tail -n 30 "$dir/image.log"
			# it moves from day to day: the one skip that is no failure anywhere
			[ "$1" = forky ] || { echo "no image of $1: mmdebstrap failed twice; the lines above say why"; exit 1; }
			echo "forky cannot be built today: $(grep '^E:' "$dir/image.log" | tail -n 1)"
			exit 78
		}
		if ! machine_settle "$1" "$part" || ! mv "$part" "$image"; then
			rm -rf --one-file-system "$part"
			exit 1
		fi
	fi
	exec {machine_lock}>&-
}
machine_build() { # DISTRO FOLDER
	local status old
	for old in "$machine_cache/$1"-*; do
		grep -q "lowerdir=$old," /proc/mounts || rm -rf --one-file-system "$old"
	done
	machine_bootstrap "$1" "$2" >"$dir/image.log" 2>&1 {machine_lock}>&- &
	machine_builder=$! machine_part=$2
	wait "$machine_builder"
	status=$?
	machine_builder=
	return "$status"
}

machine_lab_start() {
	local ns
	[ "$(id -u)" = 0 ] || lab_skip "needs root"
	dir=$(mktemp -d /tmp/wharfwall-lab-XXXXXX) || exit 1
	trap machine_lab_stop EXIT
	trap 'exit 1' INT TERM
	mkdir "$dir/machines"
	unset SSH_CONNECTION DOCKER_HOST
	gcc -O2 -D_GNU_SOURCE -o "$dir/probe" "$lab_top/tests/lib/probe.c" || exit 1
	gcc -O2 -D_GNU_SOURCE -o "$dir/knock" "$lab_top/tests/lib/knock.c" || exit 1
	gcc -O2 -D_GNU_SOURCE -static -o "$dir/answer" "$lab_top/tests/lib/answer.c" || exit 1
	for ns in inet lan; do
		ip netns add "$lab-$ns" || exit 1
		in_ns "$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv4.ping_group_range="0 2147483647"
		# a bridge that is never without a port stays up while the machine is not there
		ip -n "$lab-$ns" link set lo up
		ip -n "$lab-$ns" link add up0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
		ip -n "$lab-$ns" link add idle0 type veth peer name idle1
		ip -n "$lab-$ns" link set idle1 up
		ip -n "$lab-$ns" link set idle0 master up0 up
		ip -n "$lab-$ns" link set up0 up
	done
	ip -n "$lab-inet" addr add 198.51.100.2/24 dev up0
	ip -n "$lab-inet" addr add 198.51.100.66/24 dev up0
	ip -n "$lab-inet" addr add 2001:db8:51::2/64 dev up0 nodad
	ip -n "$lab-inet" addr add 203.0.113.7/32 dev up0
	ip -n "$lab-inet" addr add 2001:db8:1::7/128 dev up0 nodad
	ip -n "$lab-lan" addr add 192.168.77.2/24 dev up0
	ip -n "$lab-lan" addr add fd77::2/64 dev up0 nodad
	machine_gateway inet 198.51.100.1 2001:db8:51::1 "$machine_wan"
	machine_gateway lan 192.168.77.1 fd77::1 "$machine_lan"
}
machine_gateway() { # CLIENT ADDRESS ADDRESS6 LINK-ADDRESS
	ip -n "$lab-$1" neigh replace "$2" lladdr "$4" dev up0 nud permanent
	ip -n "$lab-$1" neigh replace "$3" lladdr "$4" dev up0 nud permanent
	ip -n "$lab-$1" route add default via "$2"
	ip -n "$lab-$1" -6 route add default via "$3"
}
machine_lab_stop() {
	local folder
	if [ -n "${machine_builder:-}" ]; then
		{ kill "$machine_builder"; wait "$machine_builder"; } 2>/dev/null
		rm -rf --one-file-system "$machine_part"
	fi
	knock_stop
	for folder in "$dir"/machines/*/; do
		[ ! -d "$folder" ] || machine_down "$(basename "$folder")"
	done
	if grep -q " $dir/" /proc/self/mounts; then
		echo "still mounted, $dir is left:"
		grep " $dir/" /proc/self/mounts
		dir=
	fi
	lab_stop
}

machine_new() { # NAME DISTRO; sets root
	local folder=$dir/machines/$1
	machine_image "$2"
	mkdir -p "$folder"/{root,upper,work,docker} || exit 1
	echo "$2" >"$folder/distro"
	root=$folder/root
	mount -t overlay overlay -o "lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work" "$root" 2>/dev/null ||
		cp -a --reflink=auto "$image/." "$root" || exit 1
}
machine_install() { # NAME
	machine_prefix=$(meson introspect --buildoptions "$lab_build" | jq -r '.[] | select(.name == "prefix").value')
	(
		flock 9
		[ "$machine_prefix" = /usr ] || meson configure "$lab_build" --prefix=/usr
		ninja -C "$lab_build" && DESTDIR=$dir/machines/$1/root meson install -C "$lab_build" --no-rebuild
	) >"$dir/install.log" 2>&1 9>"$lab_build/.install-lock" || { tail "$dir/install.log"; exit 1; }
}
# Where a machine gets a cgroup of its own; without it `systemctl kill` in one hits the others.
machine_cgroups() { # NAME
	local at
	for at in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
		[ ! -e "$at/cgroup.procs" ] || echo "$at/$lab-$1"
	done
}
# New interfaces in a new namespace: no rule and no address of the boot before.
machine_wire() { # NAME
	machine_unwire "$1"
	ip netns add "$lab-$1" || exit 1
	in_ns "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
	ip -n "$lab-inet" link add port0 type veth peer name wan0 address "$machine_wan" netns "$lab-$1"
	ip -n "$lab-lan" link add port0 type veth peer name lan0 address "$machine_lan" netns "$lab-$1"
	ip -n "$lab-inet" link set port0 master up0 up
	ip -n "$lab-lan" link set port0 master up0 up
}
machine_unwire() { # NAME
	local ns
	for ns in inet lan; do ip -n "$lab-$ns" link del port0 2>/dev/null; done
	ip netns del "$lab-$1" 2>/dev/null
}
machine_start() { # NAME
	local folder=$dir/machines/$1 at
	machine_wire "$1"
	machine_cgroups "$1" | xargs mkdir -p
	{
		for at in $(machine_cgroups "$1"); do echo "$BASHPID" >"$at/cgroup.procs"; done
		# all of /sys writable would make networkd wait for a udev that is not there
		SYSTEMD_NSPAWN_API_VFS_WRITABLE=network UNIFIED_CGROUP_HIERARCHY=1 exec systemd-nspawn -q \
			-D "$folder/root" -M "$lab-$1" --hostname=machine --register=no --keep-unit \
			--network-namespace-path="/run/netns/$lab-$1" --capability=all \
			--system-call-filter="@keyring bpf" --resolv-conf=off --timezone=off --link-journal=no \
			--bind="$folder/docker:/var/lib/docker" --console=read-only -b
	} >"$folder/console" 2>&1 </dev/null &
	echo $! >"$folder/pid"
	disown $! # a power cut is no news to this shell
}
machine_is_on() { kill -0 "$(cat "$dir/machines/$1/pid" 2>/dev/null || echo none)" 2>/dev/null; }
machine_is_off() { ! machine_is_on "$1"; }
machine_leader() { # NAME: its process 1, as seen from here
	local pid child children=()
	pid=$(cat "$dir/machines/$1/pid") || return 1
	read -ra children 2>/dev/null <"/proc/$pid/task/$pid/children"
	for child in "${children[@]}"; do
		grep -qP '^NSpid:.*\t1$' "/proc/$child/status" 2>/dev/null && echo "$child" && return
	done
	return 1
}
machine_run() { # NAME COMMAND...
	local leader
	leader=$(machine_leader "$1") || { echo "$1 is not running" >&2; return 125; }
	shift
	nsenter -t "$leader" -a env -i -C /root HOME=/root LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
machine_is_up() { [[ $(machine_run "$1" systemctl is-system-running) =~ ^(running|degraded)$ ]] || machine_is_off "$1"; }
machine_wait() { # NAME
	if ! wait_for 90 machine_is_up "$1" || machine_is_off "$1"; then
		machine_console "$1" | tail -n 40
		echo "$1 does not come up"
		exit 1
	fi
	[ "$(readlink "/proc/$(machine_leader "$1")/ns/net")" != "$(readlink /proc/self/ns/net)" ] ||
		{ echo "$1 is in the machine's own namespace: not going on"; exit 1; }
	machine_run "$1" docker image inspect answer >/dev/null 2>&1 || machine_load "$1"
}
machine_load() { # NAME: the image "answer"
	mkdir -p "$dir/image/bin"
	cp "$dir/answer" "$dir/image/answer"
	cp "$(command -v busybox)" "$dir/image/bin/busybox"
	ln -sfn busybox "$dir/image/bin/sh"
	tar -C "$dir/image" -c . | machine_run "$1" docker import --change 'ENTRYPOINT ["/answer"]' - answer >/dev/null
}
machine_boot() { machine_start "$1"; machine_wait "$1"; }
machine_up() { machine_new "$1" "$2"; machine_boot "$1"; }
machine_poweroff() { # NAME
	machine_run "$1" systemctl poweroff </dev/null >/dev/null 2>&1
	wait_for 120 machine_is_off "$1" ||
		{ machine_console "$1" | tail -n 40; echo "$1 does not go off"; exit 1; }
}
machine_reboot() { machine_poweroff "$1"; machine_boot "$1"; }
machine_power_cut() { # NAME
	local at leader
	leader=$(machine_leader "$1") && kill -KILL "$leader"
	for at in $(machine_cgroups "$1"); do
		[ ! -e "$at/cgroup.kill" ] || echo 1 >"$at/cgroup.kill"
	done
	kill -KILL "$(cat "$dir/machines/$1/pid")" 2>/dev/null
	wait_for 30 machine_is_off "$1" || { echo "$1 does not die"; exit 1; }
	wait_for 30 machine_is_empty "$1" || { echo "$1 has processes left"; exit 1; }
	machine_cgroups_drop "$1"
}
# A cgroup that was killed once kills what a newer systemd makes in it: the next boot has a new one.
machine_cgroups_drop() { # NAME
	local at
	for at in $(machine_cgroups "$1"); do
		[ ! -d "$at" ] || find "$at" -depth -type d -exec rmdir {} + 2>/dev/null
	done
	return 0
}
machine_is_empty() { # NAME
	local at
	for at in $(machine_cgroups "$1"); do
		[ ! -d "$at" ] || [ -z "$(find "$at" -name cgroup.procs -exec cat {} + 2>/dev/null)" ] || return 1
	done
}
machine_down() { # NAME
	local folder=$dir/machines/$1
	[ ! -e "$folder/pid" ] || machine_power_cut "$1"
	machine_unwire "$1"
	machine_cgroups_drop "$1"
	rm -df "/run/systemd/nspawn/propagate/$lab-$1" "/run/systemd/nspawn/unix-export/$lab-$1" \
		"/run/systemd/nspawn/locks/$(stat -c 'inode-%d:%i' "$folder/root")" 2>/dev/null
	! mountpoint -q "$folder/root" || wait_for 20 umount "$folder/root"
	mountpoint -q "$folder/root" || rm -rf --one-file-system "$folder"
}
machine_console() { sed 's/\x1b[^a-zA-Z\\]*[a-zA-Z\\]//g; s/\r//g' "$dir/machines/$1/console"; }
machine_container() { # NAME CONTAINER "RUN-OPTIONS" PROTO:PORT...
	local machine=$1 name=$2 run=$3
	shift 3
	# process 1 of a container does not hear SIGTERM: a poweroff would wait for it
	# shellcheck disable=SC2086
	machine_run "$machine" docker run -d --name "$name" --restart=always --stop-signal=KILL $run answer "$@" \
		</dev/null >/dev/null 2>"$dir/run.err" || { cat "$dir/run.err"; exit 1; }
}

machine_probe() { # FROM PROTO ADDRESS PORT
	echo "1 $2 - $3 $4" | nsenter --net="/run/netns/$lab-$1" "$dir/probe" 700 | cut -d ' ' -f 2
}
knock_pids=()
knock_start() { # FROM ADDRESS/PORT...
	local from=$1
	shift
	nsenter --net="/run/netns/$lab-$from" "$dir/knock" "$@" >"$dir/knock.${#knock_pids[@]}" </dev/null &
	knock_pids+=($!)
}
knock_stop() {
	local pid
	for pid in "${knock_pids[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${knock_pids[@]}"; do wait "$pid" 2>/dev/null; done
	[ ${#knock_pids[@]} = 0 ] || cat "$dir"/knock.* >"$dir/knocks"
	rm -f "$dir"/knock.*
	knock_pids=()
}
knock_count() { # WORD [TARGET-PATTERN]
	awk -v word="$1" -v target="${2:-.}" '$1 ~ target {for (i = 2; i < NF; i++) if ($i == word) n += $(i + 1)}
		END {print n + 0}' "$dir/knocks"
}
