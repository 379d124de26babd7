/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of sshd. */
#include "control/sshd.h"

#include <glob.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/str.h"
#include "control/init.h"

#define SSH_PORT 22
#define CONFIG_BYTES_MAX 1048576u
#define CONFIG "/etc/ssh/sshd_config"
#define CONFIG_FOLDER "/etc/ssh/sshd_config.d/*.conf"
#define KEYWORD "port"
#define BLANKS " \t="

static void port_add(struct arena *arena, struct port_list *list, uint16_t port)
{
	vec_each (&list->items, have) {
		if (*have == port)
			return;
	}
	*vec_add(arena, &list->items) = port;
}

void sshd_config_ports(struct arena *arena, const char *text, struct port_list *ret)
{
	while (*text) {
		const char *line = text + strspn(text, BLANKS);
		const char *number = line + strlen(KEYWORD);
		uint32_t port;

		text += strcspn(text, "\n");
		text += *text == '\n';
		if (strncasecmp(line, KEYWORD, strlen(KEYWORD)) != 0 || !strchr(BLANKS, *number))
			continue;
		number += strspn(number, BLANKS);
		if (str_parse_u32(number, strspn(number, "0123456789"), 1, UINT16_MAX, &port))
			port_add(arena, ret, (uint16_t)port);
	}
}

static void config_read(struct arena *arena, const char *path, struct port_list *ret)
{
	char *text = NULL;
	uint32_t len = 0;

	if (file_read(arena, path, FILE_PRIVATE, CONFIG_BYTES_MAX, &text, &len, NULL) >= 0)
		sshd_config_ports(arena, text, ret);
}

void sshd_ports(struct arena *arena, const struct facts *facts, struct port_list *ret)
{
	glob_t found = {0};

	vec_each (&facts->listeners, listener) {
		if (init_is_ssh(listener) && !listener->container)
			port_add(arena, ret, listener->port);
	}
	config_read(arena, CONFIG, ret);
	if (glob(CONFIG_FOLDER, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			config_read(arena, found.gl_pathv[i], ret);
	}
	globfree(&found);
	if (!ret->items.len)
		port_add(arena, ret, SSH_PORT);
}
