/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of the packets of a way, as a list of sentences.  The chains are walked with a
 * condition, "these packets"; where a rule parts them, those that it takes are followed to their
 * end first, and then the others: so each sentence in the list is the end of its packets, and the
 * first that matches decides, as in a policy.
 */
#include "base/str.h"
#include "lift/import_parts.h"

#define DEPTH_MAX 100u
#define STEPS_MAX 1000000u
#define SENTENCES_MAX 20000u

struct frame {
	const struct lift_chain *chain;
	uint32_t next;
	const struct frame *up; /* NULL: a base chain */
};

struct walk {
	struct arena *arena;
	const struct lift_chains *chains;
	const struct import_way *way;
	struct import_list *list;
	const struct lift_chain *base; /* that the packets are in, through whatever chains */
	const struct lift_rule *log;   /* that the packets have met, or NULL */
	const struct lift_rule *back;  /* RETURN that ended the base chain for them, or NULL */
	unsigned depth;
	uint32_t steps;
	bool failed;
};

static bool is_new(const struct walk *walk)
{
	return walk->way->state == RULES_STATE_NEW;
}

static bool is_covered(const struct import_list *list, const struct import_cond *cond)
{
	vec_each (&list->items, sentence) {
		if (sentence->kind != IMPORT_REMARK && !sentence->has_rate &&
		    import_cond_covers(&sentence->cond, cond))
			return true;
	}
	return false;
}

/* NULL if nobody would come to it. */
static struct import_sentence *emit(struct walk *walk, enum import_kind kind,
				    const struct import_cond *cond, const struct lift_rule *rule)
{
	struct import_sentence *sentence;

	if (is_covered(walk->list, cond))
		return NULL;
	if (walk->list->items.len >= SENTENCES_MAX) {
		walk->failed = true;
		return NULL;
	}
	sentence = vec_add(walk->arena, &walk->list->items);
	sentence->kind = (uint8_t)kind;
	sentence->cond = *cond;
	if (rule)
		*vec_add(walk->arena, &sentence->rules) = rule;
	if (walk->log) {
		sentence->log = true;
		sentence->log_text = walk->log->match.log_prefix;
		*vec_add(walk->arena, &sentence->rules) = walk->log;
	}
	return sentence;
}

static void remark(struct walk *walk, const struct lift_rule *rule, const char *reason)
{
	struct import_sentence *sentence;

	if (!is_new(walk))
		return;
	vec_each (&walk->list->items, old) {
		if (old->kind == IMPORT_REMARK && old->rules.items[0]->line == rule->line)
			return;
	}
	sentence = vec_add(walk->arena, &walk->list->items);
	sentence->kind = IMPORT_REMARK;
	sentence->reason = reason;
	*vec_add(walk->arena, &sentence->rules) = rule;
}

static void walk_from(struct walk *walk, struct frame frame, struct import_cond cond);

/* Those packets first, to their end. */
static void walk_part(struct walk *walk, struct frame frame, const struct import_cond *part)
{
	struct walk again = *walk;

	again.depth++;
	walk_from(&again, frame, *part);
	walk->steps = again.steps;
	walk->failed |= again.failed;
}

static bool is_engines(const struct import_way *way)
{
	return way->hook == IMPORT_FORWARD && (way->in.container || way->out.container);
}

/* Behind the last rule of a base chain. */
static void walk_end(struct walk *walk, const struct import_cond *cond)
{
	const struct lift_chain *chain = walk->base;
	const struct lift_chain *forward = lift_chains_find(walk->chains, "FORWARD");
	struct import_sentence *sentence;
	enum import_kind kind = IMPORT_ALLOW;

	if (walk->way->hook == IMPORT_FORWARD && chain != forward && !is_engines(walk->way)) {
		walk->base = forward;
		walk->back = NULL;
		if (forward)
			walk_from(walk, (struct frame){.chain = forward}, *cond);
		else
			(void)emit(walk, IMPORT_NOT_SAID, cond, NULL);
		return;
	}
	if (!is_engines(walk->way) && chain->policy && str_eq(chain->policy, "DROP"))
		kind = IMPORT_DENY;
	sentence = emit(walk, kind, cond, walk->back);
	if (sentence && !is_engines(walk->way))
		sentence->chain = chain->name;
}

static void walk_return(struct walk *walk, const struct frame *frame,
			const struct import_cond *cond)
{
	if (frame->up)
		walk_from(walk, *frame->up, *cond);
	else
		walk_end(walk, cond);
}

static bool all_refuse(const struct import_list *list, bool *ret_rejects)
{
	bool refuse = true;

	*ret_rejects = false;
	vec_each (&list->items, sentence) {
		refuse = refuse && sentence->kind != IMPORT_ALLOW &&
			 sentence->kind != IMPORT_NOT_SAID && !sentence->has_rate;
		*ret_rejects = *ret_rejects || sentence->kind == IMPORT_REJECT;
	}
	return refuse;
}

static bool rate_read(const struct rules_match *match, struct rate *ret)
{
	static const char units[] = {'s', 'm', 'h', 'd'};

	ret->count = match->limit;
	ret->burst = match->burst ? match->burst : 5; /* as -m limit has it */
	for (unsigned i = 0; i < sizeof(units); i++) {
		if (units[i] == match->limit_unit) {
			ret->unit = (uint8_t)i;
			return match->limit > 0;
		}
	}
	return false;
}

/* What is over the rate goes on in the file; in a policy it is dropped. */
static void walk_limited(struct walk *walk, const struct frame *frame, const struct lift_rule *rule,
			 const struct import_cond *part)
{
	struct import_list rest = {0};
	struct walk again = *walk;
	struct import_sentence *sentence;
	struct rate rate = {0};
	bool rejects;

	if (!is_new(walk))
		return;
	if (rule->match.target != RULES_TARGET_ACCEPT || !rate_read(&rule->match, &rate)) {
		remark(walk, rule,
		       "a limit stands behind 'allow' only, and is one for all, or "
		       "one 'per source'");
		return;
	}
	again.list = &rest;
	walk_part(&again, *frame, part);
	walk->steps = again.steps;
	if (!all_refuse(&rest, &rejects)) {
		remark(walk, rule,
		       "what is over its limit may be allowed by a later rule, in a "
		       "policy it is dropped");
		return;
	}
	if (rejects)
		remark(walk, rule,
		       "what is over its limit is dropped by the sentence below; the "
		       "file goes on and rejects it, with an answer");
	sentence = emit(walk, IMPORT_ALLOW, part, rule);
	if (sentence) {
		sentence->has_rate = true;
		sentence->rate = rate;
	}
}

/* A rule takes all of cond: where its packets go on; false: they are at their end. */
static bool walk_whole(struct walk *walk, const struct lift_rule *rule, struct frame *frame,
		       const struct import_cond *cond)
{
	const struct lift_chain *jump = lift_chains_find(walk->chains, rule->match.jump);
	struct frame *back;

	switch ((enum rules_target)rule->match.target) {
	case RULES_TARGET_ACCEPT:
		(void)emit(walk, IMPORT_ALLOW, cond, rule);
		return false;
	case RULES_TARGET_DROP:
		(void)emit(walk, IMPORT_DENY, cond, rule);
		return false;
	case RULES_TARGET_REJECT:
		(void)emit(walk, IMPORT_REJECT, cond, rule);
		return false;
	case RULES_TARGET_RETURN:
		walk->back = frame->up ? NULL : rule;
		walk_return(walk, frame, cond);
		return false;
	case RULES_TARGET_LOG:
		walk->log = rule;
		return true;
	case RULES_TARGET_JUMP:
		back = arena_new_object(walk->arena, struct frame);
		*back = *frame;
		*frame = (struct frame){.chain = jump, .up = back};
		return true;
	case RULES_TARGET_GOTO:
		*frame = (struct frame){.chain = jump, .up = frame->up};
		return true;
	case RULES_TARGET_NONE:
	case RULES_TARGET_OTHER:
		return true;
	}
	return true;
}

static bool rule_is_unsayable(struct walk *walk, const struct lift_rule *rule,
			      const struct import_want *want)
{
	const struct rules_match *match = &rule->match;

	if (want->reason) {
		remark(walk, rule, want->reason);
		return true;
	}
	if (match->target == RULES_TARGET_OTHER) {
		remark(walk, rule, "a policy has nothing like its target");
		return true;
	}
	if ((match->target == RULES_TARGET_JUMP || match->target == RULES_TARGET_GOTO) &&
	    !lift_chains_find(walk->chains, match->jump)) {
		remark(walk, rule, "the chain that it leads to is not in the file");
		return true;
	}
	return false;
}

/* One rule; false: nobody is left. */
static bool walk_rule(struct walk *walk, const struct lift_rule *rule, struct frame *frame,
		      const struct import_cond *cond)
{
	struct import_cond part;
	struct import_want want;
	struct walk again;

	if ((lift_rule_goes_on(&rule->match) && rule->match.target != RULES_TARGET_LOG) ||
	    (rule->match.target == RULES_TARGET_LOG && !is_new(walk)))
		return true;
	if (!import_want_read(walk->arena, walk->way, &rule->match, &want) ||
	    rule_is_unsayable(walk, rule, &want))
		return true;
	vec_each (&want.except, except) {
		if (import_cond_meet(walk->arena, cond, except, &part))
			walk_part(walk, *frame, &part);
	}
	if (!import_cond_meet(walk->arena, cond, &want.cond, &part))
		return true;
	if (rule->match.has_limit && rule->match.target != RULES_TARGET_LOG) {
		walk_limited(walk, frame, rule, &part);
		return true;
	}
	if (import_cond_covers(&want.cond, cond))
		return walk_whole(walk, rule, frame, cond);
	again = *walk;
	again.depth++;
	{
		struct frame there = *frame;

		if (walk_whole(&again, rule, &there, &part))
			walk_from(&again, there, part);
	}
	walk->steps = again.steps;
	walk->failed |= again.failed;
	return true;
}

static void walk_from(struct walk *walk, struct frame frame, struct import_cond cond)
{
	if (walk->depth > DEPTH_MAX)
		walk->failed = true;
	while (!walk->failed) {
		const struct lift_rule *rule;

		if (frame.next == frame.chain->rules.len) {
			walk_return(walk, &frame, &cond);
			return;
		}
		if (++walk->steps > STEPS_MAX)
			walk->failed = true;
		rule = &frame.chain->rules.items[frame.next++];
		if (!walk_rule(walk, rule, &frame, &cond))
			return;
	}
}

void import_walk(struct arena *arena, const struct lift_chains *chains,
		 const struct import_way *way, struct import_list *ret)
{
	static const char *const bases[] = {[IMPORT_INPUT] = "INPUT",
					    [IMPORT_FORWARD] = "DOCKER-USER",
					    [IMPORT_OUTPUT] = "OUTPUT"};
	struct walk walk = {.arena = arena, .chains = chains, .way = way, .list = ret};
	struct import_cond all = {.any_service = true, .any_source = true};
	struct frame frame = {.chain = lift_chains_find(chains, bases[way->hook])};

	*ret = (struct import_list){0};
	if (!frame.chain && way->hook == IMPORT_FORWARD)
		frame.chain = lift_chains_find(chains, "FORWARD");
	walk.base = frame.chain;
	if (frame.chain)
		walk_from(&walk, frame, all);
	else
		(void)emit(&walk, is_engines(way) ? IMPORT_ALLOW : IMPORT_NOT_SAID, &all, NULL);
	if (walk.failed) {
		struct import_sentence *sentence;

		*ret = (struct import_list){0};
		sentence = vec_add(arena, &ret->items);
		sentence->kind = IMPORT_REMARK;
		sentence->reason =
			"the rules for this way are too intricate: it stays closed, write "
			"its sentences by hand";
	}
}

static bool same_end(const struct import_sentence *a, const struct import_sentence *b)
{
	return a->kind == b->kind && a->log == b->log && a->has_rate == b->has_rate &&
	       (!a->log ||
		str_eq(a->log_text ? a->log_text : "", b->log_text ? b->log_text : "")) &&
	       (!a->has_rate || (a->rate.count == b->rate.count && a->rate.unit == b->rate.unit &&
				 a->rate.burst == b->rate.burst));
}

/* Some later sentence says the same of all its packets, and none between says otherwise. */
static bool is_said_later(const struct import_list *list, uint32_t at)
{
	auto_of(arena_free) struct arena *scratch = arena_new();
	const struct import_sentence *sentence = &list->items.items[at];
	struct import_cond both;

	if (sentence->has_rate)
		return false;
	for (uint32_t i = at + 1; i < list->items.len; i++) {
		const struct import_sentence *later = &list->items.items[i];
		bool same = later->kind != IMPORT_REMARK && same_end(sentence, later);

		if (later->kind == IMPORT_REMARK)
			return false; /* a reader looks for the rules around it */
		if (same && import_cond_covers(&later->cond, &sentence->cond))
			return true;
		if (!same && import_cond_meet(scratch, &later->cond, &sentence->cond, &both))
			return false;
	}
	return false;
}

void import_list_clean(struct import_list *list)
{
	for (uint32_t i = list->items.len; i-- > 0;) {
		if (list->items.items[i].kind == IMPORT_REMARK || !is_said_later(list, i))
			continue;
		for (uint32_t j = i; j + 1 < list->items.len; j++)
			list->items.items[j] = list->items.items[j + 1];
		list->items.len--;
	}
}

bool import_list_eq(const struct import_list *a, const struct import_list *b)
{
	if (a->items.len != b->items.len)
		return false;
	for (uint32_t i = 0; i < a->items.len; i++) {
		const struct import_sentence *one = &a->items.items[i], *two = &b->items.items[i];

		if (one->kind == IMPORT_REMARK && two->kind == IMPORT_REMARK) {
			if (one->rules.len != two->rules.len ||
			    (one->rules.len &&
			     one->rules.items[0]->line != two->rules.items[0]->line))
				return false;
		} else if (!same_end(one, two) || !import_cond_eq(&one->cond, &two->cond)) {
			return false;
		}
	}
	return true;
}
