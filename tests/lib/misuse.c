/* SPDX-License-Identifier: GPL-2.0-only */
/* Assertions under test: see the header. */
#include <arch/irq.h>
#include <kernel/held_locks.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <test/misuse.h>

#ifdef CONFIG_DEBUG

/* ---- the thread that provokes ---- */

static struct task_struct *provoker; /* whose assertions are ours; set before it is started */

/* The end of the thread in the midst of what it does. */
static void __noreturn provoker_ends(void)
{
	preempt_disable();
	while (spin_locks_held())
		spin_unlock(held_last());
	while (current->rcu_nesting)
		rcu_read_unlock();
	arch_irq_enable();
	WRITE_ONCE(current->preempt_count, 0);
	if (current->mm)
		unuse_mm();
	preempt_disable();
	thread_done(current);
	schedule_dead();
}

static bool assertion_fires(struct bug_site *site)
{
	if (current != provoker)
		return false;
	site->fired++;
	if (!current->denies)
		provoker_ends();
	return true;
}

struct provocation {
	void (*fn)(void);
	const char *denies;
};

static void provoke(void *arg)
{
	const struct provocation *p = arg;

	current->denies = p->denies;
	p->fn();
	current->denies = NULL;
}

static void provoke_in_thread(struct test *t, void (*fn)(void), const char *denies)
{
	struct provocation p = { fn, denies };

	provoker = thread_prepare("misuse", 1, provoke, &p);
	if (!EXPECT(t, provoker != NULL))
		return;
	bug_hook = assertion_fires;
	thread_start(provoker);
	thread_join(provoker);
	bug_hook = NULL;
}

/* ---- the assertions ---- */

static bool site_is(const struct bug_site *site, const char *file, const char *func,
		    const char *cond)
{
	return !strcmp(site->file, file) && !strcmp(site->func, func) && !strcmp(site->cond, cond);
}

/* How often it has fired; a header's in all who include it. */
static unsigned long times_fired(const struct misuse *m)
{
	const struct bug_site *site;
	unsigned long sum = 0;

	for (site = __bug_sites_start; site < __bug_sites_end; site++)
		if (site_is(site, m->file, m->func, m->cond))
			sum += site->fired;
	return sum;
}

void misuse_run(struct test *t, const struct misuse *m)
{
	unsigned long before = times_fired(m);

	provoke_in_thread(t, m->fn, m->denies);
	EXPECT_MSG(t, times_fired(m) > before, "no assertion %s in %s() of %s fired", m->cond,
		   m->func, m->file);
	if (m->mend)
		provoke_in_thread(t, m->mend, DENIES_NOTHING);
}

static bool excused(const struct bug_site *site, const struct misuse_excuse *excuses,
		    unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (site_is(site, excuses[i].file, excuses[i].func, excuses[i].cond))
			return true;
	return false;
}

static bool excuse_has_site(const struct misuse_excuse *e)
{
	const struct bug_site *site;

	for (site = __bug_sites_start; site < __bug_sites_end; site++)
		if (site_is(site, e->file, e->func, e->cond))
			return true;
	return false;
}

void misuse_expect_all(struct test *t, const char *prefix, const struct misuse_excuse *excuses,
		       unsigned int nr)
{
	unsigned long found = 0, fired = 0;
	const struct bug_site *site;

	for (site = __bug_sites_start; site < __bug_sites_end; site++) {
		if (strncmp(site->file, prefix, strlen(prefix)))
			continue;
		found++;
		fired += site->fired != 0;
		EXPECT_MSG(t, !site->fired == excused(site, excuses, nr),
			   "the assertion %s in %s() at %s:%u has%s fired", site->cond, site->func,
			   site->file, site->line,
			   site->fired ? ", for all its excuse," : " never");
	}
	for (unsigned int i = 0; i < nr; i++)
		EXPECT_MSG(t, excuse_has_site(&excuses[i]), "no assertion %s in %s() of %s",
			   excuses[i].cond, excuses[i].func, excuses[i].file);
	test_record(t, "\"assertions\":%lu,\"fired\":%lu", found, fired);
}

#endif
