/* The marker: a comment in a chain that nobody jumps to says what is loaded. */
#pragma once

#include "compile/build.h"
#include "compile/compile.h"

void marker_add(struct build *build, const struct compile_marker *marker, bool lockdown);
