/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load that failed, in one line. */
#include "base/str.h"
#include "control/control.h"

const char *control_mistake(const struct control_load *load)
{
	vec_each (&load->diags.items, at) {
		const struct diag *diag = *at;
		auto_str struct str_buf text = {0};

		if (diag->level != DIAG_LEVEL_ERROR)
			continue;
		source_place_format(&load->sources, diag->at, &text);
		str_buf_addf(&text, ": %s [%s]", diag->text, diag_code_text(diag->code));
		return arena_strdup(load->arena, str_buf_text(&text));
	}
	return "no mistake was found";
}
