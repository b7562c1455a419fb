/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the file of a variant is made of: how it registers itself with its tests, what it may borrow
 * from others, and reasons that several share.
 */
#pragma once

#include "variants.h"

/*
 * A variant and its tests: nothing else names it, and the host tool reads it in this file.
 * rmap.@name.free runs as @when says: who is caught there ends the run, and is TEST_MANUAL; the
 * form that the memory manager uses runs with all other tests (0); the rest is TEST_EXTENDED.
 *
 *	ANON_VMA_VARIANT(v3f, TEST_EXTENDED) = { .id = "V3f", ... };
 */
#define ANON_VMA_VARIANT(name, when) \
	VARIANT_TEST(name, interleaving, MECH_INTERLEAVING, variant_test_forced, 0); \
	VARIANT_TEST(name, reuse, MECH_REUSE, variant_test_forced, 0); \
	VARIANT_TEST(name, release, MECH_RELEASE, variant_test_forced, 0); \
	VARIANT_TEST(name, deadlock, MECH_DEADLOCK, variant_test_forced, 0); \
	VARIANT_TEST(name, ordering, MECH_ORDERING, variant_test_ordering, 0); \
	VARIANT_TEST(name, free, MECH_NR, variant_test_free, when); \
	static const struct anon_vma_variant __variant_##name __used __section(".variants") \
		__aligned(8)

#define VARIANT_TEST(v, m, mechanism, func, when) \
	static const struct variant_test __variant_test_##v##_##m = { #v, mechanism }; \
	static const struct test_case __test_##v##_##m __used __section(".tests") __aligned(8) = { \
		.name = "rmap." #v "." #m, \
		.kind = TEST_RACE, \
		.flags = when, \
		.fn = func, \
		.data = &__variant_test_##v##_##m, \
		.min_cpus = 2, \
	}

/* ---- what variants borrow from others ---- */

int anon_vma_prepare_v3(struct vm_area_struct *vma);  /* also of V4 */
int anon_vma_prepare_v5(struct vm_area_struct *vma);  /* also of V6, V7, V8, V10, W1, W3, W4 */
struct anon_vma *anon_vma_lock_v0(struct page *page); /* one look, before the lock: also of V1, V2,
							 V5, V10, W2, W4 */
void anon_vma_unlock_v0(struct anon_vma *anon_vma);   /* the lock, then the RCU reader */
void anon_vma_unlock_v7(struct anon_vma *anon_vma);   /* the lock alone: also of W3 */

/* ---- reasons that several variants share ---- */

#define LOCKED \
	{ \
		EXPECT_CLEAN, "the list is changed and walked under the lock alone" \
	}
#define WALKED \
	{ \
		EXPECT_CLEAN, "a stale locker walks the wrong list, under its lock: finds nothing" \
	}
#define FILTERED \
	{ \
		EXPECT_CLEAN, \
			"a stale locker finds the page unmapped under the lock, and gives up" \
	}
#define GUARDED \
	{ \
		EXPECT_CLEAN, \
			"page_mapped() before the lock, and the RCU reader around it, keep the " \
			"memory an anon_vma" \
	}
#define BALANCED \
	{ \
		EXPECT_CLEAN, "every lock is taken once and released on every way out" \
	}
#define WEAK \
	{ \
		EXPECT_UNOBSERVABLE, \
			"taking a lock does not order the constructor's earlier stores before " \
			"the pointer: wrong on arm64 and riscv64, on powerpc64 by how the lock " \
			"is taken (lwsync here: right); x86 keeps stores in order, and TCG on it" \
	}
#define ALPHA \
	{ \
		EXPECT_CLEAN, \
			"write barrier, and an address dependency, which orders loads on the " \
			"four ISAs; Alpha would want a barrier in page_lock_anon_vma() too" \
	}
#define STUCK \
	{ \
		EXPECT_UNOBSERVABLE, "the first fault deadlocks before anything else can happen" \
	}
#define DEADLOCKS \
	[MECH_INTERLEAVING] = STUCK, [MECH_REUSE] = STUCK, [MECH_RELEASE] = STUCK, \
	[MECH_ORDERING] = STUCK
