/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers and their labels. */
#include "report/labels.h"

#include <string.h>

#include "report/json.h"

void report_labels_text(const struct facts *facts, bool trusted, struct str_buf *out)
{
	uint32_t count = 0;

	vec_each (&facts->engine.containers, container) {
		const char *text = container_label(container, CONTAINER_LABEL_ALLOW);

		if (trusted || !text)
			continue;
		str_buf_adds(out, count++ ? "" : "\n");
		str_buf_adds(out, "ignored: label " CONTAINER_LABEL_ALLOW " of ");
		str_buf_add_visible(out, container->name, strlen(container->name));
		str_buf_adds(out, ": ");
		str_buf_add_visible(out, text, strlen(text));
		str_buf_addc(out, '\n');
	}
	if (count)
		str_buf_adds(out, "'option labels = trust' in the policy would read them\n");
}

json_t *report_containers_json(const struct facts *facts, bool trusted)
{
	json_t *array = json_array();

	vec_each (&facts->engine.containers, container) {
		const char *text = container_label(container, CONTAINER_LABEL_ALLOW);
		json_t *object = json_object();

		json_object_set_new(object, "id", report_json_text(container->id));
		json_object_set_new(object, "name", report_json_text(container->name));
		json_object_set_new(object, "claims_project", report_json_text(container->project));
		json_object_set_new(object, "claims_service", report_json_text(container->service));
		json_object_set_new(object, "label", report_json_text(text));
		json_object_set_new(object, "label_read",
				    json_boolean(text && trusted && !container->host_network));
		json_array_append_new(array, object);
	}
	return array;
}
