/* SPDX-License-Identifier: GPL-2.0-only */
/* The pages and entries of translation litmus tests, and the edges that take a call. */
#include <arch/irq.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>

#include <test/translation.h>

#define MAPPED (PTE_USER_YOUNG | PTE_USER_DIRTY) /* so that none faults for these two */

struct translation trans;

static int (*former_user_fault)(unsigned long addr, enum fault_access access);

static unsigned int asid(void)
{
	return tlb_mm_asid(&trans.space.mm);
}

/* ---- around races ---- */

static void fill_values(void)
{
	for (unsigned long i = 0; i < trans.n; i++) {
		trans.offset[i] = (unsigned long)litmus_cell(&trans.at, 0, i) & ~PAGE_MASK;
		trans.value[TRANS_NONE][i] = 0;
		for (unsigned int v = 0; v < LITMUS_MAX_VARS; v++) {
			phys_addr_t pa = __pa(litmus_cell(&trans.at, v, i)) & PAGE_MASK;

			trans.value[TRANS_MAP(v, 0)][i] =
				pte_make_user(pa, MAPPED | PTE_USER_WRITE);
			trans.value[TRANS_MAP(v, 1)][i] = pte_make_user(pa, MAPPED);
		}
	}
}

static int begin(const struct litmus_test *lt, const struct litmus_args *at, unsigned long n)
{
	if (!space_create(NULL, &trans.space))
		return -ENOMEM;
	trans.row = lt->data;
	trans.at = *at;
	trans.n = n;
	fill_values();
	former_user_fault = user_fault;
	user_fault = NULL;
	return 0;
}

static void end(void)
{
	user_fault = former_user_fault;
	for (unsigned int page = 0; page < TRANS_PAGES; page++)
		for (unsigned long i = 0; i < trans.n; i++)
			ptep_get_and_clear(trans_entry(page, i));
	space_destroy(&trans.space);
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
		for (unsigned int page = 0; page < TRANS_PAGES; page++)
			trans_entry_set(page, i, row->init[page]);
		for (unsigned int v = 0; v < LITMUS_MAX_VARS; v++)
			if (row->ones & 1 << v)
				TRANS_CELL(litmus_cell(&trans.at, v, i)) = trans_word(1);
	}
}

/* For reading, and for writing where that is permitted: emulators keep the two apart. */
static void warm_up(unsigned int page, unsigned long i)
{
	unsigned long va = trans_va(page, i), val = trans_load(va);

	if (val < LITMUS_FAULT)
		trans_store(va, val);
}

/* This CPU's TLB has what the entries say now of both pages, or has nothing of them. */
static void fresh(const struct litmus_test *lt, unsigned int thread, unsigned long n)
{
	const struct trans_row *row = lt->data;

	trans_flush_own();
	if (row->unloaded & 1 << thread) {
		space_load(NULL);
		return;
	}
	for (unsigned int page = 0; row->warm && page < TRANS_PAGES; page++)
		for (unsigned long i = 0; row->init[page] && i < n; i++)
			warm_up(page, i);
}

const struct litmus_hooks trans_hooks = {
	.begin = begin,
	.end = end,
	.enter = enter,
	.leave = leave,
	.fresh = fresh,
};

/* A twin whose weak outcome was not seen. Real TLBs may lose what they have at any time. */
static void judge_twin(struct test *t, const struct litmus_test *lt)
{
	if (litmus_expected(lt) == LITMUS_ALLOW && litmus_last_weak() == 0)
		test_fail(t, "the busted twin was not caught: %s", lt->weak_outcome);
}

void trans_run(struct test *t)
{
	const struct litmus_test *lt = t->tc->data;
	const struct trans_row *row = lt->data;
	bool emulated = !strcmp(tests_accel(), "tcg");

	if (emulated && row->shows == TRANS_NEEDS_WALKS) {
		test_skip(t,
			  "unobservable: TCG walks the tables at once, and keeps no absent entry");
		return;
	}
	litmus_run(t);
	if (emulated && row->shows == TRANS_TWIN)
		judge_twin(t, lt);
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
	unsigned long flags = arch_irq_save();

	arch_mm_switch(trans.space.mm.root, asid());
	arch_irq_restore(flags);
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
