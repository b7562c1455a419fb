/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may be called where: each function that may sleep is called where one may not, and has
 * nothing to wait for, so that only a check at its entry can tell; the same of those that may wait
 * for other CPUs with interrupts disabled, and of those that rely on their caller's RCU reader.
 * See detectors.c.
 */
#include <kernel/detect.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/wait.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <test/reclaim.h>

#include "detectors.h"

#ifdef CONFIG_DEBUG

/* What they are called with. Nobody else has any of it. */
static struct {
	struct kmem_cache *cache;
	void *used; /* of that cache */
	struct page *page;
	struct mm_struct *mm; /* current's, with a mapped page at TEST_ADDR */
	struct vm_area_struct *vma;
	struct mutex mutex;
	struct rw_semaphore sem;
	struct wait_queue queue;
} on;

/* ---- functions that may sleep ---- */

static void do_cache_alloc(void)
{
	void *o = kmem_cache_alloc(on.cache, GFP_KERNEL);

	if (o)
		kmem_cache_free(on.cache, o);
}

static void do_kmalloc(void)
{
	kfree(kmalloc(100, GFP_KERNEL));
}

static void do_kzalloc_pages(void)
{
	kfree(kzalloc(2 * KMALLOC_MAX_CACHE_SIZE, GFP_KERNEL));
}

static void do_alloc_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (page)
		__free_page(page);
}

static void do_alloc_exact(void)
{
	void *p = alloc_pages_exact(3 * PAGE_SIZE, PAGE_SIZE, GFP_KERNEL);

	if (p)
		free_pages_exact(p, 3 * PAGE_SIZE);
}

static void do_alloc_exact_none(void)
{
	alloc_pages_exact(0, PAGE_SIZE, GFP_KERNEL);
}

static void do_alloc_too_much(void)
{
	alloc_pages(GFP_KERNEL, MAX_PAGE_ORDER + 1);
}

static void do_cache_create_none(void)
{
	kmem_cache_create("none", 0, 0, 0, NULL);
}

/* An object is in use: it is refused. */
static void do_cache_destroy(void)
{
	kmem_cache_destroy(on.cache);
}

static void do_mutex_lock(void)
{
	mutex_lock(&on.mutex);
	mutex_unlock(&on.mutex);
}

static void do_down_read(void)
{
	down_read(&on.sem);
	up_read(&on.sem);
}

static void do_down_write(void)
{
	down_write(&on.sem);
	up_write(&on.sem);
}

static void do_lock_page(void)
{
	lock_page(on.page);
	unlock_page(on.page);
}

static void do_wait_page(void)
{
	wait_on_page_locked(on.page);
}

static void do_wait_event(void)
{
	wait_event(&on.queue, true);
}

static void do_sleep(void)
{
	sleep_ns(0);
}

static void do_set_flavour(void)
{
	rcu_set_flavour("no such");
}

static void do_mmput(void)
{
	mmget(on.mm);
	mmput(on.mm);
}

static void do_prepare(void)
{
	anon_vma_prepare(on.vma);
}

static void do_migrate(void)
{
	migrate_page(on.page); /* is on no list: -EAGAIN */
}

static void do_reclaim(void)
{
	reclaim_pages(1);
}

static void do_user_read(void)
{
	u64 val;

	user_read64(TEST_ADDR, &val);
}

static const struct may_sleep {
	const char *says;
	void (*fn)(void);
} may_sleep[] = {
	{ "slab_alloc()", do_cache_alloc },
	{ "slab_alloc()", do_kmalloc },
	{ "alloc_pages()", do_kzalloc_pages },
	{ "alloc_pages()", do_alloc_page },
	{ "alloc_pages_exact()", do_alloc_exact },
	{ "alloc_pages_exact()", do_alloc_exact_none },
	{ "alloc_pages()", do_alloc_too_much },
	{ "kmem_cache_create()", do_cache_create_none },
	{ "kmem_cache_destroy()", do_cache_destroy },
	{ "mutex_lock()", do_mutex_lock },
	{ "down_read()", do_down_read },
	{ "down_write()", do_down_write },
	{ "lock_page()", do_lock_page },
	{ "wait_on_page_locked()", do_wait_page },
	{ "wait_event()", do_wait_event },
	{ "sleep_ns()", do_sleep },
	{ "yield()", yield },
	{ "schedule()", schedule },
	{ "synchronize_rcu()", synchronize_rcu },
	{ "synchronize_rcu_expedited()", synchronize_rcu_expedited },
	{ "rcu_barrier()", rcu_barrier },
	{ "rcu_set_flavour()", do_set_flavour },
	{ "mmput()", do_mmput },
	{ "anon_vma_prepare()", do_prepare },
	{ "migrate_page()", do_migrate },
	{ "reclaim_pages()", do_reclaim },
	{ "an access to a user address", do_user_read },
};

/* ---- where one may not ---- */

static DEFINE_SPINLOCK(context_lock);

static void lock_enter(void)
{
	spin_lock(&context_lock);
}

static void lock_leave(void)
{
	spin_unlock(&context_lock);
}

static unsigned long irq_flags;

static void irq_enter(void)
{
	irq_flags = arch_irq_save();
}

static void irq_leave(void)
{
	arch_irq_restore(irq_flags);
}

struct context {
	const char *name;
	void (*enter)(void), (*leave)(void);
	const char *says;
	bool access; /* is an access to a user address forbidden too? Else it fails, if it must. */
};

static void must_report(struct test *t, const struct context *c, const struct may_sleep *f)
{
	char words[64];

	snprintf(words, sizeof(words), "%s may sleep, but*%s", f->says, c->says);
	trap_begin();
	c->enter();
	f->fn();
	c->leave();
	EXPECT_MSG(t, trap.count, "%s, %s", f->says, c->name);
	trap_end(t, DETECT_CONTEXT, words);
}

static bool objects_make(struct test *t)
{
	on.mm = space_begin(t, 1);
	if (!on.mm)
		return false;
	pages_stamp(t, 0, 1, 1, 1);
	down_read(&on.mm->mmap_sem);
	on.vma = find_vma(on.mm, TEST_ADDR);
	up_read(&on.mm->mmap_sem);
	on.cache = test_cache_create(t, "context", 64, 0, 0, NULL);
	on.used = on.cache ? kmem_cache_alloc(on.cache, GFP_KERNEL) : NULL;
	on.page = alloc_page(GFP_KERNEL);
	mutex_init(&on.mutex, "context_mutex");
	init_rwsem(&on.sem, "context_sem");
	wait_queue_init(&on.queue, "context_queue");
	return EXPECT(t, on.used && on.page && on.vma);
}

static void objects_free(struct test *t)
{
	if (on.page)
		__free_page(on.page);
	if (on.used)
		kmem_cache_free(on.cache, on.used);
	EXPECT(t, !on.cache || !kmem_cache_destroy(on.cache));
	if (on.mm)
		space_end(on.mm);
}

static void test_may_sleep(struct test *t, const struct context *c)
{
	if (objects_make(t)) {
		do_cache_alloc(); /* now the magazine has one, and so no slab is asked for */
		for (unsigned int i = 0; i < ARRAY_SIZE(may_sleep); i++)
			if (c->access || may_sleep[i].fn != do_user_read)
				must_report(t, c, &may_sleep[i]);
	}
	objects_free(t);
}

static void test_in_lock(struct test *t)
{
	static const struct context c = { "under a spinlock", lock_enter, lock_leave,
					  "preempt_count is 1", false };

	test_may_sleep(t, &c);
}
TEST(detect, sleep_in_lock, TEST_ASSERT, test_in_lock);

static void test_in_irq_off(struct test *t)
{
	static const struct context c = { "interrupts disabled", irq_enter, irq_leave,
					  "interrupts disabled", true };

	test_may_sleep(t, &c);
}
TEST(detect, sleep_in_irq_off, TEST_ASSERT, test_in_irq_off);

static void test_in_preempt_off(struct test *t)
{
	static const struct context c = { "preemption disabled", preempt_disable, preempt_enable,
					  "preempt_count is 1", false };

	test_may_sleep(t, &c);
}
TEST(detect, sleep_in_preempt_off, TEST_ASSERT, test_in_preempt_off);

/* Both flavours: a preemptible reader may be switched away from, but may not sleep. */
static void test_in_reader(struct test *t)
{
	static const struct context c = { "in a reader", rcu_read_lock, rcu_read_unlock,
					  "1 RCU readers", true };
	const char *old = rcu_flavour();

	rcu_set_flavour("classic");
	test_may_sleep(t, &c);
	rcu_set_flavour("preempt");
	test_may_sleep(t, &c);
	rcu_set_flavour(old);
}
TEST(detect, sleep_in_reader, TEST_ASSERT, test_in_reader);

/* ---- RCU's callbacks ---- */

static void callback_allocates(struct rcu_head *head)
{
	do_kmalloc();
}

static void callback_waits(struct rcu_head *head)
{
	synchronize_rcu(); /* for this very thread: it is returned from at once */
}

static void test_in_callback(struct test *t)
{
	struct rcu_head head;

	trap_begin();
	call_rcu(&head, callback_allocates);
	rcu_barrier();
	trap_end(t, DETECT_CONTEXT, "slab_alloc() may sleep, but*a callback");
	trap_begin();
	call_rcu(&head, callback_waits);
	rcu_barrier();
	trap_end(t, DETECT_CONTEXT, "synchronize_rcu() may sleep, but*a callback");
	/* And where it is right, right before a callback and after it. */
	do_kmalloc();
}
TEST(detect, sleep_in_callback, TEST_ASSERT, test_in_callback);

/* ---- functions that may wait for other CPUs ---- */

static void nothing(void *unused)
{
}

static void do_call_self(void)
{
	smp_call_function_single(0, nothing, NULL, true);
}

static void do_call_nobody(void)
{
	smp_call_function_many(0, nothing, NULL, true);
}

static void do_call_each(void)
{
	on_each_cpu(nothing, NULL);
}

static void do_flush_page(void)
{
	tlb_flush_page(on.mm, TEST_ADDR);
}

static void do_flush_mm(void)
{
	tlb_flush_mm(on.mm);
}

static void do_shrink(void)
{
	kmem_cache_shrink(on.cache);
}

/*
 * Where a shoot-down is broadcast it waits for nobody, and where it is not, this one need not: the
 * space is loaded here only.
 */
static void test_wait_irq_off(struct test *t)
{
	static const struct may_sleep waits[] = {
		{ "smp_call_function_single()", do_call_self },
		{ "smp_call_function_many()", do_call_nobody },
		{ "smp_call_function_many()", do_call_each },
		{ "smp_call_function_many()", drain_pages },
		{ "smp_call_function_many()", do_shrink },
		{ "a TLB flush", do_flush_page },
		{ "a TLB flush", do_flush_mm },
	};
	bool made = objects_make(t);
	char words[96];

	for (unsigned int i = 0; made && i < ARRAY_SIZE(waits); i++) {
		snprintf(words, sizeof(words), "%s waits for other CPUs, but interrupts are",
			 waits[i].says);
		trap_begin();
		irq_enter();
		waits[i].fn();
		irq_leave();
		trap_end(t, DETECT_CONTEXT, words);
	}
	objects_free(t);
}
TEST(detect, wait_irq_off, TEST_ASSERT, test_wait_irq_off);

/* ---- functions that rely on a reader ---- */

static void test_reader_missing(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!EXPECT(t, page != NULL))
		return;
	trap_begin();
	EXPECT(t, !page_anon_vma(page));
	trap_end(t, DETECT_CONTEXT, "page_anon_vma() is called outside of an RCU reader");
	/* What a classic reader does to preemption does not make a reader. */
	trap_begin();
	preempt_disable();
	EXPECT(t, !page_anon_vma(page));
	preempt_enable();
	trap_end(t, DETECT_CONTEXT, "outside of an RCU reader");
	rcu_read_lock();
	EXPECT(t, !page_anon_vma(page));
	rcu_read_unlock();
	__free_page(page);
}
TEST(detect, reader_missing, TEST_ASSERT, test_reader_missing);

#endif
