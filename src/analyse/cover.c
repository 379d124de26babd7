/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An index of what earlier sentences decide, asked in constant time for each atom. */
#include "analyse/cover.h"

#include <string.h>

/* Longer source lists are one unit: they are compared as a whole, and asked for single prefixes. */
#define COVER_LIST_SPLIT 64u
/* So many long lists are looked into; further ones cover only themselves. */
#define COVER_LISTS_MAX 16u
/* So many port ranges of one source are kept; further ones cover nothing. */
#define COVER_RANGES_MAX 16u

#define COVER_LENGTHS 129u

enum atom_kind { ATOM_ANY, ATOM_PROTOCOL, ATOM_PORT, ATOM_RANGE, ATOM_PING, ATOM_KINDS };

enum source_kind { SOURCE_ANY, SOURCE_V4, SOURCE_V6, SOURCE_LIST, SOURCE_KINDS };

/* Compared as bytes: no padding, unused parts zero. */
struct atom {
	uint8_t source; /* enum source_kind */
	uint8_t len;	/* of the prefix */
	uint8_t kind;	/* enum atom_kind */
	uint8_t protocol;
	uint8_t inside;
	uint8_t pad;
	uint16_t port;	 /* ATOM_PORT */
	uint32_t target; /* number of the target list, 0: any container */
	uint32_t list;	 /* SOURCE_LIST */
	uint8_t bytes[16];
};

_Static_assert(sizeof(struct atom) == 32, "an atom is hashed as bytes");

struct cover_range {
	uint16_t low;
	uint16_t high;
	const struct rule *rule;
};

struct cover_ranges {
	VEC(struct cover_range) items;
};

struct cover {
	struct arena *arena;
	struct hash_index index; /* atom -> number in rules; ATOM_RANGE: number in ranges */
	VEC(const struct rule *) rules;
	VEC(struct cover_ranges) ranges;
	struct hash_index pointers; /* a list's address -> its number */
	uint32_t pointer_count;
	VEC(const struct source_list *) long_lists;
	/* Which shapes of atom there are at all: what cannot be found is not looked for. */
	bool seen[SOURCE_KINDS][ATOM_KINDS][2];
	bool length_seen[SOURCE_KINDS][COVER_LENGTHS];
	uint8_t lengths[SOURCE_KINDS][COVER_LENGTHS]; /* distinct lengths, in order of appearance */
	uint8_t length_count[SOURCE_KINDS];
};

struct cover *cover_new(struct arena *arena)
{
	struct cover *cover = arena_new_object(arena, struct cover);

	cover->arena = arena;
	cover->index.arena = arena;
	cover->pointers.arena = arena;
	return cover;
}

/* Lists are shared by the resolver, so the same list is the same address; 0 is left free. */
static uint32_t pointer_number_add(struct cover *cover, const void *pointer)
{
	uintptr_t key = (uintptr_t)pointer;
	uint32_t *number;
	int is_new;

	number = hash_index_put(&cover->pointers, &key, sizeof(key), &is_new);
	if (is_new)
		*number = ++cover->pointer_count;
	return *number;
}

static uint32_t pointer_number_get(const struct cover *cover, const void *pointer)
{
	uintptr_t key = (uintptr_t)pointer;
	const uint32_t *number = hash_index_get(&cover->pointers, &key, sizeof(key));

	return number ? *number : 0;
}

static void atom_set_prefix(struct atom *atom, const struct ip_prefix *prefix, unsigned len)
{
	unsigned whole = len / 8;

	atom->source = prefix->family == IP_V4 ? SOURCE_V4 : SOURCE_V6;
	atom->len = (uint8_t)len;
	memset(atom->bytes, 0, sizeof(atom->bytes));
	memcpy(atom->bytes, prefix->bytes, whole);
	if (len % 8)
		atom->bytes[whole] = (uint8_t)(prefix->bytes[whole] & (0xff00u >> (len % 8)));
}

static void atom_set_service(struct atom *atom, const struct service *service)
{
	atom->protocol = service->protocol;
	atom->inside = service->inside;
	switch ((enum service_kind)service->kind) {
	case SERVICE_PROTOCOL:
		atom->kind = ATOM_PROTOCOL;
		return;
	case SERVICE_PORTS:
		atom->kind = service->low == service->high ? ATOM_PORT : ATOM_RANGE;
		atom->port = service->low == service->high ? service->low : 0;
		return;
	case SERVICE_PING:
		atom->kind = ATOM_PING;
		atom->protocol = 0;
		atom->inside = 0;
		return;
	}
}

static void ranges_add(struct cover *cover, uint32_t number, const struct service *service,
		       const struct rule *rule)
{
	struct cover_ranges *ranges = &cover->ranges.items[number];

	if (ranges->items.len >= COVER_RANGES_MAX)
		return;
	*vec_add(cover->arena, &ranges->items) =
		(struct cover_range){.low = service->low, .high = service->high, .rule = rule};
}

static void shape_add(struct cover *cover, const struct atom *atom)
{
	cover->seen[atom->source][atom->kind][atom->target != 0] = true;
	if (cover->length_seen[atom->source][atom->len])
		return;
	cover->length_seen[atom->source][atom->len] = true;
	cover->lengths[atom->source][cover->length_count[atom->source]++] = atom->len;
}

/* service: NULL for every service. */
static void atom_add(struct cover *cover, struct atom atom, const struct service *service,
		     const struct rule *rule)
{
	uint32_t *number;
	int is_new;

	if (service)
		atom_set_service(&atom, service);
	shape_add(cover, &atom);
	number = hash_index_put(&cover->index, &atom, sizeof(atom), &is_new);
	if (atom.kind == ATOM_RANGE) {
		if (is_new) {
			*number = cover->ranges.len;
			(void)vec_add(cover->arena, &cover->ranges);
		}
		ranges_add(cover, *number, service, rule);
	} else if (is_new) {
		*number = cover->rules.len;
		*vec_add(cover->arena, &cover->rules) = rule;
	}
}

static void services_add(struct cover *cover, const struct atom *atom, const struct rule *rule)
{
	if (rule->any_service)
		atom_add(cover, *atom, NULL, rule);
	for (uint32_t i = 0; i < rule->service_count; i++)
		atom_add(cover, *atom, &rule->services[i], rule);
}

static void long_list_add(struct cover *cover, const struct source_list *list, struct atom *atom)
{
	bool known = pointer_number_get(cover, list) != 0;

	atom->source = SOURCE_LIST;
	atom->list = pointer_number_add(cover, list);
	if (!known && cover->long_lists.len < COVER_LISTS_MAX)
		*vec_add(cover->arena, &cover->long_lists) = list;
}

void cover_add(struct cover *cover, const struct rule *rule)
{
	struct atom atom = {0};

	if (rule->to)
		atom.target = pointer_number_add(cover, rule->to);
	if (!rule->from) {
		services_add(cover, &atom, rule);
		return;
	}
	if (rule->from->len > COVER_LIST_SPLIT) {
		long_list_add(cover, rule->from, &atom);
		services_add(cover, &atom, rule);
		return;
	}
	for (uint32_t i = 0; i < rule->from->len; i++) {
		atom_set_prefix(&atom, &rule->from->items[i], rule->from->items[i].len);
		services_add(cover, &atom, rule);
	}
}

static const struct rule *ranges_find(const struct cover_ranges *ranges, uint16_t low,
				      uint16_t high)
{
	vec_each (&ranges->items, range) {
		if (range->low <= low && high <= range->high)
			return range->rule;
	}
	return NULL;
}

/* Exactly this atom, or the same for any container. */
static const struct rule *atom_find(const struct cover *cover, struct atom atom,
				    const struct service *service)
{
	uint32_t target = atom.target;
	unsigned last = target ? 1 : 0;

	for (unsigned given = 0; given <= last; given++) {
		const struct rule *found;
		const uint32_t *number;

		if (!cover->seen[atom.source][atom.kind][given])
			continue;
		atom.target = given ? target : 0;
		number = hash_index_get(&cover->index, &atom, sizeof(atom));
		if (!number)
			continue;
		if (atom.kind != ATOM_RANGE)
			return cover->rules.items[*number];
		if (!service)
			continue;
		found = ranges_find(&cover->ranges.items[*number], service->low, service->high);
		if (found)
			return found;
	}
	return NULL;
}

/* A whole protocol holds its ports; told without "inside" it also holds those inside. */
static const struct rule *service_find_wider(const struct cover *cover, struct atom atom,
					     const struct service *service)
{
	const struct rule *found;

	atom.port = 0;
	if (service->kind == SERVICE_PORTS) {
		atom.kind = ATOM_RANGE;
		found = atom_find(cover, atom, service);
		if (found)
			return found;
	}
	atom.kind = ATOM_PROTOCOL;
	found = atom_find(cover, atom, service);
	if (found || !atom.inside)
		return found;
	atom.inside = 0;
	return atom_find(cover, atom, service);
}

/* From this very source. */
static const struct rule *service_find(const struct cover *cover, struct atom atom,
				       const struct service *service)
{
	const struct rule *found;

	if (!cover->length_count[atom.source])
		return NULL;
	found = atom_find(cover, atom, NULL);
	if (found || !service)
		return found;
	atom_set_service(&atom, service);
	if (atom.kind != ATOM_RANGE) {
		found = atom_find(cover, atom, service);
		if (found)
			return found;
	}
	return service->kind == SERVICE_PING ? NULL : service_find_wider(cover, atom, service);
}

/* Prefixes of a list do not overlap: only the last one that is not behind `prefix` can hold it. */
static bool list_holds_prefix(const struct source_list *list, const struct ip_prefix *prefix)
{
	uint32_t low = 0, high = list->len;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&list->items[middle], prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && ip_prefix_contains(&list->items[low - 1], prefix);
}

static const struct rule *long_lists_find(const struct cover *cover, struct atom atom,
					  const struct ip_prefix *prefix,
					  const struct service *service)
{
	const struct rule *found;

	atom.source = SOURCE_LIST;
	vec_each (&cover->long_lists, list) {
		if (!list_holds_prefix(*list, prefix))
			continue;
		atom.list = pointer_number_get(cover, *list);
		found = service_find(cover, atom, service);
		if (found)
			return found;
	}
	return NULL;
}

static const struct rule *prefix_find(const struct cover *cover, struct atom atom,
				      const struct ip_prefix *prefix, const struct service *service)
{
	unsigned source = prefix->family == IP_V4 ? SOURCE_V4 : SOURCE_V6;
	struct atom wider = atom;
	const struct rule *found;

	for (unsigned i = 0; i < cover->length_count[source]; i++) {
		if (cover->lengths[source][i] > prefix->len)
			continue;
		atom_set_prefix(&wider, prefix, cover->lengths[source][i]);
		found = service_find(cover, wider, service);
		if (found)
			return found;
	}
	return long_lists_find(cover, atom, prefix, service);
}

/* atom: target only. */
static const struct rule *sources_find(const struct cover *cover, struct atom atom,
				       const struct source_list *from,
				       const struct service *service)
{
	const struct rule *first = service_find(cover, atom, service);

	if (first || !from)
		return first;
	if (from->len > COVER_LIST_SPLIT) {
		atom.source = SOURCE_LIST;
		atom.list = pointer_number_get(cover, from);
		return atom.list ? service_find(cover, atom, service) : NULL;
	}
	for (uint32_t i = 0; i < from->len; i++) {
		const struct rule *found = prefix_find(cover, atom, &from->items[i], service);

		if (!found)
			return NULL;
		if (!first)
			first = found;
	}
	return first;
}

const struct rule *cover_find(const struct cover *cover, const struct rule *rule)
{
	struct atom atom = {0};
	const struct rule *first;

	/* Nobody's sentence is not a mistake: a set may fill, a container may start. */
	if (rule->from && rule->from->len == 0)
		return NULL;
	if (rule->to) {
		atom.target = pointer_number_get(cover, rule->to);
		/* Not named before: only sentences for any container can hold it. */
		if (!atom.target)
			atom.target = UINT32_MAX;
	}
	if (rule->any_service)
		return sources_find(cover, atom, rule->from, NULL);
	first = NULL;
	for (uint32_t i = 0; i < rule->service_count; i++) {
		const struct rule *found =
			sources_find(cover, atom, rule->from, &rule->services[i]);

		if (!found)
			return NULL;
		if (!first)
			first = found;
	}
	return first;
}
