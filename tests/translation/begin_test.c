/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a race begin as its row says? Each entry, each cell, and what the TLB of a CPU that races
 * has: a row that begins otherwise may be one whose weak outcome cannot come about.
 */
#include <lib/string.h>
#include <test/translation.h>

#define INSTANCES   2 /* in one frame */
#define KEEP_TRIES  20
#define CELL_STRIDE 64

extern const struct test_case __tests_start[], __tests_end[];

static unsigned long read_through(enum trans_page page, unsigned long i)
{
	return trans_load(trans_va(page, i));
}

static void check_cells(struct test *t, const char *name)
{
	for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
		for (unsigned long i = 0; i < INSTANCES; i++) {
			unsigned long val = trans_value(TRANS_CELL(litmus_cell(&trans.at, v, i)));

			if (val != (trans.row->ones >> v & 1))
				test_fail(t, "%s: cell %u of instance %lu is %lu", name, v, i, val);
		}
}

/* Are tables walked when somebody uses them, and never else? */
static bool emulated(void)
{
	return !ARCH_MMU_KEEPS && !strcmp(tests_accel(), "tcg");
}

/* Entries are what the row says: nothing before the race is a use that the walker would note. */
static void check_entries(struct test *t, const char *name)
{
	unsigned int pages = trans.row->tables ? TRANS_PAGES : TRANS_U;

	for (unsigned int page = 0; page < pages; page++)
		for (unsigned long i = 0; i < INSTANCES; i++) {
			pteval_t want = trans.value[trans.row->init[page]][i];

			/* A walk ahead of any access may have noted a use. */
			if (trans.row->init[page] == TRANS_OLD && !emulated())
				continue;
			if (*trans_entry(page, i) != want)
				test_fail(t, "%s: entry %u of instance %lu is %#lx, not %#lx", name,
					  page, i, (unsigned long)*trans_entry(page, i),
					  (unsigned long)want);
		}
}

/*
 * With its entry gone, a page that was used before the race is in the TLB still, for writing too if
 * it may be, and another is not. A state whose first use is noted is not used before.
 */
static bool is_kept(enum trans_page page)
{
	unsigned int state = trans.row->init[page];

	trans_entry_set(page, 1, TRANS_NONE);
	if (read_through(page, 1) >= LITMUS_FAULT)
		return false;
	return state != TRANS_MAP(0, 0) || !trans_store(trans_va(page, 1), trans.row->ones & 1);
}

static bool is_wanted(enum trans_page page, bool here)
{
	unsigned int state = trans.row->init[page];

	return here && trans.row->warm && state != TRANS_NONE && state != TRANS_CLEAN &&
	       state != TRANS_OLD;
}

/* An emulator's TLB loses an entry now and then, to another page that wants its place. */
static void check_tlb(struct test *t, const char *name, const struct litmus_test *lt,
		      unsigned int thread)
{
	bool here = !(trans.row->unloaded >> thread & 1);

	for (unsigned int page = TRANS_P; page <= TRANS_Q; page++) {
		bool want = is_wanted(page, here), kept = false;

		for (unsigned int i = 0; i < (want ? KEEP_TRIES : 1) && !kept; i++) {
			trans_reset(0, INSTANCES);
			trans_hooks.fresh(lt, thread, INSTANCES);
			kept = is_kept(page);
		}
		if (kept != want)
			test_fail(t, "%s: the TLB has %s of page %u", name,
				  kept ? "a translation" : "nothing", page);
	}
}

static void check_thread(struct test *t, const struct test_case *tc, unsigned int thread,
			 const struct litmus_args *at)
{
	const struct litmus_test *lt = tc->data;

	for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
		memset(at->var[v], 0, PAGE_SIZE);
	if (trans_hooks.begin(lt, at, INSTANCES)) {
		test_skip(t, "no memory for the pages of a row");
		return;
	}
	trans_hooks.enter();
	trans_reset(0, INSTANCES);
	trans_hooks.fresh(lt, thread, INSTANCES);
	check_entries(t, tc->name);
	check_cells(t, tc->name);
	if ((mm_loaded() == NULL) != (trans.row->unloaded >> thread & 1))
		test_fail(t, "%s: thread %u begins with%s the space", tc->name, thread,
			  mm_loaded() ? "" : "out");
	if (emulated())
		check_tlb(t, tc->name, lt, thread);
	trans_hooks.leave();
	trans_hooks.end();
}

static void check_rows(struct test *t, const struct litmus_args *at)
{
	unsigned int rows = 0;

	for (const struct test_case *tc = __tests_start; tc < __tests_end; tc++) {
		const struct litmus_test *lt = tc->data;

		if (tc->fn != trans_run || t->verdict != VERDICT_NONE)
			continue;
		rows++;
		for (unsigned int thread = 0; thread < lt->nr_threads; thread++)
			check_thread(t, tc, thread, at);
	}
	EXPECT(t, rows > 100 || t->verdict != VERDICT_NONE);
}
static void begins_as_the_row_says(struct test *t)
{
	struct litmus_args at = { .stride = CELL_STRIDE };
	struct page *frame[LITMUS_PACKED_MAX] = { NULL };
	unsigned int n = 0;

	while (n < LITMUS_PACKED_MAX && (frame[n] = frame_create(t))) {
		at.var[n] = page_address(frame[n]);
		n++;
	}
	if (n == LITMUS_PACKED_MAX)
		check_rows(t, &at);
	while (n)
		frame_free(frame[--n]);
}
TEST(pgtable, translation_begins, TEST_ASSERT, begins_as_the_row_says);
