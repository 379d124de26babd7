/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of this host, put together. */
#include "host/host.h"

#include <stddef.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/protocol.h"
#include "base/str.h"
#include "host/cgroup.h"
#include "host/link.h"
#include "host/listener.h"
#include "host/owner.h"

#define SERVICES_BYTES_MAX (8u * 1024 * 1024)

static bool setting_is_on(struct arena *arena, const char *path)
{
	char *text;
	uint32_t len;

	return file_read(arena, path, FILE_ANY, 64, &text, &len, NULL) == 0 && len > 0 &&
	       text[0] == '1';
}

static size_t word_len(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && *at != ' ' && *at != '\t' && *at != '\r' && *at != '#')
		at++;
	return (size_t)(at - text);
}

static const char *skip_blanks(const char *text, const char *end)
{
	while (text < end && (*text == ' ' || *text == '\t' || *text == '\r'))
		text++;
	return text;
}

/* "domain 53/tcp nameserver # comment" */
static void add_service_line(struct arena *arena, const char *line, const char *end,
			     struct facts *facts)
{
	const char *name = skip_blanks(line, end);
	size_t name_len = word_len(name, end);
	const char *number = skip_blanks(name + name_len, end);
	size_t number_len = word_len(number, end), digits = 0;
	uint32_t port;
	uint8_t protocol;

	while (digits < number_len && number[digits] != '/')
		digits++;
	if (name_len == 0 || digits + 1 >= number_len ||
	    !str_parse_u32(number, digits, 1, 65535, &port) ||
	    !protocol_parse(number + digits + 1, number_len - digits - 1, &protocol))
		return;
	for (const char *alias = name; name_len > 0 && facts->services.len < LIMIT_SERVICES;) {
		*vec_add(arena, &facts->services) =
			(struct service_entry){.name = arena_strndup(arena, alias, name_len),
					       .protocol = protocol,
					       .port = (uint16_t)port};
		alias = alias == name ? number + number_len : alias + name_len;
		alias = skip_blanks(alias, end);
		name_len = word_len(alias, end);
	}
}

void host_read_services(struct arena *arena, const char *path, struct facts *facts)
{
	static const struct service_entry built_in[] = {
		{"ssh", PROTOCOL_TCP, 22},    {"http", PROTOCOL_TCP, 80},
		{"https", PROTOCOL_TCP, 443}, {"smtp", PROTOCOL_TCP, 25},
		{"ntp", PROTOCOL_UDP, 123},   {"imaps", PROTOCOL_TCP, 993},
	};
	auto_of(arena_free) struct arena *scratch = arena_new();
	char *text;
	uint32_t len;

	if (file_read(scratch, path, FILE_ANY, SERVICES_BYTES_MAX, &text, &len, NULL) < 0) {
		for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
			*vec_add(arena, &facts->services) = built_in[i];
		return;
	}
	for (const char *line = text, *stop = text + len; line < stop;) {
		const char *end = line;

		while (end < stop && *end != '\n')
			end++;
		add_service_line(arena, line, end, facts);
		line = end + 1;
	}
}

int host_read(struct arena *arena, struct facts *facts, struct err *err)
{
	int r = link_read(arena, facts, err);

	if (r == 0)
		r = address_read(arena, facts, err);
	if (r == 0)
		r = route_read(arena, facts, err);
	if (r < 0)
		return err_wrap(err, "cannot read the interfaces of this host");
	r = listener_read(arena, facts, err);
	if (r < 0)
		return err_wrap(err, "cannot read the sockets of this host");
	facts->forwarding4 = setting_is_on(arena, "/proc/sys/net/ipv4/ip_forward");
	facts->forwarding6 = setting_is_on(arena, "/proc/sys/net/ipv6/conf/all/forwarding");
	facts->bridge_filter = setting_is_on(arena, "/proc/sys/net/bridge/bridge-nf-call-iptables");
	host_read_services(arena, "/etc/services", facts);
	return 0;
}

void host_read_owners(struct arena *arena, struct facts *facts)
{
	owner_read(arena, facts);
	/* A daemon that may not look into other processes knows containers by this alone. */
	cgroup_read(arena, facts);
}
