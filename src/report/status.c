/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status, for people and machines. */
#include "report/status.h"

#include <inttypes.h>

#include "report/json.h"

static const char *engine_state_name(enum engine_state state)
{
	switch (state) {
	case ENGINE_ABSENT:
		return "absent";
	case ENGINE_SILENT:
		return "silent";
	case ENGINE_ANSWERED:
		return "answered";
	}
	return "absent";
}

void report_engine(const struct engine *engine, struct str_buf *out)
{
	if (engine->state != ENGINE_ANSWERED) {
		str_buf_addf(out, "%s, names of containers match nothing",
			     engine->reason		      ? engine->reason
			     : engine->state == ENGINE_SILENT ? "the engine does not answer"
							      : "no engine");
		return;
	}
	str_buf_addf(out, "%s %s", engine->name ? engine->name : "engine",
		     engine->version ? engine->version : "of unknown version");
	if (engine->api_version)
		str_buf_addf(out, ", API %s", engine->api_version);
	if (engine->firewall_backend)
		str_buf_addf(out, ", firewall %s", engine->firewall_backend);
	str_buf_addf(out, ", %u containers on %u networks%s", (unsigned)engine->containers.len,
		     (unsigned)engine->networks.len, engine->swarm ? ", swarm" : "");
}

/* Ports of a bridge are spoken for by the bridge; loopback is never asked. */
static bool iface_counts(const struct iface *iface)
{
	return iface->kind != IFACE_LOOPBACK && !iface->master;
}

static void zones_text(const struct report_status *status, struct str_buf *out)
{
	for (uint32_t zone = 1; zone < status->model->zones.len; zone++) {
		bool any = false;

		str_buf_addf(out, "%s  %-14s", zone == 1 ? "zones:\n" : "",
			     status->model->zones.items[zone].name);
		vec_each (&status->facts->ifaces, iface) {
			if (!iface_counts(iface) ||
			    model_zone_of_iface(status->model, iface->name) != zone)
				continue;
			str_buf_addf(out, "%s%s", any ? ", " : "", iface->name);
			any = true;
		}
		str_buf_adds(out, any ? "\n" : "no interface\n");
	}
}

static const char *disk_text(enum report_disk disk)
{
	switch (disk) {
	case REPORT_DISK_SAME:
		return "as loaded";
	case REPORT_DISK_DIFFERS:
		return "differs from what is loaded ('wharfwall diff' shows it)";
	case REPORT_DISK_WRONG:
		return "is not good now ('wharfwall check' says why)";
	}
	return "";
}

static void drift_text(const struct report_status *status, struct str_buf *out)
{
	switch ((enum report_drift)status->drift) {
	case REPORT_DRIFT_UNKNOWN:
		str_buf_adds(out, "drift:    not known, what was applied is not on disk\n");
		return;
	case REPORT_DRIFT_NONE:
		str_buf_adds(out, "drift:    none, the kernel holds what the policy says\n");
		return;
	case REPORT_DRIFT_FOUND:
		break;
	}
	str_buf_addf(
		out,
		"drift:    %u changes lead from the kernel's table to what the policy says now\n",
		(unsigned)status->drift_changes);
	vec_each (&status->drift_lines, line)
		str_buf_addf(out, "            %s\n", *line);
	str_buf_adds(out,
		     "          containers or interfaces changed, or somebody edited the table;"
		     " 'wharfwall apply' mends it\n");
}

static void loaded_text(const struct report_status *status, struct str_buf *out)
{
	if (!status->loaded) {
		str_buf_adds(out, "wharfwall is not loaded: 'wharfwall apply' loads the policy\n");
		return;
	}
	if (status->newer) {
		str_buf_adds(out, "a table of a newer wharfwall is loaded: use that version\n");
		return;
	}
	if (status->rules) {
		str_buf_addf(out,
			     "wharfwall is loaded with the rules for containers of '%s', for an "
			     "engine without DOCKER-USER\nsince:    %s\n",
			     status->policy, status->since);
		return;
	}
	str_buf_addf(out, "wharfwall is %s\n",
		     status->lockdown ? "in lockdown: established connections and SSH only"
				      : "loaded");
	str_buf_addf(out, "since:    %s\n", status->since ? status->since : "not known");
	str_buf_addf(out, "policy:   %s (%u sentences, hash %016" PRIx64 ")\n",
		     status->policy ? status->policy : "not known", (unsigned)status->sentences,
		     status->policy_hash);
}

static bool holds_policy(const struct report_status *status)
{
	return status->loaded && !status->lockdown && !status->rules;
}

static void trial_text(const struct report_status *status, struct str_buf *out)
{
	const char *policy = status->trial_policy ? status->trial_policy : "a policy";

	if (!status->trial)
		return;
	if (status->trial_left_s)
		str_buf_addf(out,
			     "on trial: %s, for %u seconds more: 'wharfwall confirm' keeps it, "
			     "'wharfwall revert' goes back\n",
			     policy, (unsigned)status->trial_left_s);
	else
		str_buf_addf(out,
			     "on trial: %s was, until its time was over; what is said here "
			     "counts again\n",
			     policy);
}

static void boot_text(const struct report_status *status, struct str_buf *out)
{
	if (!status->boot_loaded)
		return;
	str_buf_addf(out, "boot:     %s, because %s\n",
		     str_eq(status->boot_loaded, "last")    ? "what was applied last was loaded"
		     : str_eq(status->boot_loaded, "stays") ? "what was loaded before stayed"
							    : "the host was closed",
		     status->boot_reason);
	if (status->boot_last)
		str_buf_addf(out, "          and what was applied last was not loaded either: %s\n",
			     status->boot_last);
	str_buf_adds(out, "          mend it, then 'wharfwall apply'\n");
}

void report_status_text(const struct report_status *status, struct str_buf *out)
{
	loaded_text(status, out);
	boot_text(status, out);
	trial_text(status, out);
	str_buf_addf(out, "on disk:  %s %s\n", status->disk_path,
		     holds_policy(status)		 ? disk_text(status->disk)
		     : status->disk == REPORT_DISK_WRONG ? disk_text(REPORT_DISK_WRONG)
							 : "is good");
	if (holds_policy(status) && !status->newer)
		drift_text(status, out);
	str_buf_adds(out, "engine:   ");
	report_engine(&status->facts->engine, out);
	str_buf_addc(out, '\n');
	if (status->model)
		zones_text(status, out);
	report_numbers_text(&status->numbers, out);
	if (status->counters.len)
		str_buf_adds(out, "refused packets:\n");
	vec_each (&status->counters, counter)
		str_buf_addf(out, "  %-30s %" PRIu64 " packets, %" PRIu64 " bytes\n", counter->name,
			     counter->packets, counter->bytes);
}

static json_t *engine_json(const struct engine *engine)
{
	json_t *object = json_object();

	json_object_set_new(object, "state", json_string(engine_state_name(engine->state)));
	json_object_set_new(object, "url", report_json_text(engine->url));
	json_object_set_new(object, "reason", report_json_text(engine->reason));
	json_object_set_new(object, "name", report_json_text(engine->name));
	json_object_set_new(object, "engine_version", report_json_text(engine->version));
	json_object_set_new(object, "api_version", report_json_text(engine->api_version));
	json_object_set_new(object, "firewall_backend", report_json_text(engine->firewall_backend));
	json_object_set_new(object, "containers", json_integer(engine->containers.len));
	json_object_set_new(object, "networks", json_integer(engine->networks.len));
	return object;
}

static json_t *zones_json(const struct report_status *status)
{
	json_t *object = json_object();

	for (uint32_t zone = 1; status->model && zone < status->model->zones.len; zone++) {
		json_t *ifaces = json_array();

		vec_each (&status->facts->ifaces, iface) {
			if (iface_counts(iface) &&
			    model_zone_of_iface(status->model, iface->name) == zone)
				json_array_append_new(ifaces, report_json_text(iface->name));
		}
		json_object_set_new(object, status->model->zones.items[zone].name, ifaces);
	}
	return object;
}

void report_status_json(const struct report_status *status, json_t *object)
{
	static const char *const disk_names[] = {"same", "differs", "wrong"};
	json_t *counters = json_array();
	json_t *lines = json_array();
	char hash[32];

	(void)snprintf(hash, sizeof(hash), "%016" PRIx64, status->policy_hash);
	json_object_set_new(object, "loaded", json_boolean(status->loaded));
	json_object_set_new(object, "lockdown", json_boolean(status->lockdown));
	json_object_set_new(object, "rules", json_boolean(status->rules));
	json_object_set_new(object, "newer", json_boolean(status->newer));
	json_object_set_new(object, "trial",
			    status->trial ? json_pack("{s:o, s:i}", "policy",
						      report_json_text(status->trial_policy),
						      "left", (int)status->trial_left_s)
					  : json_null());
	json_object_set_new(object, "boot",
			    status->boot_loaded
				    ? json_pack("{s:o, s:o, s:o}", "loaded",
						report_json_text(status->boot_loaded), "reason",
						report_json_text(status->boot_reason), "last",
						report_json_text(status->boot_last))
				    : json_null());
	json_object_set_new(object, "since", report_json_text(status->since));
	json_object_set_new(object, "policy", report_json_text(status->policy));
	json_object_set_new(object, "policy_hash",
			    status->loaded ? json_string(hash) : json_null());
	json_object_set_new(object, "sentences", json_integer(status->sentences));
	json_object_set_new(object, "disk_path", report_json_text(status->disk_path));
	json_object_set_new(object, "disk", json_string(disk_names[status->disk]));
	json_object_set_new(object, "drift",
			    status->drift == REPORT_DRIFT_UNKNOWN
				    ? json_null()
				    : json_integer(status->drift_changes));
	vec_each (&status->drift_lines, line)
		json_array_append_new(lines, report_json_text(*line));
	json_object_set_new(object, "drift_lines", lines);
	json_object_set_new(object, "engine", engine_json(&status->facts->engine));
	json_object_set_new(object, "zones", zones_json(status));
	vec_each (&status->counters, counter) {
		json_t *item = json_object();

		json_object_set_new(item, "name", report_json_text(counter->name));
		json_object_set_new(item, "packets", json_integer((json_int_t)counter->packets));
		json_object_set_new(item, "bytes", json_integer((json_int_t)counter->bytes));
		json_array_append_new(counters, item);
	}
	json_object_set_new(object, "counters", counters);
	report_numbers_json(&status->numbers, object);
}
