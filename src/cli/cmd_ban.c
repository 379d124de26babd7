/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall ban, unban: addresses that get nothing. */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "control/bans.h"
#include "control/state.h"
#include "report/json.h"

/* Shorter prefixes are somebody's slip rather than an attacker. */
#define BAN_LEN_MIN4 8u
#define BAN_LEN_MIN6 16u

struct time_unit {
	const char *names[3];
	uint32_t seconds;
};

static const struct time_unit units[] = {
	{{"s", "second", "seconds"}, 1},     {{"m", "minute", "minutes"}, 60},
	{{"h", "hour", "hours"}, 3600},	     {{"d", "day", "days"}, 86400},
	{{"w", "week", "weeks"}, 7 * 86400},
};

static uint32_t unit_seconds(const char *text)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		for (size_t j = 0; j < 3; j++) {
			if (str_eq(text, units[i].names[j]))
				return units[i].seconds;
		}
	}
	return 0;
}

/* "600", "10m", "1 day"; negative as fail2ban has it: for good, 0. */
static bool time_parse(const char *number, const char *unit, uint32_t *ret)
{
	size_t digits = strspn(number, "0123456789");
	uint32_t factor = 1;
	uint32_t count;

	if (number[0] == '-' && number[1] && !number[1 + strspn(number + 1, "0123456789")]) {
		*ret = 0;
		return !unit;
	}
	if (number[digits] && unit)
		return false;
	if (number[digits])
		unit = number + digits;
	if (unit)
		factor = unit_seconds(unit);
	if (!factor || !str_parse_u32(number, digits, 1, BAN_SECONDS_MAX / factor, &count))
		return false;
	*ret = count * factor;
	return true;
}

/* What a packet cannot come from, or must be able to. */
static const char *not_to_ban(const struct ip_prefix *prefix)
{
	static const struct {
		const char *text;
		const char *why;
	} never[] = {{"127.0.0.0/8", "loopback is never filtered"},
		     {"::1/128", "loopback is never filtered"},
		     {"fe80::/10", "neighbour discovery comes from there"},
		     {"224.0.0.0/4", "nothing comes from a multicast address"},
		     {"ff00::/8", "nothing comes from a multicast address"}};
	struct ip_prefix other;
	bool host_bits;

	if (prefix->len < (prefix->family == IP_V4 ? BAN_LEN_MIN4 : BAN_LEN_MIN6))
		return "that is more than one attacker: ban /8, /16 (IPv6) or longer";
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		if (ip_prefix_parse(never[i].text, strlen(never[i].text), &other, &host_bits) &&
		    other.family == prefix->family &&
		    (ip_prefix_contains(&other, prefix) || ip_prefix_contains(prefix, &other)))
			return never[i].why;
	}
	return NULL;
}

/* ::ffff:192.0.2.7 is how programs with one socket for both families write 192.0.2.7. */
static void mapped_to_v4(struct ip_prefix *prefix)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct ip_prefix v4 = {.family = IP_V4};

	if (prefix->family != IP_V6 || prefix->len < 96 ||
	    memcmp(prefix->bytes, mapped, sizeof(mapped)) != 0)
		return;
	v4.len = (uint8_t)(prefix->len - 96);
	memcpy(v4.bytes, prefix->bytes + 12, 4);
	*prefix = v4;
}

static enum exit_status address_parse(const struct cli *cli, const char *text,
				      struct ip_prefix *ret)
{
	bool host_bits = false;

	if (!ip_prefix_parse(text, strlen(text), ret, &host_bits))
		return cli_refuse(cli, EXIT_WRONG, "'%s' is not an address or prefix", text);
	mapped_to_v4(ret);
	return EXIT_DONE;
}

static const char *until_text(uint64_t until, char text[32])
{
	time_t time = (time_t)until;
	struct tm parts = {0};

	text[0] = '\0';
	(void)gmtime_r(&time, &parts);
	(void)strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return text;
}

static json_t *until_json(uint64_t until)
{
	char text[32];

	return until ? json_string(until_text(until, text)) : json_null();
}

static enum exit_status ban_list(const struct cli *cli)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	uint64_t now = (uint64_t)time(NULL);
	struct ban_entries entries;
	struct err err = {0};
	char words[IP_TEXT_MAX];
	json_t *array, *object;

	if (bans_read(arena, cli->options.state_dir, now, &entries, &err) < 0)
		return cli_fail(cli, &err, NULL);
	array = json_array();
	vec_each (&entries.items, entry) {
		if (entry->until && entry->until <= now)
			continue;
		object = json_object();
		str_buf_addf(&text, "%-43s ", ip_prefix_format(&entry->prefix, words));
		json_object_set_new(object, "address", json_string(words));
		json_object_set_new(object, "until", until_json(entry->until));
		str_buf_addf(&text, "%s\n",
			     entry->until ? until_text(entry->until, words) : "for good");
		json_array_append_new(array, object);
	}
	if (cli->json) {
		object = cli_json_new(cli, NULL);
		json_object_set_new(object, "bans", array);
		return cli_json_print(object);
	}
	if (!json_array_size(array))
		str_buf_adds(&text, "nobody is banned\n");
	json_decref(array);
	return cli_print(&text);
}

/* The administrator's own address is the easiest one to mistype. */
static enum exit_status guard_own(const struct cli *cli, const struct ip_prefix *prefix)
{
	struct ssh_connection ssh;
	char client[IP_TEXT_MAX];

	if (cli->force || !cli_ssh(&ssh) || !ip_prefix_contains_addr(prefix, &ssh.client))
		return EXIT_DONE;
	return cli_refuse(cli, EXIT_PROTECTED,
			  "this would ban your own address, %s; nothing was changed, --force goes "
			  "on",
			  ip_addr_format(&ssh.client, client));
}

static enum exit_status ban_said(const struct cli *cli, const struct ip_prefix *prefix,
				 uint32_t seconds, bool loaded, int kept, const struct err *err)
{
	uint64_t until = seconds ? (uint64_t)time(NULL) + seconds : 0;
	char address[IP_TEXT_MAX], text[32];
	json_t *object;

	(void)ip_prefix_format(prefix, address);
	if (!cli->json) {
		(void)printf("wharfwall: %s is banned %s%s%s\n", address,
			     until ? "until " : "for good", until ? until_text(until, text) : "",
			     loaded ? ""
				    : "; no policy is loaded: it is in force with the next "
				      "'wharfwall apply'");
		return cli_kept(cli, kept, err, NULL);
	}
	object = cli_json_new(cli, NULL);
	json_object_set_new(object, "address", json_string(address));
	json_object_set_new(object, "until", until_json(until));
	json_object_set_new(object, "loaded", json_boolean(loaded));
	return cli_kept(cli, kept, err, object);
}

enum exit_status cmd_ban(struct cli *cli)
{
	auto_close int lock = -1;
	struct ip_prefix prefix;
	enum exit_status status;
	uint32_t seconds = 0;
	struct err err = {0};
	bool loaded = false;
	const char *why;
	int r;

	if (!cli->argc)
		return ban_list(cli);
	if (cli->argc == 2 || (cli->argc > 2 && !str_eq(cli->argv[1], "for")) ||
	    (cli->argc > 2 &&
	     !time_parse(cli->argv[2], cli->argc > 3 ? cli->argv[3] : NULL, &seconds)))
		return cli_refuse(cli, EXIT_USAGE,
				  "ban ADDRESS [for TIME], and a TIME is as 600, 10m, 2h, 1d or 1 "
				  "week, at most ten years");
	status = address_parse(cli, cli->argv[0], &prefix);
	if (status == EXIT_DONE)
		status = guard_own(cli, &prefix);
	if (status != EXIT_DONE)
		return status;
	why = not_to_ban(&prefix);
	if (why)
		return cli_refuse(cli, EXIT_WRONG, "'%s' is not banned: %s", cli->argv[0], why);
	r = state_lock(cli->options.state_dir, &lock, &err);
	if (r >= 0)
		r = ban_add(&cli->options, &prefix, seconds, &loaded, &err);
	if (r < 0)
		return cli_fail(cli, &err, NULL);
	return ban_said(cli, &prefix, seconds, loaded, r, &err);
}

enum exit_status cmd_unban(struct cli *cli)
{
	auto_close int lock = -1;
	struct ip_prefix prefix;
	enum exit_status status;
	struct err err = {0};
	bool was_banned = false;
	char address[IP_TEXT_MAX];
	json_t *object;
	int r;

	if (cli->argc != 1)
		return cli_refuse(cli, EXIT_USAGE, "unban ADDRESS; 'wharfwall ban' lists them");
	status = address_parse(cli, cli->argv[0], &prefix);
	if (status != EXIT_DONE)
		return status;
	r = state_lock(cli->options.state_dir, &lock, &err);
	if (r >= 0)
		r = ban_remove(&cli->options, &prefix, &was_banned, &err);
	if (r < 0)
		return cli_fail(cli, &err, NULL);
	(void)ip_prefix_format(&prefix, address);
	if (cli->json) {
		object = cli_json_new(cli, NULL);
		json_object_set_new(object, "address", json_string(address));
		json_object_set_new(object, "was_banned", json_boolean(was_banned));
		return cli_kept(cli, r, &err, object);
	}
	(void)printf("wharfwall: %s %s\n", address,
		     was_banned ? "is not banned any more" : "was not banned");
	return cli_kept(cli, r, &err, NULL);
}
