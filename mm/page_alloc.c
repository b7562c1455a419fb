/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator: buddies (Knuth, TAOCP 1, 2.5) of 2^0 to 2^MAX_PAGE_ORDER pages, and in front
 * of them a list of single free pages a CPU, so that most allocations take no lock.
 *
 * A free block is described by its first page: PG_buddy and its order. Two buddies, whose page
 * numbers differ in the bit of their order, merge if both are free and in the same range of memory.
 *
 * Locks: interrupts are off while buddy.lock is held. A CPU's own list is used by that CPU only,
 * interrupts off; no lock is needed, and other CPUs ask for a drain by IPI.
 *
 * A debug build fills free pages with junk and looks at it when they are given out again, keeps who
 * freed a page last, and ends in a panic on a page freed twice or while it is still mapped.
 */
#include <arch/irq.h>
#include <kernel/asan.h>
#include <kernel/detect.h>
#include <kernel/fail.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <lib/errno.h>
#include <lib/poison.h>
#include <lib/string.h>
#include <mm/page_alloc.h>

#define PCP_BATCH     16 /* pages that move between a CPU's list and the buddy lists at once */
#define PCP_HIGH      64 /* a list longer than this is drained by a batch */
#define RECLAIM_TRIES 8

struct page_range page_ranges[PAGE_RANGES_MAX];
unsigned int nr_page_ranges;

static unsigned long managed_pages, reserve_pages; /* constant after page_alloc_start() */

int (*page_alloc_reclaim)(unsigned long nr);

static struct {
	struct spinlock lock;
	struct list_head free[MAX_PAGE_ORDER + 1]; /* heads of free blocks, by lru; under lock */
	unsigned long blocks[MAX_PAGE_ORDER + 1];  /* lengths of the lists; under lock */
	unsigned long nr_free;			   /* pages; written under lock, read by anyone */
	u64 splits, merges;			   /* under lock */
} buddy = { .lock = SPINLOCK_INIT("buddy") };

struct page_alloc_cpu {
	struct page_pcp pcp;
	struct page_alloc_stats stats; /* written by this CPU, interrupts off; read by anyone */
};
static DEFINE_PER_CPU(struct page_alloc_cpu, page_alloc_cpu);

#define stats_add(field) \
	do { \
		unsigned long __flags = arch_irq_save(); \
		this_cpu(page_alloc_cpu).stats.field++; \
		arch_irq_restore(__flags); \
	} while (0)

/* This CPU's list. Interrupts are off, and stay so for as long as it is used. */
static struct page_alloc_cpu *this_pcp(void)
{
	BUG_ON(!irqs_are_disabled());
	return &this_cpu(page_alloc_cpu);
}

/* ---- checks ---- */

static void __noreturn page_panic(const char *what, const struct page *page)
{
	unsigned long off = 0;
	/* A return address may lie behind the end of the function that called. */
	const char *fn = page->free_pc ? ksym_lookup(page->free_pc - 1, &off, NULL) : NULL;

	panic("%s: page %lx (flags %x order %u count %d mapcount %d mapping %p), freed last by "
	      "%s+0x%lx",
	      what, page_to_pfn(page), page->flags, page->order, page_count(page),
	      page_mapcount(page), page->mapping, fn ? fn : "nobody", off);
}

#ifdef CONFIG_DEBUG
/* Larger blocks are not filled: who takes all of memory would have a host find it all. */
#define JUNK_MAX_ORDER 4
#define JUNK	       POISON64(POISON_PAGE)

static void page_fill_junk(struct page *page, unsigned int order)
{
	u64 *p = page_address(page);

	spin_check_freed(p, PAGE_SIZE);
	if (order > JUNK_MAX_ORDER)
		return;
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		p[i] = JUNK;
	page->flags |= 1U << PG_junk;
}

static void page_check_junk(struct page *page)
{
	const u64 *p = page_address(page);

	if (!page_test_flag(page, PG_junk))
		return;
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		if (unlikely(p[i] != JUNK)) {
			/* Trapped: that is one word of a page which is about to be written to. */
			if (!detect_trap_is_set())
				page_panic("free page was written to", page);
			detect(DETECT_POISON, page,
			       "free page was written to: page %lx, word %u: %llx",
			       page_to_pfn(page), i, (unsigned long long)p[i]);
			break;
		}
	page->flags &= ~(1U << PG_junk);
}
#else
static void page_fill_junk(struct page *page, unsigned int order)
{
}

static void page_check_junk(struct page *page)
{
}
#endif

/*
 * A block that is about to be free: nobody has a reference, so its fields are ours and plain
 * writes will do.
 */
static void page_block_retire(struct page *page, unsigned int order, unsigned long pc)
{
	BUG_WITH(page->order != order, page_panic("block freed with another order", page));
	for (unsigned long i = 0; i < 1UL << order; i++) {
		struct page *p = page + i;

		BUG_WITH(page_test_flag(p, PG_buddy) || page_test_flag(p, PG_pcp),
			 page_panic("page freed twice", p));
		BUG_WITH(page_mapcount(p), page_panic("page freed while it is mapped", p));
		BUG_WITH(page_test_flag(p, PG_slab) || page_test_flag(p, PG_lru) ||
				 page_test_flag(p, PG_locked),
			 page_panic("page freed while it is in use", p));
		p->flags = 0;
		p->mapping = NULL;
		p->free_pc = pc;
		asan_unpoison(page_address(p), PAGE_SIZE);
		page_fill_junk(p, order);
		asan_poison(page_address(p), PAGE_SIZE, ASAN_PAGE);
	}
}

/* A block that is about to be given out. */
static void page_block_prepare(struct page *page, unsigned int order, gfp_t gfp)
{
	asan_unpoison(page_address(page), PAGE_SIZE << order);
	for (unsigned long i = 0; i < 1UL << order; i++) {
		struct page *p = page + i;

		BUG_WITH((p->flags & ~(1U << PG_junk)) || page_count(p) || page_mapcount(p) ||
				 p->mapping,
			 page_panic("free page is in use", p));
		page_check_junk(p);
		p->order = 0;
		p->index = 0;
		p->private = 0;
	}
	page->order = order;
	if (gfp & __GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE << order);
	/*
	 * release: pairs with the full barrier in get_page_unless_zero(); the cleared fields before
	 * the reference by which they are used; tests: litmus.MP+rel+acq
	 */
	smp_store_release(&page->refcount, 1);
}

/* ---- buddies: all under buddy.lock ---- */

static void buddy_list_add(struct page *page, unsigned int order)
{
	BUG_ON(!spin_is_mine(&buddy.lock));
	page->order = order;
	page->flags |= 1U << PG_buddy;
	list_add(&page->lru, &buddy.free[order]);
	buddy.blocks[order]++;
}

static void buddy_list_del(struct page *page, unsigned int order)
{
	BUG_ON(!spin_is_mine(&buddy.lock));
	list_del(&page->lru);
	page->flags &= ~(1U << PG_buddy);
	buddy.blocks[order]--;
}

/* The free buddy of the block of @order at @pfn, or NULL. */
static struct page *buddy_find(const struct page_range *r, unsigned long pfn, unsigned int order)
{
	unsigned long first = pfn ^ (1UL << order);
	struct page *page;

	if (first < r->pfn || first + (1UL << order) > r->pfn + r->nr)
		return NULL;
	page = &r->map[first - r->pfn];
	return page_test_flag(page, PG_buddy) && page->order == order ? page : NULL;
}

static void buddy_free(struct page *page, unsigned int order)
{
	const struct page_range *r = &page_ranges[page->range];
	unsigned long pfn = page_to_pfn(page);

	WRITE_ONCE(buddy.nr_free, buddy.nr_free + (1UL << order));
	for (; order < MAX_PAGE_ORDER; order++) {
		struct page *other = buddy_find(r, pfn, order);

		if (!other)
			break;
		buddy_list_del(other, order);
		pfn &= ~(1UL << order);
		buddy.merges++;
	}
	buddy_list_add(&r->map[pfn - r->pfn], order);
}

static struct page *buddy_alloc(unsigned int order, gfp_t gfp)
{
	unsigned long keep = gfp & __GFP_HIGH ? 0 : reserve_pages;
	struct page *page;
	unsigned int o = order;

	if (buddy.nr_free < (1UL << order) + keep)
		return NULL;
	while (o <= MAX_PAGE_ORDER && list_empty(&buddy.free[o]))
		o++;
	if (o > MAX_PAGE_ORDER)
		return NULL;
	page = list_first_entry(&buddy.free[o], struct page, lru);
	buddy_list_del(page, o);
	while (o > order) {
		o--;
		buddy_list_add(page + (1UL << o), o);
		buddy.splits++;
	}
	WRITE_ONCE(buddy.nr_free, buddy.nr_free - (1UL << order));
	return page;
}

/* ---- a CPU's list: interrupts off ---- */

static void pcp_refill(struct page_alloc_cpu *c, gfp_t gfp)
{
	spin_lock(&buddy.lock);
	for (unsigned int i = 0; i < PCP_BATCH; i++) {
		struct page *page = buddy_alloc(0, gfp);

		if (!page)
			break;
		page->flags |= 1U << PG_pcp;
		page_pcp_push(&c->pcp, page);
	}
	spin_unlock(&buddy.lock);
	c->stats.pcp_refills++;
}

static void pcp_drain(struct page_alloc_cpu *c, unsigned int nr)
{
	spin_lock(&buddy.lock);
	while (nr-- && c->pcp.head) {
		struct page *page = page_pcp_pop(&c->pcp);

		page->flags &= ~(1U << PG_pcp);
		buddy_free(page, 0);
	}
	spin_unlock(&buddy.lock);
	c->stats.pcp_drains++;
}

static struct page *pcp_alloc(gfp_t gfp)
{
	unsigned long flags = arch_irq_save();
	struct page_alloc_cpu *c = this_pcp();
	struct page *page;

	if (!c->pcp.head)
		pcp_refill(c, gfp);
	page = page_pcp_pop(&c->pcp);
	if (page) {
		page->flags &= ~(1U << PG_pcp);
		c->stats.allocs++;
	}
	arch_irq_restore(flags);
	return page;
}

/* @nr is at most PCP_BATCH: so long are interrupts off. */
static void pcp_free(struct page **pages, unsigned int nr)
{
	unsigned long flags = arch_irq_save();
	struct page_alloc_cpu *c = this_pcp();

	for (unsigned int i = 0; i < nr; i++) {
		pages[i]->flags |= 1U << PG_pcp;
		page_pcp_push(&c->pcp, pages[i]);
	}
	if (c->pcp.count > PCP_HIGH)
		pcp_drain(c, PCP_BATCH);
	c->stats.frees += nr;
	arch_irq_restore(flags);
}

static void drain_this_cpu(void *unused)
{
	unsigned long flags = arch_irq_save();
	struct page_alloc_cpu *c = this_pcp();

	if (c->pcp.head)
		pcp_drain(c, c->pcp.count);
	arch_irq_restore(flags);
}

void drain_pages(void)
{
	on_each_cpu(drain_this_cpu, NULL);
}

/* ---- allocation ---- */

static struct page *alloc_pages_fast(gfp_t gfp, unsigned int order)
{
	struct page *page;
	unsigned long flags;

	if (!order)
		return pcp_alloc(gfp);
	flags = spin_lock_irqsave(&buddy.lock);
	page = buddy_alloc(order, gfp);
	if (page)
		this_cpu(page_alloc_cpu).stats.allocs++;
	spin_unlock_irqrestore(&buddy.lock, flags);
	return page;
}

/* Nothing free: collect what the CPUs' lists hold, then reclaim for as long as that helps. */
static noinline struct page *alloc_pages_slow(gfp_t gfp, unsigned int order)
{
	struct page *page;

	drain_pages();
	page = alloc_pages_fast(gfp, order);
	for (int i = 0; !page && page_alloc_reclaim && i < RECLAIM_TRIES; i++) {
		stats_add(reclaims);
		if (page_alloc_reclaim(MAX(1UL << order, PCP_BATCH)) <= 0)
			break;
		drain_pages();
		page = alloc_pages_fast(gfp, order);
	}
	return page;
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	gfp = gfp_check(gfp, "alloc_pages()");
	if (order <= MAX_PAGE_ORDER && ((gfp & __GFP_NOINJECT) || !fail_should(FAIL_PAGE))) {
		page = alloc_pages_fast(gfp, order);
		if (unlikely(!page) && (gfp & __GFP_WAIT))
			page = alloc_pages_slow(gfp, order);
	}
	if (unlikely(!page)) {
		stats_add(failures);
		return NULL;
	}
	page_block_prepare(page, order, gfp);
	return page;
}

/*
 * A page that is still mapped, which has been reported, is not freed: it gets the references again
 * that its entries should have, and is freed when they are gone.
 */
static noinline bool page_keep_mapped(struct page *page)
{
	s32 entries = page_mapcount(page);

	BUG_WITH(entries < 0, page_panic("page freed with a negative mapcount", page));
	detect(DETECT_PAGE_MAPPED, page, "page freed while it is mapped: page %lx, %d entries",
	       page_to_pfn(page), entries);
	WRITE_ONCE(page->refcount, entries);
	return true;
}

static void page_block_free(struct page *page, unsigned int order, unsigned long pc)
{
	unsigned long flags;

	if (unlikely(page_mapcount(page)) && page_keep_mapped(page))
		return;
	page_block_retire(page, order, pc);
	if (!order) {
		pcp_free(&page, 1);
		return;
	}
	flags = spin_lock_irqsave(&buddy.lock);
	buddy_free(page, order);
	this_cpu(page_alloc_cpu).stats.frees++;
	spin_unlock_irqrestore(&buddy.lock, flags);
}

/* Drop a reference. Was it the last? */
static bool page_ref_drop(struct page *page)
{
	/*
	 * full: pairs with itself, with the cmpxchg() in page_put_unless_last(), the release in
	 * put_page_refs() and the acquire in page_only_ref(); whatever the others did to the page
	 * before they dropped their references, before the last one frees it, or has it alone;
	 * tests: litmus.MP+rel+acq
	 */
	s32 old = fetch_add(&page->refcount, -1);

	BUG_WITH(old <= 0, page_panic(page_test_flag(page, PG_buddy) || page_test_flag(page, PG_pcp)
					      ? "page freed twice"
					      : "reference dropped that nobody had",
				      page));
	return old == 1;
}

void get_page(struct page *page)
{
	s32 old = fetch_add_relaxed(&page->refcount, 1);

	BUG_WITH(old <= 0, page_panic("reference to a free page", page));
}

bool get_page_unless_zero(struct page *page)
{
	s32 old;

	do {
		old = page_count(page);
		if (old <= 0)
			return false;
		/* full: pairs with the release in page_block_prepare(); tests: litmus.MP+rel+acq */
	} while (cmpxchg(&page->refcount, old, old + 1) != old);
	return true;
}

noinline void put_page(struct page *page)
{
	if (page_ref_drop(page))
		page_block_free(page, page->order, (unsigned long)__builtin_return_address(0));
}

void put_page_refs(struct page *page, unsigned int n)
{
	/*
	 * release: pairs with the full one in page_ref_drop() and the acquire in page_only_ref();
	 * what was done by these references before somebody finds his the only one;
	 * tests: litmus.MP+rel+acq
	 */
	s32 old = fetch_add_release(&page->refcount, -(s32)n);

	BUG_WITH(old <= (s32)n, page_panic("more references dropped than there were", page));
}

noinline void free_pages(struct page *page, unsigned int order)
{
	if (page_ref_drop(page))
		page_block_free(page, order, (unsigned long)__builtin_return_address(0));
}

noinline void put_pages(struct page **pages, unsigned int nr)
{
	unsigned long pc = (unsigned long)__builtin_return_address(0);
	struct page *single[PCP_BATCH];
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (!page_ref_drop(pages[i]))
			continue;
		if (pages[i]->order) {
			page_block_free(pages[i], pages[i]->order, pc);
			continue;
		}
		page_block_retire(pages[i], 0, pc);
		single[n++] = pages[i];
		if (n == ARRAY_SIZE(single)) {
			pcp_free(single, n);
			n = 0;
		}
	}
	if (n)
		pcp_free(single, n);
}

/* ---- what there is ---- */

unsigned long nr_free_pages(void)
{
	unsigned long sum = READ_ONCE(buddy.nr_free);
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		sum += READ_ONCE(per_cpu(page_alloc_cpu, cpu).pcp.count);
	return sum;
}

unsigned long nr_managed_pages(void)
{
	return managed_pages;
}

unsigned long page_alloc_reserve(void)
{
	return reserve_pages;
}

void page_alloc_read_stats(struct page_alloc_stats *s)
{
	unsigned long flags;
	unsigned int cpu;

	memset(s, 0, sizeof(*s));
	for_each_cpu_in(cpu, smp_online_mask()) {
		const struct page_alloc_stats *c = &per_cpu(page_alloc_cpu, cpu).stats;

		s->allocs += READ_ONCE(c->allocs);
		s->frees += READ_ONCE(c->frees);
		s->failures += READ_ONCE(c->failures);
		s->pcp_refills += READ_ONCE(c->pcp_refills);
		s->pcp_drains += READ_ONCE(c->pcp_drains);
		s->reclaims += READ_ONCE(c->reclaims);
	}
	flags = spin_lock_irqsave(&buddy.lock);
	s->splits = buddy.splits;
	s->merges = buddy.merges;
	spin_unlock_irqrestore(&buddy.lock, flags);
}

void page_alloc_read_free(unsigned long blocks[MAX_PAGE_ORDER + 1])
{
	unsigned long flags = spin_lock_irqsave(&buddy.lock);

	memcpy(blocks, buddy.blocks, sizeof(buddy.blocks));
	spin_unlock_irqrestore(&buddy.lock, flags);
}

/* ---- start ---- */

/* Free all pages of a range, in the largest blocks that their addresses allow: nothing merges. */
static void range_free_all(unsigned int index)
{
	const struct page_range *r = &page_ranges[index];
	unsigned long i = 0;

	memset(r->map, 0, r->nr * sizeof(struct page));
	for (i = 0; i < r->nr; i++)
		r->map[i].range = index;
	for (i = 0; i < r->nr;) {
		unsigned int order = 0;

		while (order < MAX_PAGE_ORDER && IS_ALIGNED(r->pfn + i, 2UL << order) &&
		       i + (2UL << order) <= r->nr)
			order++;
		buddy_free(&r->map[i], order);
		i += 1UL << order;
	}
	managed_pages += r->nr;
}

int page_alloc_start(void)
{
	unsigned long flags;

	for (unsigned int o = 0; o <= MAX_PAGE_ORDER; o++)
		INIT_LIST_HEAD(&buddy.free[o]);
	flags = spin_lock_irqsave(&buddy.lock);
	for (unsigned int i = 0; i < nr_page_ranges; i++)
		range_free_all(i);
	spin_unlock_irqrestore(&buddy.lock, flags);
	reserve_pages = MIN(MAX(managed_pages / 256, 16UL), 1024UL);
	return managed_pages > 4 * reserve_pages ? 0 : -ENOMEM;
}
