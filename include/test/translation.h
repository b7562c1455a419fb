/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Litmus tests whose loads and stores are translated, and whose page tables change meanwhile.
 *
 * An instance has cells x, y, f, g as in any litmus test, each in a frame of its own, and user
 * pages, each with an entry of its own. An entry shows nothing, or the frame of one of the cells,
 * readable alone or writable too: its state. Through the page a thread then uses that cell. The
 * cells lie at the same place in their frames, so that it is the entry alone that says which.
 *
 *	p, q	pages with an entry of level 0
 *	u	an entry of level 1: absent, or one of two tables, by which the same address shows x
 *		or y, or a block that holds the frame of x
 *	l	the entry of level 0 in the first of these tables
 *
 * An access that faults leaves LITMUS_FAULT or LITMUS_DENIED: no fault is resolved here.
 */
#pragma once

#include <arch/access.h>
#include <arch/translation.h>
#include <kernel/trap.h>
#include <test/litmus.h>
#include <test/space.h>

#define TRANS_INSTANCES 128
#define TRANS_TABLES	16 /* instances of a row that has u */

enum trans_page { TRANS_P, TRANS_Q, TRANS_U, TRANS_L, TRANS_PAGES };

/* States of an entry: of level 0, and of u. */
#define TRANS_NONE	   0
#define TRANS_MAP(var, ro) (1 + 2 * (var) + (ro))
#define TRANS_CLEAN	   (1 + 2 * LITMUS_PACKED_MAX) /* x, writable, and not written to yet */
#define TRANS_OLD	   (TRANS_CLEAN + 1)	       /* the same, and not used at all */
#define TRANS_TABLE(var)   (TRANS_OLD + 1 + (var))     /* of x or y */
#define TRANS_BLOCK	   (TRANS_OLD + 3)
#define TRANS_STATES	   (TRANS_BLOCK + 1)

/*
 * Does the weak outcome need walks that lag behind, or run ahead of, the CPU's accesses, or a TLB
 * that keeps entries which are not present? An emulator has neither: there such a row can show
 * nothing. Or is it a busted twin: a part of a sequence left out, which shows wherever a TLB keeps
 * what it has? Or a twin where it keeps entries that are not valid?
 */
enum trans_shows { TRANS_MAY_SHOW, TRANS_NEEDS_WALKS, TRANS_TWIN, TRANS_KEEPS_ABSENT };

struct trans_row {
	u8 init[TRANS_PAGES]; /* states when a race begins */
	bool warm;	      /* the TLB of each CPU that races has its pages then */
	bool tables;	      /* it has u */
	bool reuses;	      /* it gives the id of the space to another */
	/* Why an ISA has nothing of the kind, by its memory model, or NULL. */
	const char *not_here[MODEL_NR];
	u8 unloaded; /* threads, a bit each, that begin without the space */
	u8 shows;    /* enum trans_shows */
	u8 ones;     /* cells, a bit each, that hold 1 when a race begins; others 0 */
	u8 used;     /* pages, a bit each, that are accessed */
};

/* Constant during a slice, but for the entries. */
struct translation {
	struct space space, empty;
	const struct trans_row *row;
	bool keeps_absent;     /* the TLBs may have what is not valid */
	struct litmus_args at; /* the cells */
	unsigned long n;
	pteval_t value[TRANS_STATES][TRANS_INSTANCES];
	pteval_t *entry[TRANS_PAGES][TRANS_INSTANCES];
	unsigned long va[TRANS_PAGES][TRANS_INSTANCES]; /* where the cell is seen */
	struct page *table[2][TRANS_TABLES];		/* of x and y, for u */
};
extern struct translation trans;

/* Hooks of all rows. */
extern const struct litmus_hooks trans_hooks;

/* As LITMUS_REG(), of an access that may fault. */
extern const char *const trans_values[];
#define TRANS_REG(n, t, r) \
	{ \
		.name = #t ":r" #r, .words = trans_values, .shift = 2 * (n), .width = 2, \
		.thread = (t), .word = (r) \
	}
void trans_reset(unsigned long first, unsigned long end);

/* A row's function: says what cannot show here, or litmus_run(). */
void trans_run(struct test *t);

#define TRANS_CASE(litmus, nm, threads) \
	static const struct test_case __PASTE(__test_, litmus) __used __section(".tests") \
		__aligned(8) = { .name = nm, \
				 .kind = TEST_LITMUS, \
				 .fn = trans_run, \
				 .data = &litmus, \
				 .min_cpus = threads }

/* ---- what bodies are made of ---- */

/*
 * A cell is used as 64 bits, by each kind of access alike; its value stands where the engine looks
 * for it, in the 32 bits at the cell's address.
 */
union trans_cell {
	u64 whole;
	u32 value;
};
#define TRANS_CELL(p) (((union trans_cell *)(p))->whole)

static inline u64 trans_word(unsigned long value)
{
	union trans_cell c = { .whole = 0 };

	c.value = value;
	return c.whole;
}

static inline unsigned long trans_value(u64 whole)
{
	union trans_cell c = { .whole = whole };

	return c.value;
}

static inline unsigned long trans_va(enum trans_page page, unsigned long i)
{
	return trans.va[page][i];
}

static inline pteval_t *trans_entry(enum trans_page page, unsigned long i)
{
	return trans.entry[page][i];
}

static inline void trans_entry_set(enum trans_page page, unsigned long i, unsigned int state)
{
	WRITE_ONCE(*trans_entry(page, i), trans.value[state][i]);
}

/* As what a read through @pte would give, of cells as they are when a race begins. */
static inline unsigned long trans_entry_read(enum trans_page page, unsigned long i)
{
	pteval_t pte = READ_ONCE(*trans_entry(page, i));

	return pte_none(pte) ? LITMUS_FAULT : pte == trans.value[TRANS_MAP(1, 0)][i];
}

/* Was it written to, as far as the entry tells? With @take it is made absent at once. */
static inline unsigned long trans_entry_dirty(enum trans_page page, unsigned long i, bool take)
{
	pteval_t *entry = trans_entry(page, i);

	return pte_dirty(take ? ptep_get_and_clear(entry) : READ_ONCE(*entry));
}

/* How this CPU's last access has failed. */
static noinline unsigned long trans_failed(void)
{
	return this_cpu(last_fault).not_present ? LITMUS_FAULT : LITMUS_DENIED;
}

/* Was it used? */
static inline unsigned long trans_entry_young(enum trans_page page, unsigned long i, bool take)
{
	pteval_t *entry = trans_entry(page, i);

	return pte_young(take ? ptep_get_and_clear(entry) : READ_ONCE(*entry));
}

static inline unsigned long trans_load(unsigned long va)
{
	u64 val;

	if (unlikely(arch_user_read64((const u64 *)va, &val)))
		return trans_failed();
	return trans_value(val);
}

/* Returns 0 where it was done. */
static inline unsigned long trans_store(unsigned long va, unsigned long val)
{
	return unlikely(arch_user_write64((u64 *)va, trans_word(val))) ? trans_failed() : 0;
}

/* A page's invalidation on this CPU, with or without what comes before and what completes it. */
static inline void trans_invalidate(enum trans_page page, unsigned long i, bool begin, bool end)
{
	unsigned int asid = tlb_mm_asid(&trans.space.mm);

	if (begin)
		arch_tlbi_begin();
	arch_tlbi_page(asid, trans_va(page, i) & PAGE_MASK);
	if (end)
		arch_tlbi_end();
}

/* What an entry that was absent needs before this CPU uses it. */
static inline void trans_publish(enum trans_page page, unsigned long i)
{
	arch_pte_added_local(tlb_mm_asid(&trans.space.mm), trans_va(page, i) & PAGE_MASK);
}

/* What one that was widened needs after a fault. */
static inline void trans_fix_fault(enum trans_page page, unsigned long i)
{
	arch_tlb_fix_fault_local(tlb_mm_asid(&trans.space.mm), trans_va(page, i) & PAGE_MASK);
}

/*
 * How often a thread looks again at cells that another sets behind an invalidation, which takes
 * long: a number for all instances of a call.
 */
unsigned int trans_patience(void);

static inline unsigned long trans_await(const char *cell, unsigned int *patience)
{
	unsigned long val;

	while (!(val = trans_value(READ_ONCE(TRANS_CELL(cell)))) && *patience)
		--*patience;
	return val;
}

/* Edges that stand once for all instances of a call: they take too long for each. */
void trans_flush(void);		       /* the kernel's own, complete everywhere */
void trans_flush_async(void);	       /* the same, not waited for */
void trans_flush_own(void);	       /* what this CPU has */
void trans_flush_others(void);	       /* what the others have, by calls */
void trans_load_space(void);	       /* switch_mm() */
void trans_load_space_unordered(void); /* without arch_order_walks() */
void trans_unload(void);
void trans_reuse_id(void); /* an empty space, by the same id */

/* A trap, or an interrupt, and the way back. */
void trans_trap(void);	/* an instruction that traps */
void trans_fault(void); /* a load that faults */
void trans_ipi(void);	/* an interrupt from this CPU to itself */
void trans_tick(void);	/* an interrupt of this CPU's timer */
