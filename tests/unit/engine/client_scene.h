/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client, its loop, and the fake engine that it talks to. */
#pragma once

#include "client_loop.h"
#include "fake_engine.h"

#define SCENE_TIMEOUT_MS 300u /* of the client's requests */

struct scene {
	struct fake_engine fake;
	struct client_loop loop;
	struct arena *arena;
	struct facts facts; /* of the last look */
};

/* The path of the fake, set by main(). */
extern const char *scene_program;

void scene_start(struct scene *scene); /* the fake alone: tell it what there is */
void scene_connect(struct scene *scene, unsigned timeout_ms);
void scene_ready(struct scene *scene); /* connects, waits until it answered and nothing is to do */
void scene_stop(struct scene *scene);

/* Looks again; false: nothing is known yet. */
bool scene_look(struct scene *scene);
const struct container *scene_container(struct scene *scene, const char *name); /* NULL: none */
/* "web 172.17.0.2 100 8080:80; db ...", by id. */
const char *scene_text(struct scene *scene);
/* Serves the client until what is known is `text`; fails the test after some seconds. */
void scene_until(struct scene *scene, const char *text);
void scene_until_state(struct scene *scene, uint8_t state);
/* Until nothing happened for a moment and no request is under way. */
void scene_settle(struct scene *scene);
/* Fails if `text` is not in the reason that the engine is not known for. */
void scene_expect_reason(struct scene *scene, const char *text);
