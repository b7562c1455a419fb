/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the detectors share. Debug builds only. */
#pragma once

#include <kernel/detect.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <test/balance.h>
#include <test/test.h>

extern struct detect_trap trap;

/* From here on reports are kept in trap. CPU 0. */
void trap_begin(void);
/*
 * No more. The first report should be by @d and say @words (a glob may be in it), and no lock be
 * left held, nor preemption off.
 */
void trap_end(struct test *t, enum detector d, const char *words);

/* CPU 1 takes @l, and keeps it until the end. CPU 0. */
void other_begin(struct spinlock *l);
void other_end(void);

/* A page at TEST_ADDR, its area, and its anon_vma, in a space that is used from begin to end. */
struct mapped {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	struct anon_vma *anon_vma;
	struct page *page; /* with a reference */
};

/* False: the test has failed. */
bool mapped_begin(struct test *t, struct mapped *m);
void mapped_end(struct mapped *m);
