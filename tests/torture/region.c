/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A worker's region: operations, and what they do to its model. One that runs out of memory may be
 * half done: what is in doubt is unmapped (with retries) or marked unknown until the next write.
 *
 * Each belongs to its worker alone.
 */
#include <lib/string.h>
#include <test/reclaim.h>

#include "torture.h"

#define STACK_PAGES 24 /* to which a stack may grow here */
#define RETRIES	    2000

void torture_fail(struct worker *w, const char *what, unsigned long page, long ret)
{
	test_fail(w->c->t, "worker %u turn %llu: %s: page %lu: %ld", w->me,
		  (unsigned long long)w->turns, what, page, ret);
	crew_stop(w->c);
}

bool torture_nomem(struct worker *w, const char *what, unsigned long page, long ret)
{
	if (ret == -ENOMEM)
		w->nomem++;
	else
		torture_fail(w, what, page, ret);
	return ret == -ENOMEM;
}

/* What a range holds is in doubt: unmap it, however often that takes. */
static void region_give_up(struct worker *w, struct region *r, unsigned int first, unsigned int nr)
{
	long ret = -ENOMEM;

	for (int i = 0; i < RETRIES && ret == -ENOMEM && !READ_ONCE(w->c->stop); i++) {
		ret = sys_munmap(w->base + first * PAGE_SIZE, nr * PAGE_SIZE);
		if (ret)
			yield();
	}
	if (ret && !READ_ONCE(w->c->stop))
		torture_fail(w, "munmap never succeeds", first, ret);
	memset(&r->page[first], 0, nr * sizeof(r->page[0]));
}

static void do_map(struct worker *w, struct region *r, unsigned int first, unsigned int nr, u8 prot)
{
	long ret = sys_mmap(w->base + first * PAGE_SIZE, nr * PAGE_SIZE, prot);

	if (ret < 0) {
		if (torture_nomem(w, "mmap", first, ret))
			region_give_up(w, r, first, nr);
		return;
	}
	for (unsigned int i = first; i < first + nr; i++)
		r->page[i] = (struct expected){ .prot = prot, .mapped = true };
}

static void do_unmap(struct worker *w, struct region *r, unsigned int first, unsigned int nr)
{
	long ret = sys_munmap(w->base + first * PAGE_SIZE, nr * PAGE_SIZE);

	if (!ret)
		memset(&r->page[first], 0, nr * sizeof(r->page[0]));
	else
		torture_nomem(w, "munmap", first, ret);
}

static void do_protect(struct worker *w, struct region *r, unsigned int first, unsigned int nr,
		       u8 prot)
{
	bool hole = false;
	long ret;

	for (unsigned int i = first; i < first + nr; i++)
		hole |= !r->page[i].mapped;
	if (hole) /* an error half-way: not what we are after */
		return;
	ret = sys_mprotect(w->base + first * PAGE_SIZE, nr * PAGE_SIZE, prot);
	if (ret) {
		if (torture_nomem(w, "mprotect", first, ret))
			region_give_up(w, r, first, nr);
		return;
	}
	for (unsigned int i = first; i < first + nr; i++)
		r->page[i].prot = prot;
}

static void do_write(struct worker *w, struct region *r, unsigned int i, u32 owner)
{
	struct expected *e = &r->page[i];
	struct stamp s = { owner, ++w->seq, w->base + i * PAGE_SIZE };
	int err = stamp_write(&s);

	if (!e->mapped || !(e->prot & VM_WRITE)) {
		if (err != -EFAULT && err != -ENOMEM)
			torture_fail(w, "write that is not permitted", i, err);
	} else if (!err) {
		e->seq = s.seq;
		e->unknown = false;
		r->owner[i] = owner;
	} else if (torture_nomem(w, "write", i, err)) {
		e->unknown = true;
	}
}

static void do_check(struct worker *w, struct region *r, unsigned int i, const char *what)
{
	const struct expected *e = &r->page[i];
	struct stamp s = { r->owner[i], e->seq, w->base + i * PAGE_SIZE };
	struct stamp_found f = { 0 };
	int ret = stamp_check(&s, &f);

	if (ret == -ENOMEM) {
		w->nomem++;
	} else if (!e->mapped || !(e->prot & VM_ACCESS)) {
		if (ret != -EFAULT)
			torture_fail(w, "read that is not permitted", i, ret);
	} else if (ret < 0) {
		torture_fail(w, what, i, ret);
	} else if (ret && !e->unknown) {
		test_fail(
			w->c->t,
			"worker %u turn %llu: %s: page %u: %llx at %lx (owner %u turn %u page %lx) "
			"instead of owner %u turn %u",
			w->me, (unsigned long long)w->turns, what, i, (unsigned long long)f.raw,
			f.addr, f.stamp.owner, f.stamp.seq, f.stamp.addr >> PAGE_SHIFT, s.owner,
			s.seq);
		crew_stop(w->c);
	}
}

void region_check(struct worker *w, struct region *r, const char *what)
{
	for (unsigned int i = 0; i < REGION_PAGES && !READ_ONCE(w->c->stop); i++)
		do_check(w, r, i, what);
}

/* ---- stacks ---- */

static unsigned long stack_top(const struct worker *w)
{
	return w->base + REGION_SPAN / 2;
}

static void stack_drop(struct worker *w, struct region *r)
{
	long ret = -ENOMEM;

	for (int i = 0; i < RETRIES && ret == -ENOMEM; i++)
		ret = sys_munmap(stack_top(w) - STACK_PAGES * PAGE_SIZE, STACK_PAGES * PAGE_SIZE);
	if (ret)
		torture_fail(w, "munmap of a stack", 0, ret);
	r->stack = 0;
	r->stack_seq = 0;
}

/* Let the stack grow to @pages, or begin anew. */
static void do_stack(struct worker *w, struct region *r, unsigned int pages, u32 owner)
{
	struct stamp s = { r->stack_owner, r->stack_seq, stack_top(w) - r->stack * PAGE_SIZE };
	struct stamp_found f = { 0 };
	long ret;

	if (!r->stack) {
		ret = sys_mmap(stack_top(w) - PAGE_SIZE, PAGE_SIZE, RW | VM_GROWSDOWN);
		if (ret < 0) {
			torture_nomem(w, "mmap of a stack", 0, ret);
			return;
		}
		r->stack = 1;
		r->stack_seq = 0;
		return;
	}
	ret = stamp_check(&s, &f);
	if (ret == -ENOMEM)
		return;
	if (ret)
		torture_fail(w, "stack", r->stack, ret);
	if (pages <= r->stack) {
		stack_drop(w, r);
		return;
	}
	s = (struct stamp){ owner, ++w->seq, stack_top(w) - pages * PAGE_SIZE };
	ret = stamp_write(&s);
	if (ret && torture_nomem(w, "stack growth", pages, ret)) {
		stack_drop(w, r); /* it may have grown or not */
		return;
	}
	r->stack = pages;
	r->stack_owner = owner;
	r->stack_seq = s.seq;
}

/* ---- turns ---- */

void region_turn(struct worker *w, struct region *r, u64 dice, u32 owner)
{
	unsigned int first = (dice >> 8) % REGION_PAGES;
	unsigned int nr = 1 + (dice >> 16) % MIN(12U, REGION_PAGES - first);
	static const u8 prots[] = { RW, RW, RW, VM_READ, RW | VM_EXEC, 0 };
	u8 prot = prots[(dice >> 24) % ARRAY_SIZE(prots)];

	switch (dice % DICE) {
	case 0:
	case 1:
		do_map(w, r, first, nr, prot);
		break;
	case 2:
		do_unmap(w, r, first, nr);
		break;
	case 3:
	case 4:
		do_protect(w, r, first, nr, prot);
		break;
	case 5:
		do_stack(w, r, 1 + first % STACK_PAGES, owner);
		break;
	case DICE_FORK: /* the worker's own: in a child nothing */
		break;
	case 7:
	case 8:
	case 9:
	case 10:
		for (unsigned int i = first; i < first + nr; i++)
			do_write(w, r, i, owner);
		break;
	case 11: /* two that isolate pages at the same time come to the same one */
		reclaim_pages(1);
		break;
	default:
		for (unsigned int i = first; i < first + nr; i++)
			do_check(w, r, i, "own page");
	}
}
