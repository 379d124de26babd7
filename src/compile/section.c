/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pair of zones as its packets come one way, made into the rules of one chain. */
#include "compile/section.h"

static bool decides_all(const struct section *section)
{
	vec_each (&section->groups, group) {
		if (group->like.guard == GUARD_NONE && !group->operand_count)
			return true;
	}
	return false;
}

bool section_compile(struct section *section)
{
	section->group_numbers = arena_new_array(section->build->arena, uint16_t, GROUP_SHAPES);
	section_stages(section);
	vec_each (&section->stages, stage) {
		struct goal goal;

		section_lengths(section, stage);
		section_gather(section, stage);
		if (!section->groups.len) /* the containers that it names do not run */
			continue;
		goal = section_goal(section, stage);
		section_emit(section, stage, &goal);
		if (decides_all(section)) /* what follows is never asked */
			return true;
	}
	return false;
}
