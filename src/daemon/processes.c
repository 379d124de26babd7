/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process descriptors of containers. */
#include "daemon/processes.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "base/arena.h"
#include "base/str.h"

static void process_free(struct process *process)
{
	sd_event_source_disable_unref(process->source);
	free(process);
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct process *process = data;

	(void)fd;
	(void)events;
	(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	process->owner->ended(process->owner->data, process->id);
	return 0;
}

/* glibc 2.36 has it as a function, the libraries of older systems do not. */
static int pidfd_open_checked(uint32_t pid)
{
	return (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
}

/* The engine lists containers in one order: nearly always it is the one at the cursor. */
static struct process *process_find(const struct processes *processes, const char *id,
				    uint32_t cursor)
{
	for (uint32_t i = 0; i < processes->len; i++) {
		struct process *process = processes->items[(cursor + i) % processes->len];

		if (str_eq(process->id, id))
			return process;
	}
	return NULL;
}

/* False: there is no such process. */
static bool process_add(struct processes *processes, const struct container *container)
{
	struct process *process;
	int fd = pidfd_open_checked(container->pid);

	/* No pidfds at all: events of the engine must do. */
	if (fd < 0)
		return errno != ESRCH;
	process = mem_alloc(sizeof(*process));
	*process = (struct process){.pid = container->pid, .seen = true, .owner = processes};
	(void)str_copy(process->id, sizeof(process->id), container->id);
	if (sd_event_add_io(processes->event, &process->source, fd, EPOLLIN, on_end, process) < 0) {
		(void)close(fd);
		free(process);
		return true;
	}
	(void)sd_event_source_set_io_fd_own(process->source, true);
	if (processes->len == processes->cap) {
		processes->cap = processes->cap ? processes->cap * 2 : 16;
		processes->items =
			mem_realloc(processes->items, processes->cap * sizeof(struct process *));
	}
	processes->items[processes->len++] = process;
	return true;
}

static void drop_unseen(struct processes *processes)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < processes->len; i++) {
		if (processes->items[i]->seen)
			processes->items[kept++] = processes->items[i];
		else
			process_free(processes->items[i]);
	}
	processes->len = kept;
}

void processes_sync(struct processes *processes, const struct engine *engine, struct arena *arena,
		    struct process_ids *ret_gone)
{
	uint32_t before = processes->len;

	for (uint32_t i = 0; i < before; i++)
		processes->items[i]->seen = false;
	for (uint32_t i = 0; i < engine->containers.len; i++) {
		const struct container *container = &engine->containers.items[i];
		struct process *process = process_find(processes, container->id, i);

		if (process && process->pid == container->pid)
			process->seen = true;
		else if (container->pid && !process_add(processes, container))
			*vec_add(arena, &ret_gone->items) = arena_strdup(arena, container->id);
	}
	drop_unseen(processes);
}

void processes_done(struct processes *processes)
{
	for (uint32_t i = 0; i < processes->len; i++)
		process_free(processes->items[i]);
	free(processes->items);
	*processes = (struct processes){0};
}
