/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of the journal. */
#include "daemon/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include <systemd/sd-journal.h>

#define MESSAGE_MAX 2048

static const struct {
	const char *id;
	int priority;
} messages[] = {
	[JOURNAL_STARTED] = {"cbdd5650abc84576b224d27e9cf0fa75", LOG_INFO},
	[JOURNAL_STOPPED] = {"347047aecf2147fdaf93521754e7a229", LOG_INFO},
	[JOURNAL_APPLIED] = {"d0115e8436e84fdfbf1976e458616eaf", LOG_NOTICE},
	[JOURNAL_POLICY_WRONG] = {"b5d0942ea3814d21aa194bd44c525702", LOG_ERR},
	[JOURNAL_REPAIRED] = {"8d3c7ebca9644c26b045d3ee7977d038", LOG_WARNING},
	[JOURNAL_FAILED] = {"137504990fb24da6bf088e3ccbe91cd2", LOG_ERR},
	[JOURNAL_RECOVERED] = {"5a29cc66ee9e463aab94a29009b4c0fe", LOG_NOTICE},
	[JOURNAL_ENGINE_LOST] = {"b946ae0bbffb4e6dab7b027cdd61f5f3", LOG_WARNING},
	[JOURNAL_ENGINE_BACK] = {"48efcc89619a412bbd505669c0e82525", LOG_NOTICE},
	[JOURNAL_FOREIGN_MISSING] = {"422f9e3819b74045a7674197a2f35a3f", LOG_WARNING},
	[JOURNAL_FOREIGN_BACK] = {"a6b4ca3fec0f4c88a65fc7ae864fa394", LOG_NOTICE},
	[JOURNAL_MODE] = {"dc5a6989833644e397fe40ec9edbdc2e", LOG_NOTICE},
};

void journal_say(enum journal_message message, const char *field, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* A journal that is not there is no reason to stop; only one field more is ever needed. */
	(void)sd_journal_send("MESSAGE=%s", text, "MESSAGE_ID=%s", messages[message].id,
			      "PRIORITY=%i", messages[message].priority,
			      "SYSLOG_IDENTIFIER=wharfwall-watch", field ? "%s" : NULL, field,
			      NULL);
	if (!getenv("JOURNAL_STREAM"))
		(void)fprintf(stderr, "wharfwall-watch: %s\n", text);
}
