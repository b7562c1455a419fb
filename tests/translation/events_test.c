/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the events and edges of translation tests leave, one at a time and on one CPU, where each
 * has one outcome only: a wrong value here would be a wrong histogram there, which nobody notices.
 */
#include <kernel/smp.h>
#include <lib/string.h>
#include <test/translation.h>

/* A frame for each cell of the only instance. */
static char *cells[LITMUS_PACKED_MAX];

static const struct trans_row row = { .reuses = true };
static const struct litmus_test lt = { .nr_threads = 1, .hooks = &trans_hooks, .data = &row };

#define CELL(var)  TRANS_CELL(cells[var])
#define VALUE(var) trans_value(CELL(var))

/* Page p in @state, nothing of it in the TLB, and its cells: x is 0, y is 1. */
static void begin_in(unsigned int state)
{
	for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
		CELL(v) = trans_word(v == 1);
	trans_entry_set(TRANS_P, 0, state);
	trans_flush_own();
}

static unsigned long load(void)
{
	return trans_load(trans_va(TRANS_P, 0));
}

static unsigned long store(void)
{
	return trans_store(trans_va(TRANS_P, 0), 1);
}

static void check_absent(struct test *t)
{
	begin_in(TRANS_NONE);
	EXPECT(t, load() == LITMUS_FAULT && store() == LITMUS_FAULT);
	EXPECT(t, trans_entry_read(TRANS_P, 0) == LITMUS_FAULT);
	EXPECT(t, !trans_entry_dirty(TRANS_P, 0, false) && !trans_entry_young(TRANS_P, 0, false));
	EXPECT(t, VALUE(0) == 0 && VALUE(1) == 1);
}

static void check_present(struct test *t)
{
	begin_in(TRANS_MAP(0, 0));
	EXPECT(t, load() == 0);
	EXPECT(t, store() == 0);
	EXPECT(t, VALUE(0) == 1);
	EXPECT(t, load() == 1);
	EXPECT(t, trans_entry_read(TRANS_P, 0) == 0);
	EXPECT(t, trans_entry_dirty(TRANS_P, 0, false) && trans_entry_young(TRANS_P, 0, false));
	begin_in(TRANS_MAP(1, 0));
	EXPECT(t, load() == 1 && trans_entry_read(TRANS_P, 0) == 1);
	begin_in(TRANS_MAP(1, 1));
	EXPECT(t, load() == 1 && store() == LITMUS_DENIED);
	begin_in(TRANS_MAP(0, 1));
	EXPECT(t, load() == 0 && store() == LITMUS_DENIED && VALUE(0) == 0);
}

/* Are tables walked when somebody uses them, and never else? Others may note a use ahead of it. */
static bool emulated(void)
{
	return !ARCH_MMU_KEEPS && !strcmp(tests_accel(), "tcg");
}

/* What the walker notes, where the hardware does: a read the first use, a write both. */
static void check_noted(struct test *t)
{
	begin_in(TRANS_CLEAN);
	EXPECT(t, !trans_entry_dirty(TRANS_P, 0, false) && trans_entry_young(TRANS_P, 0, false));
	EXPECT(t, load() == 0 && !trans_entry_dirty(TRANS_P, 0, false));
	if (arch_has_hw_dirty())
		EXPECT(t, store() == 0 && trans_entry_dirty(TRANS_P, 0, false));
	begin_in(TRANS_OLD);
	EXPECT(t, !trans_entry_dirty(TRANS_P, 0, false));
	if (emulated())
		EXPECT(t, !trans_entry_young(TRANS_P, 0, false));
	if (arch_has_hw_young())
		EXPECT(t, load() == 0 && trans_entry_young(TRANS_P, 0, false) &&
				  !trans_entry_dirty(TRANS_P, 0, false));
}

static void check_taken(struct test *t)
{
	begin_in(TRANS_MAP(0, 0));
	EXPECT(t, trans_entry_dirty(TRANS_P, 0, true) == 1);
	EXPECT(t, trans_entry_read(TRANS_P, 0) == LITMUS_FAULT);
	begin_in(TRANS_CLEAN);
	EXPECT(t, trans_entry_young(TRANS_P, 0, true) == 1);
	EXPECT(t, trans_entry_read(TRANS_P, 0) == LITMUS_FAULT);
	begin_in(TRANS_CLEAN);
	EXPECT(t, trans_entry_dirty(TRANS_P, 0, true) == 0);
	begin_in(TRANS_OLD);
	if (emulated())
		EXPECT(t, trans_entry_young(TRANS_P, 0, true) == 0);
}

static void check_await(struct test *t)
{
	unsigned int patience = 3;

	begin_in(TRANS_NONE);
	EXPECT(t, trans_await(cells[1], &patience) == 1 && patience == 3);
	EXPECT(t, trans_await(cells[0], &patience) == 0 && patience == 0);
	/* Numbers of all kinds come, so that some racers wait for a flush, and some do not. */
	for (unsigned int i = 0, none = 0, some = 0; !none || !some; i++) {
		*(trans_patience() ? &some : &none) += 1;
		if (!EXPECT(t, i < 1000000))
			return;
	}
}

/* Each is what its name says: a space is loaded, or none, or another by the same id. */
static void check_spaces(struct test *t)
{
	begin_in(TRANS_MAP(1, 0));
	trans_unload();
	EXPECT(t, !mm_loaded() && load() == LITMUS_FAULT);
	trans_load_space();
	EXPECT(t, mm_loaded() == &trans.space.mm && load() == 1);
	trans_flush_own();
	trans_reuse_id();
	trans_flush_own();
	EXPECT(t, load() == LITMUS_FAULT);
	trans_load_space_unordered();
	trans_flush_own();
	EXPECT(t, load() == 1);
}

static void check_exceptions(struct test *t)
{
	unsigned long ipis = READ_ONCE(this_cpu(ipi_count)), ticks;

	trans_ipi();
	EXPECT(t, READ_ONCE(this_cpu(ipi_count)) != ipis);
	ticks = READ_ONCE(this_cpu(timer_count));
	trans_tick();
	EXPECT(t, READ_ONCE(this_cpu(timer_count)) != ticks);
	begin_in(TRANS_MAP(0, 1));
	EXPECT(t, store() == LITMUS_DENIED && !this_cpu(last_fault).not_present);
	trans_fault();
	EXPECT(t, this_cpu(last_fault).not_present);
	trans_trap();
}

static void check_events(struct test *t)
{
	trans_hooks.enter();
	check_absent(t);
	check_present(t);
	check_noted(t);
	check_taken(t);
	check_await(t);
	check_spaces(t);
	check_exceptions(t);
	trans_hooks.leave();
	EXPECT(t, !mm_loaded());
}

static void events_leave_what_they_say(struct test *t)
{
	int (*before)(unsigned long addr, enum fault_access access) = user_fault;
	struct page *frame[LITMUS_PACKED_MAX] = { NULL };
	struct litmus_args at = { .stride = PAGE_SIZE };
	unsigned int n = 0;

	while (n < LITMUS_PACKED_MAX && (frame[n] = frame_create(t))) {
		at.var[n] = cells[n] = page_address(frame[n]);
		n++;
	}
	if (n == LITMUS_PACKED_MAX && !trans_hooks.begin(&lt, &at, 1)) {
		EXPECT(t, !user_fault);
		check_events(t);
		trans_hooks.end();
		EXPECT(t, user_fault == before);
	} else {
		test_skip(t, "no memory for two address spaces");
	}
	while (n)
		frame_free(frame[--n]);
}
TEST(pgtable, translation_events, TEST_ASSERT, events_leave_what_they_say);
