/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The race between the making of an anon_vma and its use by others, with the memory manager's own
 * functions and structures, run by the litmus engine:
 *
 *	first fault			second fault			reclaim
 *	anon_vma_prepare():
 *	  constructor: lock, list
 *	  vma->anon_vma = it	->	anon_vma_prepare(): there
 *					page_add_new_anon_rmap():
 *					  page->mapping = it	->	page_lock_anon_vma():
 *									lock, list: made?
 *
 * An instance is an area, a page and an anon_vma, full of poison before each race. So that the
 * constructor takes part in the race, the allocator of anon_vmas hands out the instance's own and
 * constructs it at that moment, as the slab allocator does with a slab that it has just made. Who
 * comes last looks at each word that the constructor writes, through the pointer that it found:
 * poison there is the weak outcome ("uninitialised"). Only if there is none is the lock taken, as
 * a lock that is half made would hang the CPU; what was seen once by a look cannot become older.
 *
 * Registers, as in struct litmus_test: whether the pointer was there; then what it led to (enum
 * found, or LITMUS_UNSET if there was none).
 *
 * The objects are made and freed by CPU 0 (order_begin(), order_end()); during a race each belongs
 * to the racing CPUs, by the rules that are tested. Between races the engine has the CPUs reset
 * them. The pages have one reference, of this file.
 */
#include "order.h"

#include <kernel/rcu.h>
#include <lib/errno.h>
#include <lib/poison.h>
#include <lib/string.h>
#include <mm/lru.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/mm.h>

#define INSTANCES  256
#define WORDS_MAX  64
#define AREA_PITCH 4 /* pages from area to area: neighbours would share an anon_vma */

/*
 * So long a body waits for what the one before it does, so that it looks at the very moment: at one
 * instance, and in a call for all of its instances together. The host may have taken a CPU away.
 */
#define SPINS_AT_ONE	  20000
#define SPINS_AN_INSTANCE 1000

enum found { FOUND_POISON, FOUND_LINKED, FOUND_EMPTY };

struct instance {
	struct vm_area_struct *vma;
	struct anon_vma *anon_vma;
	struct page *page;
};

static struct {
	struct instance at[INSTANCES]; /* constant during a race */
	struct mm_struct *mm;
	u16 word[WORDS_MAX]; /* the words of an anon_vma that its constructor writes */
	unsigned int nr_words;
	unsigned int delay;	  /* the busted twin: steps between publication and constructor */
	struct anon_vma *supply;  /* what is allocated next: the first fault's CPU's */
	struct mm_balance before; /* CPU 0's */
	const struct anon_vma_ops *ops_before;
} order;

/* ---- the objects ---- */

static struct anon_vma *supply_constructed(void)
{
	anon_vma_construct(order.supply);
	return order.supply;
}

static struct anon_vma *supply_poisoned(void)
{
	return order.supply;
}

/* A word that keeps two different poisons is one that the constructor leaves alone. */
static bool find_words(struct test *t, struct anon_vma *anon_vma)
{
	static u32 a[sizeof(struct anon_vma) / sizeof(u32)];
	const u32 *w = (const u32 *)anon_vma;

	memset(anon_vma, POISON_NEW, sizeof(*anon_vma));
	anon_vma_construct(anon_vma);
	memcpy(a, anon_vma, sizeof(a));
	memset(anon_vma, (u8)~POISON_NEW, sizeof(*anon_vma));
	anon_vma_construct(anon_vma);
	order.nr_words = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(a) && order.nr_words < WORDS_MAX; i++)
		if (a[i] == w[i])
			order.word[order.nr_words++] = i;
	/* The lock's two words and the list's two pointers at the least. */
	return EXPECT_MSG(t, order.nr_words >= 2 + 2 * sizeof(void *) / sizeof(u32),
			  "the constructor writes %u words", order.nr_words);
}

static void reset_page(struct page *page)
{
	if (page_test_flag(page, PG_lru))
		lru_isolate_page(page);
	while (page_count(page) > 1)
		put_page(page);
	page_clear_flag(page, PG_active);
	page->mapcount = 0;
	page->mapping = NULL;
}

static void order_reset(unsigned long first, unsigned long end)
{
	for (unsigned long i = first; i < end; i++) {
		struct instance *in = &order.at[i];

		in->vma->anon_vma = NULL;
		INIT_LIST_HEAD(&in->vma->anon_vma_node);
		memset(in->anon_vma, POISON_NEW, sizeof(*in->anon_vma));
		reset_page(in->page);
	}
}

static bool make_instance(struct instance *in, unsigned long i)
{
	unsigned long addr = TEST_ADDR + i * AREA_PITCH * PAGE_SIZE;

	if (do_mmap(order.mm, addr, PAGE_SIZE, RW) != (long)addr)
		return false;
	in->vma = find_vma(order.mm, addr);
	in->anon_vma = anon_vma_alloc();
	in->page = alloc_page(GFP_KERNEL);
	return in->anon_vma && in->page;
}

bool order_begin(struct test *t, const struct anon_vma_ops *ops)
{
	bool made = true;
	int err;

	if (litmus_reserve()) {
		test_skip(t, "too little memory for the instances");
		return false;
	}
	balance_begin(t, &order.before);
	order.ops_before = anon_vma_get_ops();
	err = anon_vma_set_ops(ops);
	if (!EXPECT_MSG(t, !err, "anon_vma_set_ops(): %d", err))
		return false;
	memset(order.at, 0, sizeof(order.at));
	order.mm = mm_alloc();
	if (order.mm) {
		down_write(&order.mm->mmap_sem);
		for (unsigned long i = 0; i < INSTANCES && made; i++)
			made = make_instance(&order.at[i], i);
		up_write(&order.mm->mmap_sem);
	}
	if (!order.mm || !made) {
		test_skip(t, "too little memory for the instances");
		order_end(t);
		return false;
	}
	if (!find_words(t, order.at[0].anon_vma)) {
		order_end(t);
		return false;
	}
	return true;
}

void order_end(struct test *t)
{
	int err;

	for (unsigned long i = 0; i < INSTANCES; i++) {
		struct instance *in = &order.at[i];

		if (in->vma) {
			in->vma->anon_vma = NULL;
			INIT_LIST_HEAD(&in->vma->anon_vma_node);
		}
		if (in->anon_vma) {
			anon_vma_construct(in->anon_vma);
			anon_vma_free(in->anon_vma);
		}
		if (in->page) {
			reset_page(in->page);
			put_page(in->page);
		}
	}
	if (order.mm)
		mmput(order.mm);
	order.mm = NULL;
	rcu_barrier();
	err = anon_vma_set_ops(order.ops_before);
	EXPECT_MSG(t, !err, "anon_vma_set_ops(): %d", err);
	balance_end(t, &order.before);
}

/* ---- the busted twin ---- */

static int prepare_busted(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = anon_vma_alloc();

	WRITE_ONCE(vma->anon_vma, anon_vma);
	for (unsigned int i = order.delay; i; i--)
		barrier();
	anon_vma_construct(anon_vma);
	spin_lock(&anon_vma->lock);
	__anon_vma_link(vma);
	spin_unlock(&anon_vma->lock);
	return 0;
}

static struct anon_vma *lock_as_modern(struct page *page)
{
	return anon_vma_ops_modern.lock(page);
}

static void unlock_as_modern(struct anon_vma *anon_vma)
{
	anon_vma_ops_modern.unlock(anon_vma);
}

const struct anon_vma_ops order_busted_ops = {
	.name = "busted",
	.prepare = prepare_busted,
	.lock = lock_as_modern,
	.unlock = unlock_as_modern,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

/* ---- what the CPUs do ---- */

/* Wait for a moment until *@p is not NULL, for which @spins are left in this call. */
static __always_inline bool come(void *const *p, unsigned long *spins)
{
	unsigned long n = MIN(*spins, (unsigned long)SPINS_AT_ONE);

	*spins -= n;
	while (!READ_ONCE(*p)) {
		if (!n)
			return false;
		n--;
	}
	*spins += n;
	return true;
}

static void first_fault(struct instance *in)
{
	order.supply = in->anon_vma;
	anon_vma_prepare(in->vma);
}

static void second_fault(struct instance *in)
{
	anon_vma_prepare(in->vma);
	page_add_new_anon_rmap(in->page, in->vma, in->vma->vm_start);
}

/* Each word that the constructor writes, through the pointer in page->mapping. */
static bool sees_poison(const struct anon_vma *anon_vma)
{
	const u32 *w = (const u32 *)anon_vma;

	for (unsigned int i = 0; i < order.nr_words; i++)
		if (READ_ONCE(w[order.word[i]]) == POISON32(POISON_NEW))
			return true;
	return false;
}

static enum found follow(struct instance *in)
{
	/*
	 * dependency: as in page_anon_vma(), pairs with the release in prepare_modern(), or what
	 * the variant has in its place; the pointer comes by page_add_new_anon_rmap(); orders its
	 * read before the looks; tests: litmus.C3-wmb+data+depends
	 */
	unsigned long mapping = (unsigned long)rcu_dereference(in->page->mapping);
	struct anon_vma *anon_vma = (struct anon_vma *)(mapping - PAGE_MAPPING_ANON);
	enum found found = FOUND_LINKED;

	if (sees_poison(anon_vma))
		return FOUND_POISON;
	anon_vma = page_lock_anon_vma(in->page);
	/* NULL: page->mapping is here, the count that says that it is mapped not yet. */
	if (!anon_vma)
		return FOUND_LINKED;
	if (list_empty(&anon_vma->head))
		found = FOUND_EMPTY;
	page_unlock_anon_vma(anon_vma);
	return found;
}

static __always_inline unsigned int regs(unsigned int r0, unsigned int r1)
{
	return r0 | r1 << 2;
}

#define NOT_THERE regs(0, LITMUS_UNSET)

static unsigned long spins_of(unsigned long first, unsigned long end)
{
	return SPINS_AT_ONE + (end - first) * SPINS_AN_INSTANCE;
}

LITMUS_BODY(body_first_fault)
{
	for (unsigned long i = first; i != end; i++)
		first_fault(&order.at[i]);
}

LITMUS_BODY(body_second_fault)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		struct instance *in = &order.at[i];

		a->out[i] = come((void **)&in->vma->anon_vma, &spins);
		if (a->out[i])
			second_fault(in);
	}
}

LITMUS_BODY(body_second_fault_lru)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		struct instance *in = &order.at[i];

		a->out[i] = come((void **)&in->vma->anon_vma, &spins);
		if (!a->out[i])
			continue;
		second_fault(in);
		lru_cache_add(in->page);
	}
}

LITMUS_BODY(body_reclaim)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		struct instance *in = &order.at[i];

		a->out[i] = come(&in->page->mapping, &spins) ? regs(1, follow(in)) : NOT_THERE;
	}
}

LITMUS_BODY(body_reclaim_lru)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		struct instance *in = &order.at[i];

		/* Not for page->mapping: to see it would be a way round the lock. */
		for (unsigned int n = SPINS_AT_ONE; n && spins; n--, spins--)
			if (page_test_flag(in->page, PG_lru))
				break;
		a->out[i] = lru_isolate_page(in->page) ? regs(1, follow(in)) : NOT_THERE;
	}
}

LITMUS_BODY(body_fault_and_reclaim)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		struct instance *in = &order.at[i];

		a->out[i] = NOT_THERE;
		if (!come((void **)&in->vma->anon_vma, &spins))
			continue;
		second_fault(in);
		a->out[i] = regs(1, follow(in));
	}
}

/* ---- one at a time, for races of another kind ---- */

void order_map(unsigned int i)
{
	anon_vma_supply = supply_constructed;
	first_fault(&order.at[i]);
	anon_vma_supply = NULL;
	second_fault(&order.at[i]);
}

void order_unmap(unsigned int i)
{
	struct instance *in = &order.at[i];

	page_remove_rmap(in->page);
	spin_lock(&in->anon_vma->lock);
	list_del_init(&in->vma->anon_vma_node);
	spin_unlock(&in->anon_vma->lock);
	in->vma->anon_vma = NULL;
}

void order_poison(unsigned int i)
{
	memset(order.at[i].anon_vma, POISON_NEW, sizeof(struct anon_vma));
}

struct page *order_page(unsigned int i)
{
	return order.at[i].page;
}

bool order_sees_poison(const void *mapping)
{
	return sees_poison((const struct anon_vma *)((unsigned long)mapping - PAGE_MAPPING_ANON));
}

/* ---- the shapes as litmus tests ---- */

LITMUS_WEAK(two_weak, 0xf, 0x1)
LITMUS_WEAK(three_weak, 0x3f, 0x05)

static const struct litmus_test two = {
	.nr_threads = 2,
	.nr_vars = 1,
	.nr_fields = 2,
	.flags = LITMUS_PACKED,
	.thread = LITMUS_THREADS({ body_first_fault, 0, { 0 } },
				 { body_fault_and_reclaim, 2, { 0 } }),
	.field = LITMUS_FIELDS(LITMUS_REG(0, 1, 0), LITMUS_REG(1, 1, 1)),
	.weak = two_weak,
	.weak_outcome = "1:r0=1 /\\ 1:r1=0",
	.nr_sc = 2,
	.sc = LITMUS_KEYS(0xc, 0x5),
	.max_instances = INSTANCES,
	.reset = order_reset,
};

#define THREE(second, reclaim) \
	{ \
		.nr_threads = 3, .nr_vars = 1, .nr_fields = 3, .flags = LITMUS_PACKED, \
		.thread = LITMUS_THREADS({ body_first_fault, 0, { 0 } }, { second, 1, { 0 } }, \
					 { reclaim, 2, { 0 } }), \
		.field = LITMUS_FIELDS(LITMUS_REG(0, 1, 0), LITMUS_REG(1, 2, 0), \
				       LITMUS_REG(2, 2, 1)), \
		.weak = three_weak, .weak_outcome = "1:r0=1 /\\ 2:r0=1 /\\ 2:r1=0", .nr_sc = 3, \
		.sc = LITMUS_KEYS(0x30, 0x31, 0x15), .max_instances = INSTANCES, \
		.reset = order_reset, \
	}

static const struct litmus_test three = THREE(body_second_fault, body_reclaim);
static const struct litmus_test three_lru = THREE(body_second_fault_lru, body_reclaim_lru);

static const struct litmus_test *const shapes[SHAPE_NR] = {
	[SHAPE_TWO] = &two,
	[SHAPE_THREE] = &three,
	[SHAPE_LRU] = &three_lru,
};

unsigned int order_threads(enum order_shape shape)
{
	return shapes[shape]->nr_threads;
}

static u64 count_found(enum order_shape shape, const struct litmus_result *r, enum found found)
{
	u64 key = shape == SHAPE_TWO ? regs(1, found) : 1 | regs(1, found) << 2;

	return litmus_histogram_count(&r->hist, key);
}

u64 order_incomplete(enum order_shape shape, const struct litmus_result *r)
{
	return count_found(shape, r, FOUND_EMPTY);
}

u64 order_followed(enum order_shape shape, const struct litmus_result *r)
{
	return count_found(shape, r, FOUND_POISON) + count_found(shape, r, FOUND_LINKED) +
	       count_found(shape, r, FOUND_EMPTY);
}

/* ---- what the models say ---- */

/*
 * A lock acquisition between the constructor and the publication (as litmus.C5-lock+depends):
 * x86_64 keeps stores in order; on powerpc64 the acquire is a load and lwsync, which orders the
 * stores before it too; ldar of arm64 and fence r,rw of riscv64 order no earlier store. The second
 * fault hands the pointer on by a data dependency, the last step is an address dependency: with a
 * write barrier or a release in front the row of shapes.tsv is ISA2+wmb+data+addr, or +rel.
 */
enum litmus_expect order_expect(enum order_edge edge)
{
	const char *row = edge == EDGE_WMB ? "ISA2+wmb+data+addr" : "ISA2+rel+data+addr";

	if (edge == EDGE_BUSTED)
		return LITMUS_ALLOW;
	if (edge == EDGE_LOCK)
		return litmus_expected(litmus_find("litmus.C5-lock+depends"));
	switch (litmus_verdict(row, LITMUS_OWN_MODEL)) {
	case 'A':
		return LITMUS_ALLOW;
	case 'F':
		return LITMUS_FORBID;
	default:
		return LITMUS_UNKNOWN;
	}
}

const char *order_why(enum order_edge edge)
{
	static const char *const lock[MODEL_NR] = {
		[MODEL_X86_64] = "stores stay in order (TSO)",
		[MODEL_ARM64] = "taking a lock (ldar) does not order the stores before it",
		[MODEL_RISCV64] = "taking a lock (fence r,rw) does not order the stores before it",
		[MODEL_POWERPC64] = "taking a lock ends with lwsync here: earlier stores first",
	};

	switch (edge) {
	case EDGE_LOCK:
		return lock[LITMUS_OWN_MODEL] ?: "what taking a lock orders is not known here";
	case EDGE_WMB:
		return "a write barrier stands before the publishing store";
	case EDGE_RELEASE:
		return "the publishing store is a release";
	default:
		return "it is published before it is constructed";
	}
}

bool order_race(struct test *t, enum order_shape shape, enum order_edge edge, u64 ns,
		struct litmus_result *r)
{
	bool ok;

	/* From a step to a time in which a busy host gives the others their turns. */
	order.delay =
		edge == EDGE_BUSTED ? rng_below(&t->rng, 2000) << 2 * rng_below(&t->rng, 4) : 0;
	anon_vma_supply = edge == EDGE_BUSTED ? supply_poisoned : supply_constructed;
	ok = litmus_measure(t, shapes[shape], t->tc->name, ns, r);
	anon_vma_supply = NULL;
	r->expect = order_expect(edge);
	return ok;
}
