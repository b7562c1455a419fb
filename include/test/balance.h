/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of memory share: is everything given back, and work on all CPUs at once. */
#pragma once

#include <test/test.h>

struct kmem_cache;

struct balance {
	unsigned long pages;   /* free */
	unsigned long objects; /* in use, of all caches */
};

/* Wait for RCU, empty every magazine and list, and count. CPU 0, interrupts enabled. */
void balance_take(struct balance *b);

/* Has everything been given back since @b was taken? A failure says what is missing. */
void balance_expect(struct test *t, const struct balance *b);

/*
 * kmem_cache_create() for a test of something else: tries again if the boot line asks for failures.
 * NULL, and the test has failed, if that does not help.
 */
struct kmem_cache *test_cache_create(struct test *t, const char *name, size_t size, size_t align,
				     u32 flags, void (*ctor)(void *obj));

/*
 * Run fn(cpu, arg) on the first @nr online CPUs (0: all) at once and wait for them. CPU 0.
 */
void test_on_cpus(unsigned int nr, void (*fn)(unsigned int cpu, void *arg), void *arg);
