/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "syn INTERFACE MAC ADDRESS PORT COUNT" sends COUNT connection requests, each from an address and
 * a port of its own in 198.18.0.0/15, and prints the nanoseconds that one took: over a veth pair
 * that is what the receiver does with it, too.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct frame {
	struct ether_header ether;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

static uint32_t sum_words(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static uint16_t sum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void frame_make(struct frame *frame, struct in_addr to, uint16_t port, uint32_t number)
{
	uint32_t pseudo;

	frame->ip = (struct iphdr){.version = 4,
				   .ihl = 5,
				   .tot_len = htons(sizeof(frame->ip) + sizeof(frame->tcp)),
				   .ttl = 64,
				   .protocol = IPPROTO_TCP,
				   .saddr = htonl(0xc6120000u + (number & 0x1ffff)),
				   .daddr = to.s_addr};
	frame->ip.check = sum_end(sum_words(&frame->ip, sizeof(frame->ip), 0));
	frame->tcp = (struct tcphdr){.source = htons((uint16_t)(1024 + number % 60000)),
				     .dest = htons(port),
				     .seq = htonl(number),
				     .doff = 5,
				     .syn = 1,
				     .window = htons(1024)};
	pseudo = sum_words(&frame->ip.saddr, 8, IPPROTO_TCP + sizeof(frame->tcp));
	frame->tcp.check = sum_end(sum_words(&frame->tcp, sizeof(frame->tcp), pseudo));
}

static int socket_make(const char *iface)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_IP),
				 .sll_ifindex = (int)if_nametoindex(iface)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &(int){1}, sizeof(int)) < 0)
		return -1;
	return fd;
}

int main(int argc, char **argv)
{
	struct frame frame = {.ether.ether_type = htons(ETHERTYPE_IP)};
	struct timespec start, end;
	struct in_addr to;
	unsigned long count;
	uint8_t *mac = frame.ether.ether_dhost;
	int fd;

	if (argc != 6 ||
	    sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		   &mac[4], &mac[5]) != 6 ||
	    inet_pton(AF_INET, argv[3], &to) != 1)
		return 2;
	fd = socket_make(argv[1]);
	count = strtoul(argv[5], NULL, 10);
	if (fd < 0 || !count)
		return 2;
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned long i = 0; i < count; i++) {
		frame_make(&frame, to, (uint16_t)strtoul(argv[4], NULL, 10), (uint32_t)i);
		if (send(fd, &frame, sizeof(frame), 0) < 0) {
			perror("syn: send");
			return 1;
		}
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	(void)printf("%lld\n",
		     ((end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec) /
			     (long long)count);
	return 0;
}
