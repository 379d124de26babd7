/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of containers: their texts become sources and sentences. */
#include "control/labels.h"

#include <string.h>

#include "base/limits.h"
#include "lang/parse.h"
#include "resolve/resolve.h"

static const char *source_name(struct control_load *load, const struct container *container)
{
	auto_str struct str_buf name = {0};

	str_buf_adds(&name, "container ");
	str_buf_add_visible(&name, container->name, strlen(container->name));
	str_buf_adds(&name, ", label " CONTAINER_LABEL_ALLOW);
	return arena_strdup(load->arena, str_buf_text(&name));
}

static void label_read(struct control_load *load, uint32_t number, const char *text)
{
	const struct container *container = &load->facts.engine.containers.items[number];
	struct diag_list found = {.arena = load->arena};
	struct policy_label label = {.container = number};
	size_t len = strlen(text);
	const char *name = source_name(load, container);
	uint16_t source;

	if (container->host_network) {
		diag_warning(&load->diags, (struct origin){0}, DIAG_LABEL,
			     "%s: not read: it uses the network of the host, whose ports only the "
			     "policy opens",
			     name);
		return;
	}
	if (len > LIMIT_LABEL_BYTES || load->policy.labels.len == LIMIT_LABELS) {
		diag_warning(&load->diags, (struct origin){0}, DIAG_LABEL,
			     len > LIMIT_LABEL_BYTES ? "%s: not read: it is longer than %u bytes"
						     : "%s: not read: more than %u labels",
			     name, len > LIMIT_LABEL_BYTES ? LIMIT_LABEL_BYTES : LIMIT_LABELS);
		return;
	}
	source = source_set_add(&load->sources, name, arena_strdup(load->arena, text),
				(uint32_t)len);
	if (parse_label(load->tree_arena, &load->sources, source, LIMIT_LABEL_SENTENCES, &label,
			&found) &&
	    label.sentences.len)
		*vec_add(load->tree_arena, &load->policy.labels) = label;
	diag_list_demote(&found, &load->diags, DIAG_LABEL);
}

void labels_read(struct control_load *load)
{
	struct policy_options options = {0};

	policy_options_read(load->tree_arena, &load->policy, &options);
	load->labels_trusted = options.trust_labels;
	load->keep_flows = options.keep_flows;
	if (!options.trust_labels)
		return;
	for (uint32_t i = 0; i < load->facts.engine.containers.len; i++) {
		const char *text = container_label(&load->facts.engine.containers.items[i],
						   CONTAINER_LABEL_ALLOW);

		if (text)
			label_read(load, i, text);
	}
}
