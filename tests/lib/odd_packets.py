#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends packets that no client sends, and says which of them were delivered.

Each case: who gets it, what the kernel alone does with it ("in", or "kernel": it drops it itself),
what becomes of it with the policy ("in", the counter that counts it as dropped, or "": as before).  Delivered is
what a raw socket behind the input hook sees; each packet carries a mark of its own.

usage: odd_packets.py control|policy INET-NS HOST-NS WEB-PID WAN-MAC WEB4 WEB6
"""
import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

HOST4, HOST6 = "198.51.100.1", "2001:db8:51::1"
INET4, INET6 = "198.51.100.2", "2001:db8:51::2"
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
TCP, UDP, GRE, ICMP, ICMP6, FRAGMENT, HOP, DEST, ROUTING = 6, 17, 47, 1, 58, 44, 0, 60, 43
DEADLINE = 2.0
client_ports = {}  # of the two real connections, by IP version

mode, inet_ns, host_ns, web_pid, wan_mac, WEB4, WEB6 = sys.argv[1:8]
libc = ctypes.CDLL(None, use_errno=True)


def within(path):
    with open(path) as ns:
        if libc.setns(ns.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), path)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def ip(src, dst, protocol, data, fragment=0, number=7, hops=64):
    """A packet without options; fragment is the field of IPv4 as it is sent."""
    if ":" in dst:
        return struct.pack(">IHBB", 6 << 28, len(data), protocol, hops) + packed(src) + packed(dst) + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), number, fragment, hops, protocol, 0)
    head += packed(src) + packed(dst)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + data


def pseudo(src, dst, protocol, data):
    return packed(src) + packed(dst) + struct.pack(">II", len(data), protocol)


def own_number(mark):
    """Each packet is of a connection of its own, in each of the two runs."""
    return int(mark[mark.index(b";") - 3:mark.index(b";")]) + (1000 if mode == "policy" else 0)


def tcp(src, dst, port, flags, mark, sport=0):
    data = struct.pack(">HHIIBBHHH", sport or 30000 + own_number(mark), port, 1, 0, 0x50, flags, 1024, 0, 0) + mark
    total = checksum(pseudo(src, dst, TCP, data) + data)
    return data[:16] + struct.pack(">H", total) + data[18:]


def udp(src, dst, port, mark):
    data = struct.pack(">HHHH", 30000 + own_number(mark), port, 8 + len(mark), 0) + mark
    total = checksum(pseudo(src, dst, UDP, data) + data)
    return data[:6] + struct.pack(">H", total) + data[8:]


def icmp(src, dst, kind, code, data):
    body = struct.pack(">BBH", kind, code, 0) + data
    total = checksum((pseudo(src, dst, ICMP6, body) if ":" in dst else b"") + body)
    return body[:2] + struct.pack(">H", total) + body[4:]


def syn(src, dst, port, flags=SYN):
    return lambda mark: [ip(src, dst, TCP, tcp(src, dst, port, flags, mark))]


def datagram(src, dst, port):
    return lambda mark: [ip(src, dst, UDP, udp(src, dst, port, mark))]


def echo(src, dst):
    kind, protocol = (128, ICMP6) if ":" in dst else (8, ICMP)
    return lambda mark: [ip(src, dst, protocol, icmp(src, dst, kind, 0, struct.pack(">HH", own_number(mark), 1) + mark))]


def error(src, dst, kind, code, known, field=0):
    """An ICMP error about what dst sent from port 22 to src: of the real connection, or of none."""
    def build(mark):
        version, protocol = (6, ICMP6) if ":" in dst else (4, ICMP)
        inner = tcp(dst, src, client_ports[version] if known else 1, ACK, mark, sport=22)
        return [ip(src, dst, protocol, icmp(src, dst, kind, code, struct.pack(">I", field) + ip(dst, src, TCP, inner)))]
    return build


def other(src, dst, protocol):
    return lambda mark: [ip(src, dst, protocol, mark)]


def fragments4(dst, port, pieces, number):
    """pieces: (from, to) of the TCP segment, in the order in which they are sent."""
    def build(mark):
        data = tcp(INET4, dst, port, SYN, mark + b"." * 24)
        return [ip(INET4, dst, TCP, data[start:end],
                   fragment=start // 8 | (0x2000 if end < len(data) else 0), number=number)
                for start, end in ((s, min(e, len(data))) for s, e in pieces)]
    return build


def fragments6(dst, port, pieces, number):
    def build(mark):
        data = tcp(INET6, dst, port, SYN, mark + b"." * 24)
        return [ip(INET6, dst, FRAGMENT,
                   struct.pack(">BBHI", TCP, 0, start | (end < len(data)), number) + data[start:end])
                for start, end in ((s, min(e, len(data))) for s, e in pieces)]
    return build


def extended(dst, port, kinds):
    """TCP behind IPv6 extension headers, each padded to eight bytes."""
    def build(mark):
        data, following = tcp(INET6, dst, port, SYN, mark), TCP
        for kind in reversed(kinds):
            body = b"\0\0\0\0\0\0" if kind == ROUTING else b"\1\4\0\0\0\0"
            data, following = bytes([following, 0]) + body + data, kind
        return [ip(INET6, dst, following, data)]
    return build


def solicit(hops):
    target = packed(HOST6)
    return lambda mark: [ip(INET6, HOST6, ICMP6, icmp(INET6, HOST6, 135, 0, b"\0" * 4 + target + b"\xfe\1" + mark), hops=hops)]


WHOLE = [(0, 999)]
TINY = [(0, 8), (8, 999)]  # the first one has the ports and nothing else
MANY = [(0, 24), (24, 32), (32, 999)]
BACK = [(24, 999), (0, 24)]
LATE = [(24, 999)]
OVERLAP = [(0, 32), (16, 999)]

CASES = [
    # name, who gets it, without the policy, with it, how it is made
    ("SYN to an open port", "host", "in", "in", syn(INET4, HOST4, 22)),
    ("SYN to a closed port", "host", "in", "refused_in", syn(INET4, HOST4, 23)),
    ("SYN to an open port, IPv6", "host", "in", "in", syn(INET6, HOST6, 22)),
    ("SYN to a closed port, IPv6", "host", "in", "refused_in", syn(INET6, HOST6, 23)),
    ("UDP to an open port", "host", "in", "in", datagram(INET4, HOST4, 53)),
    ("UDP to a closed port", "host", "in", "refused_in", datagram(INET4, HOST4, 54)),
    ("UDP to a closed port, IPv6", "host", "in", "refused_in", datagram(INET6, HOST6, 54)),
    ("echo request", "host", "in", "refused_in", echo(INET4, HOST4)),
    ("echo request, IPv6", "host", "in", "refused_in", echo(INET6, HOST6)),
    ("GRE", "host", "in", "refused_in", other(INET4, HOST4, GRE)),
    ("GRE, IPv6", "host", "in", "refused_in", other(INET6, HOST6, GRE)),
    # sources and destinations that nobody outside has
    ("from 127.0.0.1", "host", "kernel", "spoofed", syn("127.0.0.1", HOST4, 22)),
    ("to 127.0.0.1", "host", "kernel", "spoofed", syn(INET4, "127.0.0.1", 22)),
    ("from ::1", "host", "kernel", "", syn("::1", HOST6, 22)),
    ("to ::1", "host", "kernel", "", syn(INET6, "::1", 22)),
    ("from the host's own address", "host", "kernel", "spoofed", syn(HOST4, HOST4, 22)),
    ("from the host's own address, IPv6", "host", "in", "spoofed", syn(HOST6, HOST6, 22)),
    ("from a container's address", "host", "in", "spoofed", syn(WEB4, HOST4, 22)),
    ("from a container's address, IPv6", "host", "in", "spoofed", syn(WEB6, HOST6, 22)),
    ("from a container's address, to a container", "web", "in", "spoofed", syn(WEB4, WEB4, 80)),
    # flags
    ("SYN+FIN to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, SYN | FIN)),
    ("SYN+FIN to an open port, IPv6", "host", "in", "refused_in", syn(INET6, HOST6, 22, SYN | FIN)),
    ("SYN+RST to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, SYN | RST)),
    ("no flags to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, 0)),
    ("FIN+PSH+URG to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, FIN | PSH | URG)),
    ("FIN to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, FIN)),
    ("RST to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, RST)),
    ("SYN+ACK to an open port", "host", "in", "refused_in", syn(INET4, HOST4, 22, SYN | ACK)),
    # the kernel takes it for a connection that began earlier: a new one, which the policy judges
    ("ACK of no connection, closed port", "host", "in", "refused_in", syn(INET4, HOST4, 23, ACK)),
    ("ACK of no connection, closed port, IPv6", "host", "in", "refused_in", syn(INET6, HOST6, 23, ACK)),
    ("ACK of no connection, container", "web", "in", "refused_forward", syn(INET4, WEB4, 81, ACK)),
    # ICMP errors
    ("error about no connection", "host", "in", "refused_in", error(INET4, HOST4, 3, 4, False, field=1200)),
    ("error about no connection, IPv6", "host", "in", "refused_in", error(INET6, HOST6, 2, 0, False, field=1300)),
    ("redirect about no connection", "host", "in", "refused_in", error(INET4, HOST4, 5, 1, False)),
    ("fragmentation needed, of a connection", "host", "in", "in", error(INET4, HOST4, 3, 4, True, field=1200)),
    ("packet too big, of a connection, IPv6", "host", "in", "in", error(INET6, HOST6, 2, 0, True, field=1300)),
    # fragments
    ("fragments to an open port", "host", "in", "in", fragments4(HOST4, 22, MANY, 101)),
    ("fragments to a closed port", "host", "in", "refused_in", fragments4(HOST4, 23, MANY, 102)),
    ("tiny first fragment, open port", "host", "in", "in", fragments4(HOST4, 22, TINY, 103)),
    ("tiny first fragment, closed port", "host", "in", "refused_in", fragments4(HOST4, 23, TINY, 104)),
    ("fragments in the wrong order, closed port", "host", "in", "refused_in", fragments4(HOST4, 23, BACK, 105)),
    ("fragments that overlap", "host", "kernel", "", fragments4(HOST4, 22, OVERLAP, 106)),
    ("fragment without a first one", "host", "kernel", "", fragments4(HOST4, 22, LATE, 107)),
    ("fragments to an open port, IPv6", "host", "in", "in", fragments6(HOST6, 22, MANY, 201)),
    ("fragments to a closed port, IPv6", "host", "in", "refused_in", fragments6(HOST6, 23, MANY, 202)),
    ("tiny first fragment, IPv6", "host", "kernel", "", fragments6(HOST6, 22, TINY, 203)),
    ("whole packet as a fragment, closed port, IPv6", "host", "in", "refused_in", fragments6(HOST6, 23, WHOLE, 204)),
    ("whole packet as a fragment, open port, IPv6", "host", "in", "in", fragments6(HOST6, 22, WHOLE, 205)),
    ("fragments that overlap, IPv6", "host", "kernel", "", fragments6(HOST6, 22, OVERLAP, 206)),
    ("fragment without a first one, IPv6", "host", "kernel", "", fragments6(HOST6, 22, LATE, 207)),
    # IPv6 extension headers
    ("hop-by-hop options, open port", "host", "in", "in", extended(HOST6, 22, [HOP])),
    ("hop-by-hop options, closed port", "host", "in", "refused_in", extended(HOST6, 23, [HOP])),
    ("destination options, closed port", "host", "in", "refused_in", extended(HOST6, 23, [DEST])),
    ("routing header at its end, closed port", "host", "in", "refused_in", extended(HOST6, 23, [ROUTING])),
    ("many headers, open port", "host", "in", "in", extended(HOST6, 22, [HOP, DEST, ROUTING, DEST])),
    ("many headers, closed port", "host", "in", "refused_in", extended(HOST6, 23, [HOP, DEST, ROUTING, DEST])),
    ("many headers, container", "web", "in", "refused_forward", extended(WEB6, 80, [HOP, DEST, ROUTING, DEST])),
    # neighbour discovery that a router passed on
    ("neighbour solicitation, hop limit 255", "host", "in", "in", solicit(255)),
    ("neighbour solicitation, hop limit 254", "host", "in", "refused_in", solicit(254)),
    # containers
    ("published port", "web", "in", "in", syn(INET4, HOST4, 8080)),
    ("published port, in fragments", "web", "in", "in", fragments4(HOST4, 8080, TINY, 108)),
    ("published port that no sentence names", "web", "in", "refused_forward", syn(INET4, HOST4, 8081)),
    ("container's address", "web", "in", "refused_forward", syn(INET4, WEB4, 80)),
    ("container's address, in fragments", "web", "in", "refused_forward", fragments4(WEB4, 80, TINY, 109)),
    ("container's address, IPv6", "web", "in", "refused_forward", syn(INET6, WEB6, 80)),
    ("container's address, in fragments, IPv6", "web", "in", "refused_forward", fragments6(WEB6, 80, MANY, 208)),
]


def receivers():
    return [socket.socket(family, socket.SOCK_RAW, protocol)
            for family, protocols in ((socket.AF_INET, (TCP, UDP, ICMP, GRE)), (socket.AF_INET6, (TCP, UDP, ICMP6, GRE)))
            for protocol in protocols]


def arrived(sockets, mark, seconds):
    """True as soon as a packet with that mark is seen."""
    until = time.monotonic() + seconds
    while True:
        ready = select.select(sockets, [], [], max(0, until - time.monotonic()))[0]
        if not ready:
            return False
        if any(mark in one.recv(65536) for one in ready):
            return True


def counters():
    done = subprocess.run(["nft", "-j", "list", "counters", "table", "inet", "wharfwall"],
                          capture_output=True, check=False)
    items = json.loads(done.stdout)["nftables"] if done.returncode == 0 else []
    return {item["counter"]["name"]: item["counter"]["packets"] for item in items if "counter" in item}


def main():
    failed = 0
    within(f"/run/netns/{inet_ns}")
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind(("up0", 0))
    mac = bytes.fromhex(wan_mac.replace(":", "")) + out.getsockname()[4]
    within(f"/proc/{web_pid}/ns/net")
    seen = {"web": receivers()}
    within(f"/run/netns/{host_ns}")
    seen["host"] = receivers()
    # connections that errors may be about: their client's ports
    held = []
    for family, server in ((socket.AF_INET, HOST4), (socket.AF_INET6, HOST6)):
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((server, 22))
        listener.listen()
        held.append(listener)
    within(f"/run/netns/{inet_ns}")
    for version, listener in zip((4, 6), tuple(held)):
        client = socket.create_connection(listener.getsockname()[:2], timeout=5)
        client_ports[version] = client.getsockname()[1]
        held += [client, listener.accept()[0]]
    within(f"/run/netns/{host_ns}")
    for number, (name, to, alone, ruled, build) in enumerate(CASES):
        mark = b"odd" + mode.encode() + b"%03d;" % number
        want = alone if mode == "control" else ruled
        before = counters()
        for packet in build(mark):
            kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
            out.send(mac + kind + packet)
        if want == "in":
            good = arrived(seen[to], mark, DEADLINE)
            how = "delivered" if good else "NOT DELIVERED"
        else:
            until = time.monotonic() + DEADLINE
            counting = want not in ("kernel", "")
            while counting and counters().get(want, 0) <= before.get(want, 0) and time.monotonic() < until:
                pass
            good = not counting or counters().get(want, 0) > before.get(want, 0)
            how = f"dropped: {want or 'by the kernel itself'}" if good else f"NOT COUNTED by {want}"
            if arrived(seen[to], mark, 0.05):
                good, how = False, "DELIVERED"
        failed += not good
        print(f"{'ok' if good else 'not ok'} - {name}: {how}", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
