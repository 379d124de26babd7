/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comments: which of those that the lexer met belong to which node. */
#include "lang/parser.h"

static const char *comment_text(struct parser *p, const struct lexer_comment *comment)
{
	if (comment->blank)
		return "";
	/* "" is a blank line, so an empty comment keeps one space. */
	if (comment->start == comment->end)
		return " ";
	return parser_text(p, comment->start, comment->end);
}

const char **parser_take_comments(struct parser *p, bool first, bool last)
{
	const struct lexer_comment *items = p->lexer.comments.items;
	uint32_t begin = 0;
	uint32_t end = p->lexer.comments.len;
	const char **ret;

	p->lexer.comments.len = 0;
	if (first && begin < end && items[begin].blank)
		begin++;
	if (last && begin < end && items[end - 1].blank)
		end--;
	if (begin == end)
		return NULL;
	ret = parser_alloc(p, (end - begin + 1) * sizeof(*ret));
	for (uint32_t i = begin; i < end; i++)
		ret[i - begin] = comment_text(p, &items[i]);
	return ret;
}

/* Comments between the lines of a list move before the statement. */
static void move_before(struct parser *p, struct tree_comments *comments, uint32_t count)
{
	const struct lexer_comment *items = p->lexer.comments.items;
	uint32_t old = 0;
	const char **ret;

	while (comments->before && comments->before[old])
		old++;
	ret = parser_alloc(p, (old + count + 1) * sizeof(*ret));
	for (uint32_t i = 0; i < old; i++)
		ret[i] = comments->before[i];
	for (uint32_t i = 0; i < count; i++) {
		if (!items[i].blank)
			ret[old++] = comment_text(p, &items[i]);
	}
	comments->before = old > 0 ? ret : NULL;
}

void parser_end_comments(struct parser *p, struct tree_comments *comments)
{
	uint32_t count = p->lexer.comments.len;

	if (count == 0)
		return;
	/* Only the end of a line looks past what stands behind the statement. */
	if (p->lexer.comments.items[count - 1].start >= p->last_end && !comments->behind) {
		count--;
		comments->behind = comment_text(p, &p->lexer.comments.items[count]);
	}
	if (count > 0)
		move_before(p, comments, count);
	p->lexer.comments.len = 0;
}
