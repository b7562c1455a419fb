/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a window is forced: see the header. Each round has address spaces of its own; the rules of
 * the sync points keep the two CPUs' accesses to struct window_run apart.
 */
#include <arch/cpu.h>
#include <lib/string.h>
#include <mm/rmap.h>
#include <test/window.h>

#define WINDOW_ROUNDS  2
#define WINDOW_WAIT_US 5000000 /* longer is a hang, or a point that was not come to */

enum { RULE_LOOK, RULE_UNLOCK, RULE_GO, RULE_STOP, RULE_MORE, NR_RULES = RULE_MORE + WINDOW_RULES };

static struct window_run *running;

/* CPU 0 is there: have a look before CPU 1 begins. */
static void stopped(const void *obj)
{
	if (!running->stopped && running->w->look)
		running->w->look(running);
	running->stopped = true;
	sync_point("window.stopped");
}

/* Either CPU has released a lock, of this name. */
static void unlocked(const void *name)
{
	if (running->w->unlocks && !strcmp(running->w->unlocks, name))
		sync_point("window.unlocked");
}

/* ---- one round ---- */

static void rules_make(const struct window *w, struct sync_rule *rules)
{
	rules[RULE_LOOK] = (struct sync_rule){ .at = w->at, .call = stopped };
	rules[RULE_UNLOCK] =
		(struct sync_rule){ .at = "spin.unlocked", .cpu = -1, .call = unlocked };
	rules[RULE_GO] =
		(struct sync_rule){ .at = "window.go", .cpu = 1, .until = "window.stopped" };
	rules[RULE_STOP] = (struct sync_rule){ .at = w->at,
					       .until = w->until ? w->until : "window.through",
					       .until_cpu = 1,
					       .flags = w->excluded ? SYNC_EXCLUDE_RCU : 0 };
	for (unsigned int i = 0; i < WINDOW_RULES; i++)
		rules[RULE_MORE + i] = w->more[i];
	for (unsigned int i = 0; i < NR_RULES; i++) {
		rules[i].timeout_us = WINDOW_WAIT_US;
		rules[i].task = rules[i].until_task = "crew";
	}
}

static unsigned int rules_count(const struct window *w)
{
	unsigned int n = 0;

	while (n < WINDOW_RULES && w->more[n].at)
		n++;
	return RULE_MORE + n;
}

static void actor(struct crew *c, unsigned int me)
{
	struct window_run *r = c->arg;
	enum window_space space = me ? r->w->second_in : r->w->first_in;
	struct mm_struct *mm = space == IN_PARENT ? r->mm : space == IN_CHILD ? r->child : NULL;

	if (mm)
		use_mm(mm);
	if (me && r->w->before)
		r->w->before(r);
	crew_meet(c, me);
	if (me) {
		sync_point("window.go");
		r->w->second(r);
		sync_point("window.through");
	} else {
		r->w->first(r);
		sync_point("window.left");
	}
	crew_meet(c, me);
	if (me && r->w->after)
		r->w->after(r);
	if (mm)
		unuse_mm();
}

/* How a wait has ended: CPU 0's as the window says, the others because they were waited for. */
static void expect_ended(struct window_run *r, unsigned int i)
{
	bool excluded = i == RULE_STOP && r->w->excluded;
	struct sync_stats s;

	sync_rule_stats_read(i, &s);
	EXPECT_MSG(r->t, !s.timed_out && (excluded ? s.excluded : s.met && !s.excluded),
		   "stop %u: met %lu, timed out %lu, excluded %lu", i, s.met, s.timed_out,
		   s.excluded);
}

static void race(struct window_run *r)
{
	struct sync_rule rules[NR_RULES];
	unsigned int n = rules_count(r->w);

	rules_make(r->w, rules);
	running = r;
	sync_rules_arm(rules, n, 1);
	crew_run_fixed(r->t, 2, actor, r);
	sync_rules_disarm();
	for (unsigned int i = RULE_GO; i < n; i++)
		expect_ended(r, i);
}

static bool round_begin(struct window_run *r)
{
	r->mm = space_begin(r->t, WINDOW_PAGES);
	if (!r->mm)
		return false;
	if (!r->w->untouched)
		expect_write(r->t, PAGE_0, 1, "before");
	r->page = page_at(r->mm, PAGE_0);
	if (r->w->hold)
		r->held = page_get_at(r->mm, PAGE_0);
	if (r->w->family) {
		r->child = dup_mm(r->mm);
		EXPECT(r->t, r->child != NULL);
	}
	if (r->w->setup)
		r->w->setup(r);
	unuse_mm();
	return !r->t->failures;
}

static void round_end(struct window_run *r)
{
	if (r->held)
		put_anon_page(r->held);
	if (r->child)
		mmput(r->child);
	if (r->mm)
		mmput(r->mm);
	expect_slots(r->t, 0);
}

static void round_check(struct window_run *r)
{
	if (!r->w->check || r->t->failures)
		return;
	if (r->mm)
		use_mm(r->mm);
	r->w->check(r);
	if (r->mm)
		unuse_mm();
}

static void window_round(struct test *t, const struct window *w)
{
	struct window_run r = { .t = t, .w = w };

	if (round_begin(&r)) {
		race(&r);
		round_check(&r);
	}
	round_end(&r);
}

void window_test(struct test *t)
{
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (swap_missing(t, WINDOW_PAGES))
		return;
	balance_begin(t, &b);
	for (int i = 0; i < WINDOW_ROUNDS && !t->failures; i++)
		window_round(t, t->tc->data);
	balance_end(t, &b);
}

/* ---- actors ---- */

int tlb_read(unsigned long addr, u64 *val)
{
	int err;

	preempt_disable(); /* so that a fault is not resolved */
	err = user_read64(addr, val);
	preempt_enable();
	return err ? -1 : 0;
}

int tlb_write(unsigned long addr, u64 val)
{
	int err;

	preempt_disable();
	err = user_write64(addr, val);
	preempt_enable();
	return err ? -1 : 0;
}

void window_reclaims(struct window_run *r)
{
	r->err[smp_processor_id() != 0] = page_swap_out(r->mm, PAGE_0);
}

void window_migrates(struct window_run *r)
{
	r->err[smp_processor_id() != 0] = page_migrate(r->mm, PAGE_0);
}

void window_forks(struct window_run *r)
{
	r->child = dup_mm(r->mm);
	EXPECT(r->t, r->child != NULL);
}

void window_unmaps(struct window_run *r)
{
	EXPECT(r->t, !sys_munmap(PAGE_0, PAGE_SIZE));
}

void window_child_exits(struct window_run *r)
{
	struct mm_struct *child = r->child;

	r->child = NULL;
	mmput(child);
}

void window_writes_2(struct window_run *r)
{
	expect_write(r->t, PAGE_0 + 8, 2, "second word");
}

void window_writes_3(struct window_run *r)
{
	expect_write(r->t, PAGE_0, 3, "first word");
}

void window_writes_next_2(struct window_run *r)
{
	expect_write(r->t, PAGE_1 + 8, 2, "second word of the next page");
}

void window_writes_next_3(struct window_run *r)
{
	expect_write(r->t, PAGE_1, 3, "first word of the next page");
}

void window_reads(struct window_run *r)
{
	expect_read(r->t, PAGE_0, 1, "first word");
}

void window_reads_next(struct window_run *r)
{
	u64 val;

	EXPECT(r->t, !user_read64(PAGE_1, &val));
}

void window_looks(struct window_run *r)
{
	page_referenced(r->held);
}

/* ---- checks ---- */

void window_expect(struct window_run *r, struct mm_struct *mm, unsigned long addr, u64 val)
{
	struct mm_struct *was = current->mm;

	if (was != mm)
		space_switch(mm);
	expect_read(r->t, addr, val, mm == r->mm ? "parent" : "child");
	if (was != mm)
		space_switch(was);
}

void window_expect_both(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 3);
	window_expect(r, r->mm, PAGE_0 + 8, 2);
}

void window_expect_next_both(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_1, 3);
	window_expect(r, r->mm, PAGE_1 + 8, 2);
}

void window_expect_apart(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 3);
	window_expect(r, r->mm, PAGE_0 + 8, 0);
	window_expect(r, r->child, PAGE_0, 1);
	window_expect(r, r->child, PAGE_0 + 8, 0);
}

void window_expect_same(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 1);
	window_expect(r, r->child, PAGE_0, 1);
}
