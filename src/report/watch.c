/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's word on itself, as text, JSON and metrics. */
#include "report/watch.h"

#include <inttypes.h>
#include <stddef.h>

#include "facts/facts.h"
#include "report/json.h"

static const char *const mode_names[] = {"starting", "policy", "lockdown", "idle", "trial"};
static const char *const foreign_names[] = {"unknown", "present", "missing"};
static const char *const engine_names[] = {"absent", "silent", "answered"};

#define COUNT_OF(names) (sizeof(names) / sizeof(*(names)))

/* One table for writing and for reading. */
static const struct {
	const char *name;
	size_t offset;
} numbers[] = {
	{"passes", offsetof(struct report_watch, passes)},
	{"commits", offsetof(struct report_watch, commits)},
	{"repairs", offsetof(struct report_watch, repairs)},
	{"failures", offsetof(struct report_watch, failures)},
	{"events", offsetof(struct report_watch, events)},
	{"losses", offsetof(struct report_watch, losses)},
	{"flows_cut", offsetof(struct report_watch, flows_cut)},
	{"lag_us", offsetof(struct report_watch, lag_us)},
	{"lag_max_us", offsetof(struct report_watch, lag_max_us)},
	{"commit_us", offsetof(struct report_watch, commit_us)},
};

static uint64_t number_of(const struct report_watch *watch, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)watch + numbers[i].offset);
}

const char *watch_mode_name(enum watch_mode mode)
{
	return mode_names[mode];
}

static void repair_text(const struct report_repair *repair, struct str_buf *out)
{
	str_buf_addf(out, "          repaired %s", repair->at);
	if (repair->program && *repair->program)
		str_buf_addf(out, " after %s (process %u)", repair->program, (unsigned)repair->pid);
	str_buf_addf(out, ": %u changes\n", (unsigned)repair->changes);
	vec_each (&repair->lines, line)
		str_buf_addf(out, "            %s\n", *line);
}

const char *watch_mode_text(enum watch_mode mode)
{
	switch (mode) {
	case WATCH_STARTING:
		return "is starting";
	case WATCH_POLICY:
		return "keeps what was applied in force";
	case WATCH_LOCKDOWN:
		return "keeps the lockdown in force";
	case WATCH_IDLE:
		return "is idle until the next 'wharfwall apply'";
	case WATCH_TRIAL:
		return "follows containers and waits for the end of the trial";
	}
	return "";
}

void report_watch_text(const struct report_watch *watch, struct str_buf *out)
{
	str_buf_addf(out, "daemon:   process %u since %s %s\n", (unsigned)watch->pid,
		     watch->since ? watch->since : "an unknown time",
		     watch_mode_text((enum watch_mode)watch->mode));
	str_buf_addf(out,
		     "          %" PRIu64 " passes, %" PRIu64 " commits, %" PRIu64
		     " repairs, %" PRIu64 " failures; the last pass took %" PRIu64 ".%03" PRIu64
		     " ms\n",
		     watch->passes, watch->commits, watch->repairs, watch->failures,
		     watch->lag_us / 1000, watch->lag_us % 1000);
	if (watch->error)
		str_buf_addf(out, "          trouble: %s\n", watch->error);
	if (watch->policy_error)
		str_buf_addf(out,
			     "          the policy on disk is not loaded, the one before it stays: "
			     "%s\n",
			     watch->policy_error);
	if (watch->foreign == WATCH_FOREIGN_MISSING)
		str_buf_adds(out, "          the engine's own rules are gone, published ports do "
				  "not work: 'systemctl restart docker' brings them back\n");
	if (watch->repair.at)
		repair_text(&watch->repair, out);
}

static json_t *repair_json(const struct report_repair *repair)
{
	json_t *object, *lines;

	if (!repair->at)
		return json_null();
	object = json_object();
	lines = json_array();
	json_object_set_new(object, "at", report_json_text(repair->at));
	json_object_set_new(object, "program", report_json_text(repair->program));
	json_object_set_new(object, "pid", json_integer(repair->pid));
	json_object_set_new(object, "changes", json_integer(repair->changes));
	vec_each (&repair->lines, line)
		json_array_append_new(lines, report_json_text(*line));
	json_object_set_new(object, "lines", lines);
	return object;
}

json_t *report_watch_json(const struct report_watch *watch)
{
	json_t *object = json_object();

	json_object_set_new(object, "pid", json_integer(watch->pid));
	json_object_set_new(object, "since", report_json_text(watch->since));
	json_object_set_new(object, "mode", json_string(mode_names[watch->mode]));
	json_object_set_new(object, "engine", json_string(engine_names[watch->engine]));
	json_object_set_new(object, "engine_stopped", json_boolean(watch->engine_stopped));
	json_object_set_new(object, "engine_rules", json_string(foreign_names[watch->foreign]));
	json_object_set_new(object, "containers", json_integer(watch->containers));
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		json_object_set_new(object, numbers[i].name,
				    json_integer((json_int_t)number_of(watch, i)));
	json_object_set_new(object, "error", report_json_text(watch->error));
	json_object_set_new(object, "policy_error", report_json_text(watch->policy_error));
	json_object_set_new(object, "repair", repair_json(&watch->repair));
	return object;
}

static const char *text_read(struct arena *arena, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? arena_strdup(arena, text) : NULL;
}

static bool name_read(const json_t *object, const char *member, const char *const *names,
		      size_t count, uint8_t *ret)
{
	const char *text = json_string_value(json_object_get(object, member));

	for (size_t i = 0; text && i < count; i++) {
		if (str_eq(names[i], text)) {
			*ret = (uint8_t)i;
			return true;
		}
	}
	return false;
}

static void repair_read(struct arena *arena, const json_t *object, struct report_repair *ret)
{
	const json_t *lines = json_object_get(object, "lines");

	ret->at = text_read(arena, object, "at");
	ret->program = text_read(arena, object, "program");
	ret->pid = (uint32_t)json_integer_value(json_object_get(object, "pid"));
	ret->changes = (uint32_t)json_integer_value(json_object_get(object, "changes"));
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const char *line = json_string_value(json_array_get(lines, i));

		if (line)
			*vec_add(arena, &ret->lines) = arena_strdup(arena, line);
	}
}

bool report_watch_read(struct arena *arena, const json_t *object, struct report_watch *ret)
{
	struct report_watch watch = {0};

	if (!json_is_object(object) ||
	    !name_read(object, "mode", mode_names, COUNT_OF(mode_names), &watch.mode) ||
	    !name_read(object, "engine", engine_names, COUNT_OF(engine_names), &watch.engine) ||
	    !name_read(object, "engine_rules", foreign_names, COUNT_OF(foreign_names),
		       &watch.foreign))
		return false;
	watch.pid = (uint32_t)json_integer_value(json_object_get(object, "pid"));
	watch.containers = (uint32_t)json_integer_value(json_object_get(object, "containers"));
	watch.engine_stopped = json_is_true(json_object_get(object, "engine_stopped"));
	watch.since = text_read(arena, object, "since");
	watch.error = text_read(arena, object, "error");
	watch.policy_error = text_read(arena, object, "policy_error");
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		*(uint64_t *)(void *)((char *)&watch + numbers[i].offset) =
			(uint64_t)json_integer_value(json_object_get(object, numbers[i].name));
	repair_read(arena, json_object_get(object, "repair"), &watch.repair);
	*ret = watch;
	return true;
}

static void metric_add(struct str_buf *out, const char *name, const char *type, const char *help,
		       uint64_t value)
{
	str_buf_addf(out,
		     "# HELP wharfwall_%s %s\n# TYPE wharfwall_%s %s\nwharfwall_%s %" PRIu64 "\n",
		     name, help, name, type, name, value);
}

/* Microseconds as the seconds that Prometheus wants. */
static void seconds_add(struct str_buf *out, const char *name, const char *help, uint64_t us)
{
	str_buf_addf(out,
		     "# HELP wharfwall_%s %s\n# TYPE wharfwall_%s gauge\nwharfwall_%s %" PRIu64
		     ".%06" PRIu64 "\n",
		     name, help, name, name, us / 1000000, us % 1000000);
}

static void refused_add(struct str_buf *out, const struct report_metrics *metrics)
{
	if (!metrics->counters.len)
		return;
	str_buf_adds(out, "# HELP wharfwall_refused_packets_total Packets that were refused.\n"
			  "# TYPE wharfwall_refused_packets_total counter\n");
	vec_each (&metrics->counters, counter)
		str_buf_addf(out, "wharfwall_refused_packets_total{counter=\"%s\"} %" PRIu64 "\n",
			     counter->name, counter->packets);
	str_buf_adds(out, "# HELP wharfwall_refused_bytes_total Bytes of refused packets.\n"
			  "# TYPE wharfwall_refused_bytes_total counter\n");
	vec_each (&metrics->counters, counter)
		str_buf_addf(out, "wharfwall_refused_bytes_total{counter=\"%s\"} %" PRIu64 "\n",
			     counter->name, counter->bytes);
}

void report_watch_metrics(const struct report_metrics *metrics, struct str_buf *out)
{
	const struct report_watch *watch = metrics->watch;

	metric_add(out, "enforcing", "gauge",
		   "1 while a policy or a lockdown is kept in force and the last pass succeeded.",
		   !watch->error && (watch->mode == WATCH_POLICY || watch->mode == WATCH_LOCKDOWN));
	metric_add(out, "policy_error", "gauge", "1 while the policy on disk cannot be loaded.",
		   watch->policy_error != NULL);
	metric_add(out, "engine_up", "gauge", "1 while the container engine answers.",
		   watch->engine == ENGINE_ANSWERED);
	metric_add(out, "engine_rules_missing", "gauge", "1 while the engine's own rules are gone.",
		   watch->foreign == WATCH_FOREIGN_MISSING);
	metric_add(out, "containers", "gauge", "Running containers that are known.",
		   watch->containers);
	metric_add(out, "passes_total", "counter", "Passes over policy and facts.", watch->passes);
	metric_add(out, "commits_total", "counter", "Passes that changed the table.",
		   watch->commits);
	metric_add(out, "repairs_total", "counter", "Changes of others that were put right.",
		   watch->repairs);
	metric_add(out, "failures_total", "counter", "Passes that failed.", watch->failures);
	metric_add(out, "engine_events_total", "counter", "Events of the engine.", watch->events);
	metric_add(out, "engine_losses_total", "counter", "Lost connections to the engine.",
		   watch->losses);
	metric_add(out, "flows_cut_total", "counter", "Connections cut with their permission.",
		   watch->flows_cut);
	seconds_add(out, "lag_seconds", "From an event to the table, last pass.", watch->lag_us);
	seconds_add(out, "lag_max_seconds", "The longest of these since the start.",
		    watch->lag_max_us);
	seconds_add(out, "commit_seconds", "What the kernel took for the last commit.",
		    watch->commit_us);
	refused_add(out, metrics);
	report_numbers_metrics(&metrics->numbers, out);
}
