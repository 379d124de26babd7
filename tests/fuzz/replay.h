/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer is a function that takes any text and aborts when its promise is broken.  Linked by
 * `clang -fsanitize=fuzzer` it looks for such texts; linked with replay.c it replays the folders
 * that it is given.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
