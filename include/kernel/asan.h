/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address sanitizer (SAN=address): the compiler asks about each access whether it is permitted,
 * and a byte of shadow for each eight of memory knows (kernel/debug/san/address.c). Allocators tell
 * it what is free. Without SAN=address there is none of it.
 *
 * Any context, no locks; a range is told by whoever owns it at the time.
 */
#pragma once

#include <lib/types.h>

/* What a byte of shadow says of memory that may not be touched; 1 to 7: only so many bytes may. */
enum asan_why {
	ASAN_STACK_LEFT = 0xf1, /* the compiler's: around the variables of a function */
	ASAN_STACK_MIDDLE = 0xf2,
	ASAN_STACK_RIGHT = 0xf3,
	ASAN_STACK_SCOPE = 0xf8, /* a variable whose block has ended */
	ASAN_GLOBAL = 0xf9,	 /* behind a global variable */
	ASAN_OBJECT = 0xfb,	 /* a free object of a slab */
	ASAN_ZONE = 0xfc,	 /* behind an object */
	ASAN_PAGE = 0xff,	 /* a free page */
};

/*
 * A test that provokes a fault has set a trap (kernel/detect.h), put a mistake in force
 * (kernel/busted.h) or taken assertions for itself (bug_hook), and has a detector of its own: what
 * is done to memory on the way is no finding of a sanitizer, unless this says so. CPU 0's.
 */
extern bool san_in_traps;

#ifdef CONFIG_ASAN
/* What lies between global variables. First of all, CPU 0. */
void asan_init(void);
/* Nobody may touch these bytes; @p is a multiple of 8, a last piece of less stays as it is. */
void asan_poison(const void *p, size_t size, enum asan_why why);
/* Just these bytes may be touched, of those up to the next multiple of 8. */
void asan_unpoison(const void *p, size_t size);
/* Would an access be permitted? */
bool asan_permits(const void *p, size_t size);
#else
static inline void asan_init(void)
{
}
static inline void asan_poison(const void *p, size_t size, enum asan_why why)
{
}
static inline void asan_unpoison(const void *p, size_t size)
{
}
static inline bool asan_permits(const void *p, size_t size)
{
	return true;
}
#endif
