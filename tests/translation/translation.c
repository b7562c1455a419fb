/* SPDX-License-Identifier: GPL-2.0-only */
/* The pages and entries of translation litmus tests, and the edges that take a call. */
#include <arch/irq.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>

#include <test/translation.h>

#define UNTIL_WEAK_NS 10000000000ULL /* a twin, on a busy host */
#define TWIN_ENOUGH   1000000	     /* runs, which a quiet host does in 4 s */

#define MAPPED (PTE_USER_YOUNG | PTE_USER_DIRTY) /* so that none faults for these two */

struct translation trans;
const char *const trans_values[] = { "0", "1", "fault", "denied" };

static int (*former_user_fault)(unsigned long addr, enum fault_access access);

static unsigned int asid(void)
{
	return tlb_mm_asid(&trans.space.mm);
}

/* @s by the space's id, whatever the TLB has of that; mm/tlb.c takes it for the space. */
static void load_by_id(const struct space *s)
{
	unsigned long flags = arch_irq_save();

	arch_mm_switch(s->mm.root, asid());
	arch_irq_restore(flags);
}

/* ---- around races ---- */

#define TABLE_SHIFT pgtable_shift(1)
#define TABLE_SIZE  (1UL << TABLE_SHIFT)
#define UPPER_VA    ((SPACE_VA & ~(TABLE_SIZE - 1)) + TABLE_SIZE) /* instance 0 of u */

static phys_addr_t cell_pa(unsigned int var, unsigned long i)
{
	return __pa(litmus_cell(&trans.at, var, i));
}

static pteval_t *entry_in(struct page *table, unsigned int level, unsigned long va)
{
	pteval_t *t = page_address(table);

	return &t[(va >> pgtable_shift(level)) & (pgtable_entries(level) - 1)];
}

/* What makes an entry of level 0 one of level 1 is the same for a user's as for the kernel's. */
static pteval_t make_block(phys_addr_t pa, unsigned int flags)
{
	return pte_make_user(pa, flags) ^ pte_make_leaf(pa, 0, PROT_KERNEL_RW) ^
	       pte_make_leaf(pa, 1, PROT_KERNEL_RW);
}

static void fill_pages(unsigned long i)
{
	for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++) {
		phys_addr_t pa = cell_pa(v, i) & PAGE_MASK;

		trans.value[TRANS_MAP(v, 0)][i] = pte_make_user(pa, MAPPED | PTE_USER_WRITE);
		trans.value[TRANS_MAP(v, 1)][i] = pte_make_user(pa, MAPPED);
	}
	trans.value[TRANS_CLEAN][i] =
		pte_make_user(cell_pa(0, i) & PAGE_MASK, PTE_USER_YOUNG | PTE_USER_WRITE);
	trans.value[TRANS_OLD][i] = pte_make_user(cell_pa(0, i) & PAGE_MASK, PTE_USER_WRITE);
	for (unsigned int page = TRANS_P; page <= TRANS_Q; page++) {
		unsigned long n = page * TRANS_INSTANCES + i;

		trans.va[page][i] = space_va(n) + (cell_pa(0, i) & ~PAGE_MASK);
		trans.entry[page][i] = &trans.space.pte[n];
	}
}

/* The address of u is where a block shows x; so the tables must have x's frame, and y's, there. */
static void fill_upper(unsigned long i)
{
	struct page *upper = trans.space.table[trans.space.nr_tables - 2];
	unsigned long va = UPPER_VA + i * TABLE_SIZE + (cell_pa(0, i) & (TABLE_SIZE - 1));

	for (unsigned int v = 0; v < 2; v++) {
		struct page *table = trans.table[v][i];

		*entry_in(table, 0, va) = trans.value[TRANS_MAP(v, 0)][i];
		trans.value[TRANS_TABLE(v)][i] = pte_make_table(page_to_phys(table), 1);
	}
	trans.value[TRANS_BLOCK][i] =
		make_block(cell_pa(0, i) & ~(TABLE_SIZE - 1), MAPPED | PTE_USER_WRITE);
	trans.va[TRANS_U][i] = va;
	trans.entry[TRANS_U][i] = entry_in(upper, 1, va);
	trans.va[TRANS_L][i] = va;
	trans.entry[TRANS_L][i] = entry_in(trans.table[0][i], 0, va);
}

/* Is the MMU that of an emulator, whose TLB keeps whole translations alone? */
static bool emulated(void)
{
	return !ARCH_MMU_KEEPS && !strcmp(tests_accel(), "tcg");
}

static void free_tables(void)
{
	for (unsigned long i = 0; i < TRANS_TABLES; i++) {
		for (unsigned int v = 0; v < 2; v++) {
			frame_free(trans.table[v][i]);
			trans.table[v][i] = NULL;
		}
	}
}

static bool make_spaces(void)
{
	if (!space_create(NULL, &trans.space))
		return false;
	if (!trans.row->reuses || space_create(NULL, &trans.empty))
		return true;
	space_destroy(&trans.space);
	return false;
}

static void destroy_spaces(void)
{
	space_destroy(&trans.space);
	if (trans.row->reuses)
		space_destroy(&trans.empty);
}

static bool alloc_tables(void)
{
	for (unsigned long i = 0; i < trans.n; i++)
		for (unsigned int v = 0; v < 2; v++)
			if (!(trans.table[v][i] = frame_create(NULL)))
				return false;
	return true;
}

static int begin(const struct litmus_test *lt, const struct litmus_args *at, unsigned long n)
{
	trans.row = lt->data;
	trans.at = *at;
	trans.n = n;
	if (!make_spaces())
		return -ENOMEM;
	if (trans.row->tables && !alloc_tables()) {
		free_tables();
		destroy_spaces();
		return -ENOMEM;
	}
	for (unsigned long i = 0; i < n; i++) {
		fill_pages(i);
		if (trans.row->tables)
			fill_upper(i);
	}
	former_user_fault = user_fault;
	user_fault = NULL;
	trans.keeps_absent = arch_show_stale_faults(true) && !emulated();
	return 0;
}

/* Pages of rows that have it; the others have nothing to be found by. */
static unsigned int nr_pages(void)
{
	return trans.row->tables ? TRANS_PAGES : TRANS_U;
}

static void end(void)
{
	user_fault = former_user_fault;
	arch_show_stale_faults(false);
	for (unsigned int page = 0; page < nr_pages(); page++)
		for (unsigned long i = 0; i < trans.n; i++)
			ptep_get_and_clear(trans_entry(page, i));
	destroy_spaces();
	free_tables();
}

/* The space is loaded before the race, so that its CPUs are asked by shoot-downs from then on. */
static void enter(void)
{
	space_load(&trans.space);
}

static void leave(void)
{
	space_load(NULL);
}

/* Any thread's share; the cells are 0 already. */
void trans_reset(unsigned long first, unsigned long end)
{
	const struct trans_row *row = trans.row;

	for (unsigned long i = first; i < end; i++) {
		for (unsigned int page = 0; page < nr_pages(); page++)
			trans_entry_set(page, i, row->init[page]);
		for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
			if (row->ones & 1 << v)
				TRANS_CELL(litmus_cell(&trans.at, v, i)) = trans_word(1);
	}
}

/*
 * For reading, and for writing where that is permitted: emulators keep the two apart. Where racers
 * do not meet, another may be at work on the instance, whose cells are left as they are.
 */
static void warm_up(unsigned int page, unsigned long i)
{
	u64 *at = (u64 *)trans_va(page, i), val, found;

	if (!arch_user_read64(at, &val))
		arch_user_cmpxchg64(at, val, val, &found);
}

/*
 * An entry that is absent is worth it where it may be kept; and none where the walker notes the
 * first use, which then would not be in the race.
 */
static bool has_to_warm_up(unsigned int page)
{
	unsigned int state = trans.row->init[page];

	if (state == TRANS_NONE)
		return trans.keeps_absent && trans.row->used & 1 << page;
	return state != TRANS_CLEAN && state != TRANS_OLD;
}

/* This CPU's TLB has what the entries say now of both pages, or has nothing of them. */
static void fresh(const struct litmus_test *lt, unsigned int thread, unsigned long n)
{
	const struct trans_row *row = lt->data;

	if (row->unloaded & 1 << thread) {
		/* Flushed while it was loaded, the TLB might have it again before it is not. */
		space_load(NULL);
		tlb_flush_mm(&trans.space.mm);
		return;
	}
	if (row->reuses)
		load_by_id(&trans.space);
	trans_flush_own();
	for (unsigned int page = 0; row->warm && page < nr_pages(); page++)
		for (unsigned long i = 0; has_to_warm_up(page) && i < n; i++)
			warm_up(page, i);
}

const struct litmus_hooks trans_hooks = {
	.begin = begin,
	.end = end,
	.enter = enter,
	.leave = leave,
	.fresh = fresh,
};

/*
 * A part left out shows where a TLB keeps what it has; real ones may lose it at any time. And where
 * the threads do run at once: on a host that has no cores for them, or none to spare, they run one
 * behind the other, and what is unseen then tells nothing.
 */
static void run_twin(struct test *t)
{
	const struct litmus_test *lt = t->tc->data;
	unsigned int racers = litmus_nr_racers();
	u64 runs;

	if (litmus_run_until_weak(t, UNTIL_WEAK_NS, &runs) || t->verdict != VERDICT_NONE)
		return;
	if (lt->nr_threads > racers)
		test_skip(t,
			  "unobservable: not seen in %llu runs, and of %u threads %u run at once",
			  (unsigned long long)runs, lt->nr_threads, racers);
	else if (runs < TWIN_ENOUGH)
		test_skip(t,
			  "unobservable: not seen in %llu runs, as few as a crowded host lets be",
			  (unsigned long long)runs);
	else
		test_fail(t, "the busted twin was not caught: %s", lt->weak_outcome);
}

/* Is the row a twin for the MMU that is here? */
static bool must_be_seen(const struct trans_row *row)
{
	bool absent = arch_show_stale_faults(false);

	return (row->shows == TRANS_TWIN && (ARCH_MMU_KEEPS || emulated())) ||
	       (row->shows == TRANS_KEEPS_ABSENT && ARCH_MMU_KEEPS && absent);
}

void trans_run(struct test *t)
{
	const struct litmus_test *lt = t->tc->data;
	const struct trans_row *row = lt->data;

	if (row->not_here[LITMUS_OWN_MODEL])
		test_skip(t, "not here: %s", row->not_here[LITMUS_OWN_MODEL]);
	else if (emulated() && row->shows == TRANS_NEEDS_WALKS)
		test_skip(t, "unobservable: TCG walks the tables at once, and keeps no absent "
			     "entry");
	else if (must_be_seen(row) && litmus_expected(lt) == LITMUS_ALLOW)
		run_twin(t);
	else
		litmus_run(t);
}

unsigned int trans_patience(void)
{
	static const unsigned int looks[] = { 0, 500, 4000, 32000 };

	return looks[clock_ns() / 1024 % ARRAY_SIZE(looks)];
}

/* ---- edges ---- */

void trans_flush(void)
{
	tlb_flush_mm(&trans.space.mm);
}

static void flush_local(void *unused)
{
	arch_tlb_flush_user_all_local(asid());
}

void trans_flush_own(void)
{
	unsigned long flags = arch_irq_save();

	flush_local(NULL);
	arch_irq_restore(flags);
}

/* mb: as in flush_run() of mm/tlb.c, and pairs with the same */
static void call_others(bool wait)
{
	smp_mb();
	smp_call_function_many(READ_ONCE(trans.space.mm.cpus_used), flush_local, NULL, wait);
}

void trans_flush_others(void)
{
	call_others(true);
}

void trans_flush_async(void)
{
#if ARCH_TLB_BROADCAST
	arch_tlbi_everywhere(asid());
#else
	call_others(false);
#endif
}

void trans_load_space(void)
{
	space_load(&trans.space);
}

void trans_load_space_unordered(void)
{
	load_by_id(&trans.space);
}

void trans_unload(void)
{
	space_load(NULL);
}

void trans_reuse_id(void)
{
	load_by_id(&trans.empty);
}

void trans_trap(void)
{
	probe_trap();
}

void trans_fault(void)
{
	u64 val;

	arch_user_read64((const u64 *)space_va(SPACE_PAGES - 1), &val);
}

void trans_ipi(void)
{
	unsigned long before = READ_ONCE(this_cpu(ipi_count));

	ipi_send_noise(smp_processor_id());
	spin_until("an interrupt from this CPU to itself",
		   READ_ONCE(this_cpu(ipi_count)) != before);
}

void trans_tick(void)
{
	unsigned long before = READ_ONCE(this_cpu(timer_count));

	arch_timer_arm(1);
	spin_until_awake("a tick", READ_ONCE(this_cpu(timer_count)) != before);
}
