/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container engine that does what it is told:
 *
 *	fake_engine SOCKET
 *
 * Commands come on stdin, one a line; each is answered with "ok" when it is done (or a line before
 * that), so a test knows where it is.  Its end ends the program.
 *
 *	container NAME IP PID [HOSTPORT CONTAINERPORT]   there is, or is changed to; no event
 *	many COUNT            as many, c0, c1 ..., with address, process and port
 *	remove NAME           does not run any more; no event
 *	rename NAME NEW       no event
 *	emit NAME ACTION      an event of that container
 *	connect NAME          the event that it got an address in the network "bridge"
 *	disconnect NAME
 *	burst COUNT OF        so many events, in turn of the first so many containers
 *	event TEXT            that text and a line's end, to everybody who listens to events
 *	part TEXT             that text, as it is
 *	set PATH TEXT         the answer to GET PATH (without /vX.Y); "set PATH" alone: as before
 *	status PATH CODE
 *	fault PATH KIND [N]   none; cut: after N bytes of the answer; slow: a byte each N ms; huge:
 *N bytes more; bare: no length; chunked: pieces of N bytes; silent; headers: N bytes more of them.
 *PATH "*": for all drop                  ends all connections deaf, listen          closes, opens
 *the socket requests              tells how many there were: "requests COUNT"
 *
 * Ids are the container's number, 8 hex digits eight times.
 */
#include "fake_engine.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

#define CONNECTIONS 128u
#define PATHS 64u
#define LINE_MAX_BYTES (8u * 1024 * 1024)

enum fault {
	FAULT_NONE,
	FAULT_CUT,
	FAULT_SLOW,
	FAULT_HUGE,
	FAULT_BARE,
	FAULT_CHUNKED,
	FAULT_SILENT,
	FAULT_HEADERS
};
static const char *const fault_names[] = {"none", "cut",     "slow",   "huge",
					  "bare", "chunked", "silent", "headers"};

struct box {
	char name[64];
	char id[65];
	char ip[64];
	unsigned pid;
	unsigned host_port;
	unsigned port;
	bool running;
};

struct special { /* what was said of a path */
	char path[128];
	char *text;
	int status;
	enum fault fault;
	unsigned long number;
};

struct connection {
	int fd; /* -1: free */
	struct str_buf in;
	struct str_buf out;
	size_t sent;
	bool stream;
	bool closing; /* when all is sent */
	long slow_ms;
	int64_t next_ms;
};

static struct box *boxes;
static unsigned box_count, box_room;
static struct special specials[PATHS];
static unsigned special_count;
static struct connection connections[CONNECTIONS];
static const char *socket_path;
static int listener = -1;
static unsigned long requests;

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((noreturn)) static void die(const char *what)
{
	(void)fprintf(stderr, "fake_engine: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- what it tells ---- */

static struct box *box_find(const char *name)
{
	for (unsigned i = 0; i < box_count; i++) {
		if (str_eq(boxes[i].name, name) || str_eq(boxes[i].id, name))
			return &boxes[i];
	}
	return NULL;
}

static struct box *box_get(const char *name)
{
	struct box *box = box_find(name);

	if (box)
		return box;
	if (box_count == box_room) {
		box_room = box_room ? box_room * 2 : 64;
		boxes = mem_realloc(boxes, sizeof(*boxes) * box_room);
	}
	box = &boxes[box_count];
	*box = (struct box){0};
	(void)str_copy(box->name, sizeof(box->name), name);
	fake_engine_id(box_count, box->id);
	box_count++;
	return box;
}

static void tell_networks(const struct box *box, struct str_buf *out)
{
	str_buf_addf(out, "\"Networks\":{\"bridge\":{\"NetworkID\":\"b1\",\"IPAddress\":\"%s\",",
		     box->running && box->ip[0] != '-' ? box->ip : "");
	str_buf_adds(out, "\"GlobalIPv6Address\":\"\"}}");
}

static void tell_item(const struct box *box, struct str_buf *out)
{
	str_buf_addf(out, "{\"Id\":\"%s\",\"Names\":[\"/%s\"],\"Image\":\"x\",\"Ports\":[", box->id,
		     box->name);
	if (box->host_port)
		str_buf_addf(out,
			     "{\"IP\":\"0.0.0.0\",\"PrivatePort\":%u,\"PublicPort\":%u,\"Type\":"
			     "\"tcp\"},{\"PrivatePort\":%u,\"Type\":\"udp\"}",
			     box->port, box->host_port, box->port);
	str_buf_adds(out, "],\"Labels\":{\"b\":\"2\",\"a\":\"1\"},\"State\":\"running\",");
	str_buf_adds(out, "\"HostConfig\":{\"NetworkMode\":\"default\"},\"NetworkSettings\":{");
	tell_networks(box, out);
	str_buf_adds(out, "}}");
}

static void tell_list(struct str_buf *out)
{
	bool any = false;

	str_buf_addc(out, '[');
	for (unsigned i = 0; i < box_count; i++) {
		if (!boxes[i].running)
			continue;
		if (any)
			str_buf_addc(out, ',');
		tell_item(&boxes[i], out);
		any = true;
	}
	str_buf_adds(out, "]\n");
}

static void tell_inspect(const struct box *box, struct str_buf *out)
{
	str_buf_addf(out,
		     "{\"Id\":\"%s\",\"Name\":\"/%s\",\"State\":{\"Status\":\"x\",\"Running\":%s,"
		     "\"Pid\":%u},\"Config\":{\"Labels\":{\"a\":\"1\",\"b\":\"2\"}},",
		     box->id, box->name, box->running ? "true" : "false",
		     box->running ? box->pid : 0);
	str_buf_adds(out, "\"HostConfig\":{\"NetworkMode\":\"default\"},");
	str_buf_adds(out, "\"NetworkSettings\":{\"Ports\":{");
	if (box->host_port)
		str_buf_addf(out,
			     "\"%u/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"%u\"}],"
			     "\"%u/udp\":null",
			     box->port, box->host_port, box->port);
	str_buf_adds(out, "},");
	tell_networks(box, out);
	str_buf_adds(out, "}}\n");
}

static const struct special *special_find(const char *path)
{
	for (unsigned i = 0; i < special_count; i++) {
		if (str_eq(specials[i].path, path))
			return &specials[i];
	}
	return NULL;
}

static struct special *special_get(const char *path)
{
	struct special *special = (struct special *)(uintptr_t)special_find(path);

	if (special)
		return special;
	if (special_count == PATHS)
		die("too many paths");
	special = &specials[special_count++];
	*special = (struct special){.status = 200};
	(void)str_copy(special->path, sizeof(special->path), path);
	return special;
}

/* The body of an answer; false: there is nothing of that name. */
static bool tell(const char *path, struct str_buf *out)
{
	const struct special *special = special_find(path);
	char id[65] = "";
	struct box *box;

	if (special && special->text) {
		str_buf_adds(out, special->text);
	} else if (str_eq(path, "/version")) {
		str_buf_adds(out, "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\","
				  "\"MinAPIVersion\":\"1.12\"}\n");
	} else if (str_eq(path, "/info")) {
		str_buf_adds(out, "{\"ID\":\"x\",\"Swarm\":{\"LocalNodeState\":\"inactive\"}}\n");
	} else if (str_eq(path, "/networks")) {
		str_buf_adds(out, "[{\"Name\":\"bridge\",\"Id\":\"b1\",\"Driver\":\"bridge\","
				  "\"IPAM\":{\"Config\":[{\"Subnet\":\"172.16.0.0/12\"}]}}]\n");
	} else if (str_eq(path, "/containers/json")) {
		tell_list(out);
	} else if (str_starts(path, "/containers/") && str_ends(path, "/json")) {
		(void)str_copy(id, sizeof(id), path + strlen("/containers/"));
		box = box_find(id);
		if (box)
			tell_inspect(box, out);
		return box != NULL;
	} else {
		return false;
	}
	return true;
}

/* ---- connections ---- */

static void connection_close(struct connection *connection)
{
	(void)close(connection->fd);
	str_buf_done(&connection->in);
	str_buf_done(&connection->out);
	*connection = (struct connection){.fd = -1};
}

static void connection_send(struct connection *connection)
{
	while (connection->sent < connection->out.len) {
		size_t len = connection->out.len - connection->sent;
		ssize_t done;

		if (connection->slow_ms) {
			if (now_ms() < connection->next_ms)
				return;
			len = 1;
			connection->next_ms = now_ms() + connection->slow_ms;
		}
		done = send(connection->fd, connection->out.data + connection->sent, len,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (done < 0 && errno == EAGAIN)
			return;
		if (done < 0) {
			connection_close(connection);
			return;
		}
		connection->sent += (size_t)done;
	}
	connection->out.len = connection->sent = 0;
	if (connection->closing)
		connection_close(connection);
}

static void add_chunk(struct str_buf *out, const char *text, size_t len)
{
	str_buf_addf(out, "%zx\r\n", len);
	str_buf_add(out, text, len);
	str_buf_adds(out, "\r\n");
}

static void stream_all(const char *text, size_t len)
{
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		if (connections[i].fd < 0 || !connections[i].stream || len == 0)
			continue;
		add_chunk(&connections[i].out, text, len);
		connection_send(&connections[i]);
	}
}

static void add_body(struct str_buf *out, const struct str_buf *body, const struct special *special)
{
	enum fault fault = special ? special->fault : FAULT_NONE;
	size_t step = fault == FAULT_CHUNKED && special->number ? special->number : body->len;

	if (fault == FAULT_HEADERS) {
		for (unsigned long n = 0; n < special->number; n += 16)
			str_buf_adds(out, "X-More: 1234567\r\n");
	}
	if (fault == FAULT_CHUNKED) {
		str_buf_adds(out, "Transfer-Encoding: chunked\r\n\r\n");
		for (size_t at = 0; at < body->len; at += step)
			add_chunk(out, body->data + at,
				  body->len - at < step ? body->len - at : step);
		str_buf_adds(out, "0\r\n\r\n");
		return;
	}
	if (fault != FAULT_BARE && fault != FAULT_HUGE)
		str_buf_addf(out, "Content-Length: %zu\r\n", body->len);
	str_buf_adds(out, "\r\n");
	str_buf_add(out, str_buf_text(body), body->len);
	for (unsigned long n = 0; fault == FAULT_HUGE && n < special->number; n++)
		str_buf_addc(out, ' ');
}

static void answer(struct connection *connection, const char *path)
{
	const struct special *special = special_find("*") ? special_find("*") : special_find(path);
	const struct special *own = special_find(path);
	auto_str struct str_buf body = {0};
	int status = own ? own->status : 200;
	size_t begin = connection->out.len;

	if (special && special->fault == FAULT_SILENT)
		return;
	if (str_starts(path, "/events")) {
		connection->stream = status == 200;
		str_buf_addf(&connection->out,
			     "HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n", status);
	} else {
		if (!tell(path, &body))
			status = 404;
		str_buf_addf(&connection->out, "HTTP/1.1 %d X\r\n", status);
		add_body(&connection->out, &body, special);
	}
	if (!special)
		return;
	if (special->fault == FAULT_CUT && begin + special->number < connection->out.len) {
		connection->out.len = begin + special->number;
		connection->closing = true;
	}
	if (special->fault == FAULT_SLOW)
		connection->slow_ms = (long)special->number;
	if (special->fault == FAULT_BARE || special->fault == FAULT_HUGE)
		connection->closing = true;
}

/* "GET /v1.41/info HTTP/1.1": anything else would be a mistake of the client. */
static void take_request(struct connection *connection)
{
	char path[256] = "", *at = path, *end;

	if (sscanf(connection->in.data, "GET %255s HTTP/1.1", path) != 1) {
		(void)fprintf(stderr, "fake_engine: not a GET: %s\n", connection->in.data);
		exit(1);
	}
	if (str_starts(at, "/v1."))
		at += strcspn(at + 1, "/") + 1;
	end = strchr(at, '?');
	if (end)
		*end = '\0';
	requests++;
	answer(connection, at);
	connection->in.len = 0;
}

static void connection_read(struct connection *connection)
{
	char data[4096];
	ssize_t len = recv(connection->fd, data, sizeof(data), MSG_DONTWAIT);

	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0) {
		connection_close(connection);
		return;
	}
	str_buf_add(&connection->in, data, (size_t)len);
	if (str_ends(connection->in.data, "\r\n\r\n")) {
		take_request(connection);
		connection_send(connection);
	}
}

static void accept_one(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		if (connections[i].fd < 0) {
			connections[i].fd = fd;
			return;
		}
	}
	(void)close(fd);
}

static void listen_on(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (listener >= 0)
		return;
	(void)unlink(socket_path);
	(void)str_copy(addr.sun_path, sizeof(addr.sun_path), socket_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(listener, 128) < 0)
		die(socket_path);
}

/* ---- commands ---- */

static void add_event(struct str_buf *out, const struct box *box, const char *action)
{
	str_buf_addf(out,
		     "{\"status\":\"%s\",\"id\":\"%s\",\"from\":\"x\",\"Type\":\"container\","
		     "\"Action\":\"%s\",\"Actor\":{\"ID\":\"%s\",\"Attributes\":{\"image\":\"x\","
		     "\"name\":\"%s\"}},\"scope\":\"local\",\"time\":1,\"timeNano\":1}\n",
		     action, box->id, action, box->id, box->name);
}

static void add_network_event(struct str_buf *out, const struct box *box, const char *action)
{
	str_buf_addf(
		out,
		"{\"Type\":\"network\",\"Action\":\"%s\",\"Actor\":{\"ID\":\"b1\","
		"\"Attributes\":{\"container\":\"%s\",\"name\":\"bridge\",\"type\":\"bridge\"}}"
		",\"scope\":\"local\",\"time\":1,\"timeNano\":1}\n",
		action, box->id);
}

static void add_many(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		auto_str struct str_buf name = {0};
		struct box *box;

		str_buf_addf(&name, "c%u", i);
		box = box_get(name.data);
		(void)snprintf(box->ip, sizeof(box->ip), "172.%u.%u.%u", 18 + i / 65000,
			       i / 250 % 256, i % 250 + 2);
		box->pid = 1000 + i;
		box->host_port = 10000 + i % 50000;
		box->port = 80;
		box->running = true;
	}
}

static void command_event(const char *verb, char *rest, struct str_buf *out)
{
	char *action = strchr(rest, ' ');
	unsigned count = 0, of = 1;
	const struct box *box;

	if (str_eq(verb, "burst")) {
		if (sscanf(rest, "%u %u", &count, &of) != 2 || of > box_count || of == 0)
			die("burst COUNT OF");
		for (unsigned i = 0; i < count; i++)
			add_event(out, &boxes[i % of], "start");
		return;
	}
	if (action)
		*action++ = '\0';
	box = box_find(rest);
	if (!box)
		die(rest);
	if (str_eq(verb, "emit"))
		add_event(out, box, action ? action : "start");
	else
		add_network_event(out, box, verb);
}

static void command_container(char *rest)
{
	char name[64], ip[64];
	unsigned pid, host_port = 0, port = 0;
	struct box *box;

	if (sscanf(rest, "%63s %63s %u %u %u", name, ip, &pid, &host_port, &port) < 3)
		die("container NAME IP PID");
	box = box_get(name);
	(void)str_copy(box->ip, sizeof(box->ip), ip);
	box->pid = pid;
	box->host_port = host_port;
	box->port = port;
	box->running = true;
}

static void command_fault(const char *verb, char *rest)
{
	char path[128] = "", kind[32] = "none";
	unsigned long number = 0;
	struct special *special;
	char *text = strchr(rest, ' ');

	if (str_eq(verb, "set")) {
		if (text)
			*text++ = '\0';
		special = special_get(rest);
		free(special->text);
		special->text = text ? strdup(text) : NULL;
		return;
	}
	(void)sscanf(rest, "%127s %31s %lu", path, kind, &number);
	special = special_get(path);
	if (str_eq(verb, "status")) {
		special->status = (int)strtol(kind, NULL, 10);
		return;
	}
	for (unsigned i = 0; i < sizeof(fault_names) / sizeof(fault_names[0]); i++) {
		if (str_eq(fault_names[i], kind)) {
			special->fault = (enum fault)i;
			special->number = number;
			if (str_eq(path, "*") && i == FAULT_NONE)
				special->path[0] = '\0';
			return;
		}
	}
	die(kind);
}

static void command_rename(char *rest)
{
	char name[64], new_name[64];
	struct box *box;

	if (sscanf(rest, "%63s %63s", name, new_name) != 2 || !(box = box_find(name)))
		die("rename NAME NEW");
	(void)str_copy(box->name, sizeof(box->name), new_name);
}

static void drop_all(void)
{
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		if (connections[i].fd >= 0)
			connection_close(&connections[i]);
	}
}

static void command(char *line)
{
	char *rest = strchr(line, ' ');
	auto_str struct str_buf out = {0};

	if (rest)
		*rest++ = '\0';
	else
		rest = line + strlen(line);
	if (str_eq(line, "container")) {
		command_container(rest);
	} else if (str_eq(line, "many")) {
		add_many((unsigned)strtoul(rest, NULL, 10));
	} else if (str_eq(line, "remove")) {
		box_get(rest)->running = false;
	} else if (str_eq(line, "rename")) {
		command_rename(rest);
	} else if (str_eq(line, "set") || str_eq(line, "status") || str_eq(line, "fault")) {
		command_fault(line, rest);
	} else if (str_eq(line, "event")) {
		str_buf_addf(&out, "%s\n", rest);
	} else if (str_eq(line, "part")) {
		str_buf_adds(&out, rest);
	} else if (str_eq(line, "drop")) {
		drop_all();
	} else if (str_eq(line, "deaf")) {
		(void)close(listener);
		(void)unlink(socket_path);
		listener = -1;
	} else if (str_eq(line, "listen")) {
		listen_on();
	} else if (str_eq(line, "requests")) {
		(void)printf("requests %lu\n", requests);
	} else {
		command_event(line, rest, &out);
	}
	stream_all(str_buf_text(&out), out.len);
	(void)printf("ok\n");
	(void)fflush(stdout);
}

/* False at the end of stdin. */
static bool read_commands(struct str_buf *in)
{
	static char data[65536];
	ssize_t len = read(STDIN_FILENO, data, sizeof(data));
	char *end;

	if (len <= 0)
		return false;
	str_buf_add(in, data, (size_t)len);
	while (in->len && (end = memchr(in->data, '\n', in->len))) {
		size_t used = (size_t)(end - in->data) + 1;

		*end = '\0';
		command(in->data);
		memmove(in->data, in->data + used, in->len - used);
		in->len -= used;
	}
	if (in->len > LINE_MAX_BYTES)
		die("a command is too long");
	return true;
}

static int wait_ms(void)
{
	int64_t now = now_ms(), least = 10000;

	for (unsigned i = 0; i < CONNECTIONS; i++) {
		const struct connection *connection = &connections[i];

		if (connection->fd >= 0 && connection->slow_ms && connection->out.len &&
		    connection->next_ms - now < least)
			least = connection->next_ms - now;
	}
	return least < 0 ? 0 : (int)least;
}

int main(int argc, char **argv)
{
	static struct pollfd fds[CONNECTIONS + 2];
	auto_str struct str_buf in = {0};

	if (argc != 2) {
		(void)fprintf(stderr, "fake_engine SOCKET\n");
		return 2;
	}
	socket_path = argv[1];
	for (unsigned i = 0; i < CONNECTIONS; i++)
		connections[i].fd = -1;
	listen_on();
	(void)printf("ok\n");
	(void)fflush(stdout);
	for (;;) {
		fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (unsigned i = 0; i < CONNECTIONS; i++) {
			bool full = connections[i].out.len && !connections[i].slow_ms;

			fds[i + 2] = (struct pollfd){.fd = connections[i].fd,
						     .events = full ? POLLIN | POLLOUT : POLLIN};
		}
		if (poll(fds, CONNECTIONS + 2, wait_ms()) < 0)
			die("poll");
		for (unsigned i = 0; i < CONNECTIONS; i++) {
			if (connections[i].fd >= 0 && (fds[i + 2].revents & (POLLIN | POLLHUP)))
				connection_read(&connections[i]);
			if (connections[i].fd >= 0 && connections[i].out.len)
				connection_send(&connections[i]);
		}
		if (fds[1].revents & POLLIN)
			accept_one();
		if (fds[0].revents && !read_commands(&in))
			break;
	}
	drop_all();
	if (listener >= 0)
		(void)unlink(socket_path);
	free(boxes);
	return 0;
}
