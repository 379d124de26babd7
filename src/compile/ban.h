/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bans: asked before everything else, also of established connections. */
#pragma once

#include "compile/build.h"

/* A rule and a timed set for each family and prefix length; bans may be NULL. */
void bans_refuse(struct build *build, uint32_t chain, const struct ban_list *bans);
