/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists: random operations on two of them, held against arrays, read from both ends. */
#include <lib/list.h>
#include <lib/string.h>
#include <test/test.h>

#define NR     9
#define ROUNDS 3000

struct item {
	struct list_head node;
	int number;
};

/* What a list should be. */
struct should {
	int at[NR];
	unsigned int nr;
};

static struct item items[NR];
static struct list_head heads[2];
static struct should should[2];

static void should_insert(struct should *s, unsigned int place, int number)
{
	memmove(&s->at[place + 1], &s->at[place], (s->nr - place) * sizeof(s->at[0]));
	s->at[place] = number;
	s->nr++;
}

/* False: it is not there. */
static bool should_remove(struct should *s, int number)
{
	for (unsigned int i = 0; i < s->nr; i++)
		if (s->at[i] == number) {
			s->nr--;
			memmove(&s->at[i], &s->at[i + 1], (s->nr - i) * sizeof(s->at[0]));
			return true;
		}
	return false;
}

static bool is_as_should(const struct list_head *head, const struct should *s)
{
	const struct list_head *back = head->prev;
	struct item *item;
	unsigned int n = 0;

	list_for_each_entry(item, head,
			    node) if (n >= s->nr || item->number != s->at[n++]) return false;
	for (unsigned int i = s->nr; i--; back = back->prev)
		if (back == head || list_entry(back, struct item, node)->number != s->at[i])
			return false;
	return n == s->nr && back == head && list_empty(head) == !n;
}

static void splice(unsigned int to)
{
	struct should *from = &should[!to];

	list_splice_init(&heads[!to], &heads[to]);
	while (from->nr)
		should_insert(&should[to], 0, from->at[--from->nr]);
}

/* One item to list @to, in one of the ways; it may be on a list already. */
static void put(struct item *item, unsigned int to, bool tail)
{
	bool on =
		should_remove(&should[0], item->number) || should_remove(&should[1], item->number);

	if (on && tail)
		list_move_tail(&item->node, &heads[to]);
	else if (on)
		list_move(&item->node, &heads[to]);
	else if (tail)
		list_add_tail(&item->node, &heads[to]);
	else
		list_add(&item->node, &heads[to]);
	should_insert(&should[to], tail ? should[to].nr : 0, item->number);
}

static void take(struct item *item)
{
	if (should_remove(&should[0], item->number) || should_remove(&should[1], item->number))
		list_del_init(&item->node);
}

static void test_lists(struct test *t)
{
	memset(should, 0, sizeof(should));
	for (int i = 0; i < 2; i++)
		INIT_LIST_HEAD(&heads[i]);
	for (int i = 0; i < NR; i++)
		items[i].number = i;
	for (int i = 0; i < ROUNDS; i++) {
		u32 what = rng_below(&t->rng, 8), to = rng_below(&t->rng, 2);
		struct item *item = &items[rng_below(&t->rng, NR)];

		if (what == 0)
			splice(to);
		else if (what < 3)
			take(item);
		else
			put(item, to, what & 1);
		if (!EXPECT_MSG(t,
				is_as_should(&heads[0], &should[0]) &&
					is_as_should(&heads[1], &should[1]),
				"step %d, operation %u", i, what))
			return;
	}
}
TEST(lib, lists, TEST_ASSERT, test_lists);
