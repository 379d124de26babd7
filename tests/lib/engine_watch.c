/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what the engine's client knows, whenever it changes:
 *
 *	engine_watch URL [TIMEOUT-MS]
 *
 * After each change: "change closed|opened|state ...", "engine STATE REASON", and a line for each
 * container: "container NAME ID PID host=0|1 NETWORK=V4,V6 ... HOSTADDR:PORT->PORT/PROTOCOL ...",
 * then "end".  On stdin: "gone ID", "resync", "numbers"; its end ends the program.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/protocol.h"
#include "client_loop.h"
#include "engine/engine.h"

static void print_container(const struct container *container)
{
	char text[IP_TEXT_MAX];

	(void)printf("container %s %s %u host=%d", container->name, container->id, container->pid,
		     container->host_network);
	vec_each (&container->endpoints, endpoint) {
		(void)printf(" %s=", endpoint->network);
		(void)printf("%s", endpoint->v4.family ? ip_addr_format(&endpoint->v4, text) : "-");
		(void)printf(",%s",
			     endpoint->v6.family ? ip_addr_format(&endpoint->v6, text) : "-");
	}
	vec_each (&container->ports, port)
		(void)printf(" %s:%u->%u/%u", ip_addr_format(&port->host_addr, text),
			     port->host_port, port->container_port, port->protocol);
	(void)printf("\n");
}

static void print_all(struct client_loop *loop, unsigned changes)
{
	static const char *const states[] = {"absent", "silent", "answered"};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct facts facts = {0};

	(void)printf("change%s%s%s\n", changes & ENGINE_CHANGE_CLOSED ? " closed" : "",
		     changes & ENGINE_CHANGE_OPENED ? " opened" : "",
		     changes & ENGINE_CHANGE_STATE ? " state" : "");
	if (engine_client_facts(loop->client, arena, &facts)) {
		(void)printf("engine %s %s %s\n", states[facts.engine.state],
			     facts.engine.version ? facts.engine.version : "-",
			     facts.engine.reason ? facts.engine.reason : "-");
		vec_each (&facts.engine.networks, network)
			(void)printf("network %s %s %s\n", network->name, network->id,
				     network->iface ? network->iface : "-");
		vec_each (&facts.engine.containers, container)
			print_container(container);
	}
	(void)printf("end\n");
	(void)fflush(stdout);
}

static bool take_command(struct client_loop *loop)
{
	char line[256];
	struct engine_client_numbers numbers;

	if (!fgets(line, sizeof(line), stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "gone ", 5) == 0) {
		engine_client_gone(loop->client, line + 5);
	} else if (strcmp(line, "resync") == 0) {
		engine_client_resync(loop->client);
	} else if (strcmp(line, "numbers") == 0) {
		engine_client_numbers(loop->client, &numbers);
		(void)printf("numbers events=%lu requests=%lu losses=%lu wakes=%u\n",
			     (unsigned long)numbers.events, (unsigned long)numbers.requests,
			     (unsigned long)numbers.losses, loop->wakes);
		(void)fflush(stdout);
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct client_loop loop;
	struct err err = {0};
	unsigned timeout_ms = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000;

	(void)setvbuf(stdin, NULL, _IONBF, 0);
	if (argc < 2 || loop_start(&loop, argv[1], timeout_ms, &err) < 0) {
		(void)fprintf(stderr, "engine_watch URL [TIMEOUT-MS]: %s\n", err.text);
		return 2;
	}
	for (;;) {
		unsigned changes;

		if (loop_step(&loop, 1000, STDIN_FILENO) && !take_command(&loop))
			break;
		changes = loop_take_changes(&loop);
		if (changes)
			print_all(&loop, changes);
	}
	loop_stop(&loop);
	return 0;
}
