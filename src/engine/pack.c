/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers that are copied into one piece of memory, and compared. */
#include "engine/pack.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* Counts when it has no memory, copies when it has. */
struct packer {
	unsigned char *memory;
	size_t used;
};

static void *pack(struct packer *packer, const void *data, size_t size)
{
	void *copy = packer->memory ? packer->memory + packer->used : NULL;

	if (copy && size)
		memcpy(copy, data, size);
	packer->used += (size + 7) & ~(size_t)7;
	return copy;
}

static const char *pack_text(struct packer *packer, const char *text)
{
	return text ? pack(packer, text, strlen(text) + 1) : NULL;
}

/* While only counting, what `to` points to is NULL. */
static void pack_parts(struct packer *packer, const struct container *from, struct container *to)
{
	struct label *labels =
		pack(packer, from->labels.items, sizeof(struct label) * from->labels.len);
	struct endpoint *endpoints =
		pack(packer, from->endpoints.items, sizeof(struct endpoint) * from->endpoints.len);

	to->ports.items =
		pack(packer, from->ports.items, sizeof(struct port_binding) * from->ports.len);
	to->ports.cap = from->ports.len;
	to->labels.items = labels;
	to->labels.cap = from->labels.len;
	to->endpoints.items = endpoints;
	to->endpoints.cap = from->endpoints.len;
	to->id = pack_text(packer, from->id);
	to->name = pack_text(packer, from->name);
	to->project = pack_text(packer, from->project);
	to->service = pack_text(packer, from->service);
	for (uint32_t i = 0; i < from->labels.len; i++) {
		struct label label = {pack_text(packer, from->labels.items[i].key),
				      pack_text(packer, from->labels.items[i].value)};

		if (labels)
			labels[i] = label;
	}
	for (uint32_t i = 0; i < from->endpoints.len; i++) {
		const char *network = pack_text(packer, from->endpoints.items[i].network);

		if (endpoints)
			endpoints[i].network = network;
	}
}

static int compare_labels(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static int compare_endpoints(const void *a, const void *b)
{
	return strcmp(((const struct endpoint *)a)->network, ((const struct endpoint *)b)->network);
}

static int compare_ports(const void *a, const void *b)
{
	const struct port_binding *one = a, *other = b;

	if (one->protocol != other->protocol)
		return one->protocol < other->protocol ? -1 : 1;
	if (one->container_port != other->container_port)
		return one->container_port < other->container_port ? -1 : 1;
	if (one->host_port != other->host_port)
		return one->host_port < other->host_port ? -1 : 1;
	return ip_addr_compare(&one->host_addr, &other->host_addr);
}

#define sort_vec(vec, compare)                                                                     \
	do {                                                                                       \
		if ((vec)->len > 1)                                                                \
			qsort((vec)->items, (vec)->len, sizeof(*(vec)->items), compare);           \
	} while (0)

struct container *container_pack(struct container *container, size_t *ret_size)
{
	struct packer packer = {0};
	struct container counted, *packed;

	sort_vec(&container->labels, compare_labels);
	sort_vec(&container->endpoints, compare_endpoints);
	sort_vec(&container->ports, compare_ports);
	(void)pack(&packer, container, sizeof(*container));
	pack_parts(&packer, container, &counted);
	*ret_size = packer.used;
	packer = (struct packer){.memory = mem_alloc(packer.used)};
	packed = pack(&packer, container, sizeof(*container));
	pack_parts(&packer, container, packed);
	return packed;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

static bool same_labels(const struct container *a, const struct container *b)
{
	if (a->labels.len != b->labels.len)
		return false;
	for (uint32_t i = 0; i < a->labels.len; i++) {
		if (!str_eq(a->labels.items[i].key, b->labels.items[i].key) ||
		    !str_eq(a->labels.items[i].value, b->labels.items[i].value))
			return false;
	}
	return true;
}

static bool same_endpoints(const struct container *a, const struct container *b)
{
	if (a->endpoints.len != b->endpoints.len)
		return false;
	for (uint32_t i = 0; i < a->endpoints.len; i++) {
		const struct endpoint *one = &a->endpoints.items[i];
		const struct endpoint *other = &b->endpoints.items[i];

		if (!str_eq(one->network, other->network) || !ip_addr_eq(&one->v4, &other->v4) ||
		    !ip_addr_eq(&one->v6, &other->v6))
			return false;
	}
	return true;
}

static bool same_ports(const struct container *a, const struct container *b)
{
	if (a->ports.len != b->ports.len)
		return false;
	for (uint32_t i = 0; i < a->ports.len; i++) {
		if (compare_ports(&a->ports.items[i], &b->ports.items[i]) != 0)
			return false;
	}
	return true;
}

bool container_same(const struct container *a, const struct container *b)
{
	return str_eq(a->id, b->id) && same_text(a->name, b->name) &&
	       a->host_network == b->host_network && same_labels(a, b) && same_endpoints(a, b) &&
	       same_ports(a, b);
}
