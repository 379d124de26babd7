/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rules file as it would be loaded here: read, checked, its placeholders replaced, in both
 * families.
 */
#pragma once

#include "control/control.h"
#include "control/rules_last.h"
#include "control/ssh.h"
#include "rules/rules.h"

#define RULES_FOLDER "/etc/iptables"

struct rules_request {
	const char *operand; /* NAME, or a path: a word with a '/' */
	bool boot;	     /* there may be no routes and no interfaces yet */
	bool empty;	     /* NAME.rules.empty: what `stop` loads */
	bool check;	     /* say everything that is wrong, also when it cannot be loaded */
	const struct ssh_connection *ssh; /* the administrator's own, or NULL */
};

struct rules_set {
	const char *name; /* NULL: a file that no NAME stands for */
	const char *path;
	struct rules_file *family[RULES_FAMILIES];
	const char *twin;	       /* path of NAME.rules6, NULL: made from the file */
	struct rules_names external;   /* what the placeholder stood for */
	struct rules_names remembered; /* what is kept of it for a boot without routes */
	bool placeholder;
	struct rules_added_list added[RULES_FAMILIES]; /* by the last load, see rules_text.h */
	const char *backend; /* the engine's, as far as it is known; or NULL */
};

/* A word that is a NAME: it becomes a part of file names. */
bool rules_name_is_good(const char *name);
/*
 * Reads the file and the facts of this host into load; load->diags holds what is doubtful.  0;
 * -EINVAL when load->diags holds errors; another -errno when the system refused.
 */
int rules_load(const struct control_options *options, const struct rules_request *request,
	       struct control_load *load, struct rules_set *ret, struct err *err);
/* The last good load of NAME, which needs nothing but its own text. */
int rules_load_last(const struct control_options *options, const char *name,
		    struct control_load *load, struct rules_set *ret, struct err *err);
