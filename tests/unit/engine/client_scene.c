/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives the client by a loop, beside a fake engine. */
#include "client_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

#define PATIENCE_MS 20000

const char *scene_program;

void scene_start(struct scene *scene)
{
	*scene = (struct scene){.arena = arena_new()};
	fake_engine_start(&scene->fake, scene_program);
}

void scene_connect(struct scene *scene, unsigned timeout_ms)
{
	struct err err = {0};

	if (loop_start(&scene->loop, scene->fake.url, timeout_ms, &err) < 0)
		fail_msg("%s", err.text);
	scene->loop.hurry = true;
}

void scene_ready(struct scene *scene)
{
	scene_connect(scene, SCENE_TIMEOUT_MS * 10);
	scene_until_state(scene, ENGINE_ANSWERED);
	scene_settle(scene);
	(void)loop_take_changes(&scene->loop);
}

void scene_stop(struct scene *scene)
{
	if (scene->loop.client)
		loop_stop(&scene->loop);
	fake_engine_stop(&scene->fake);
	arena_free(scene->arena);
}

bool scene_look(struct scene *scene)
{
	arena_free(scene->arena);
	scene->arena = arena_new();
	scene->facts = (struct facts){0};
	return engine_client_facts(scene->loop.client, scene->arena, &scene->facts);
}

const struct container *scene_container(struct scene *scene, const char *name)
{
	(void)scene_look(scene);
	vec_each (&scene->facts.engine.containers, container) {
		if (str_eq(container->name, name))
			return container;
	}
	return NULL;
}

const char *scene_text(struct scene *scene)
{
	auto_str struct str_buf text = {0};
	char addr[IP_TEXT_MAX];

	(void)scene_look(scene);
	vec_each (&scene->facts.engine.containers, container) {
		str_buf_addf(&text, "%s%s", text.len ? "; " : "", container->name);
		vec_each (&container->endpoints, endpoint)
			str_buf_addf(&text, " %s",
				     endpoint->v4.family ? ip_addr_format(&endpoint->v4, addr)
							 : "-");
		str_buf_addf(&text, " %u", container->pid);
		vec_each (&container->ports, port)
			str_buf_addf(&text, " %u:%u", port->host_port, port->container_port);
	}
	return arena_strdup(scene->arena, str_buf_text(&text));
}

void scene_until(struct scene *scene, const char *text)
{
	int64_t until = loop_now() + PATIENCE_MS;
	const char *now = scene_text(scene);

	while (!str_eq(now, text)) {
		if (loop_now() > until)
			fail_msg("known is '%s', not '%s' (engine: %s)", now, text,
				 scene->facts.engine.reason ? scene->facts.engine.reason : "fine");
		(void)loop_step(&scene->loop, 100, -1);
		now = scene_text(scene);
	}
}

void scene_until_state(struct scene *scene, uint8_t state)
{
	int64_t until = loop_now() + PATIENCE_MS;

	while (!scene_look(scene) || scene->facts.engine.state != state) {
		if (loop_now() > until)
			fail_msg("the engine's state is %u, not %u (%s)", scene->facts.engine.state,
				 state,
				 scene->facts.engine.reason ? scene->facts.engine.reason : "fine");
		(void)loop_step(&scene->loop, 100, -1);
	}
}

void scene_settle(struct scene *scene)
{
	struct engine_client_numbers before, now;
	unsigned wakes;

	/* the fake has answered each request when it tells their number, so all is in the socket */
	do {
		engine_client_numbers(scene->loop.client, &before);
		(void)fake_engine_requests(&scene->fake);
		do {
			wakes = scene->loop.wakes;
			(void)loop_step(&scene->loop, 2, -1);
		} while (scene->loop.wakes != wakes);
		engine_client_numbers(scene->loop.client, &now);
	} while (now.requests != before.requests);
}

void scene_expect_reason(struct scene *scene, const char *text)
{
	(void)scene_look(scene);
	if (!scene->facts.engine.reason || !strstr(scene->facts.engine.reason, text))
		fail_msg("the reason is '%s', not '%s'",
			 scene->facts.engine.reason ? scene->facts.engine.reason : "", text);
}
