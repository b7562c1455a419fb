/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run-time half of the address sanitizer. The compiler calls one of these functions before each
 * access that it does not know to be right, and marks the stack itself (-fsanitize=kernel-address;
 * Serebryany, Bruening, Potapenko, Vyukov, "AddressSanitizer: A Fast Address Sanity Checker",
 * USENIX ATC 2012). The shadow is there, and permits all, before the first of them is called.
 *
 * Reads and writes of the shadow are plain. Who poisons or unpoisons owns the memory, so that the
 * only ones to see it halfway are those whose access was wrong anyway.
 *
 * Compiled without the sanitizer.
 */
#include <arch/shadow.h>
#include <lib/compiler.h>

#include "san.h"

#define GRANULE 8UL

static s8 *shadow_of(unsigned long addr)
{
	return (s8 *)((addr >> 3) + ASAN_SHADOW_OFFSET);
}

/* Is there a shadow of the whole range? What is not the kernel's has none. */
static bool has_shadow(unsigned long addr, size_t size)
{
	return addr >= ASAN_BEGIN && addr < ASAN_END && size <= ASAN_END - addr;
}

/* The first of @size bytes that may not be touched, or 0. */
static unsigned long first_wrong(unsigned long addr, size_t size)
{
	unsigned long end = addr + size;

	while (addr < end) {
		s8 known = *shadow_of(addr);

		if (known && (known < 0 || (long)(addr % GRANULE) >= known))
			return addr;
		if (known && MIN(end, ALIGN_DOWN(addr, GRANULE) + GRANULE) >
				     ALIGN_DOWN(addr, GRANULE) + known)
			return ALIGN_DOWN(addr, GRANULE) + known;
		addr = ALIGN_DOWN(addr, GRANULE) + GRANULE;
	}
	return 0;
}

static const char *why_text(u8 why)
{
	switch (why) {
	case ASAN_OBJECT:
		return "in a free object";
	case ASAN_ZONE:
		return "behind an object";
	case ASAN_PAGE:
		return "in a free page";
	case ASAN_GLOBAL:
		return "behind a global variable";
	case ASAN_STACK_SCOPE:
		return "in a variable of a block that has ended";
	case ASAN_STACK_LEFT:
	case ASAN_STACK_MIDDLE:
	case ASAN_STACK_RIGHT:
		return "beside a variable on the stack";
	default:
		return "behind the end of something";
	}
}

static noinline void report(unsigned long addr, unsigned long wrong, size_t size, bool write,
			    unsigned long pc)
{
	if (san_is_silent())
		return;
	detect(DETECT_ADDRESS, (const void *)addr, "%s of %zu bytes at %p by %p: byte %p lies %s",
	       write ? "write" : "read", size, (void *)addr, (void *)pc, (void *)wrong,
	       why_text(*shadow_of(wrong)));
}

static __always_inline void check(unsigned long addr, size_t size, bool write)
{
	unsigned long wrong;

	if (!has_shadow(addr, size))
		return;
	wrong = first_wrong(addr, size);
	if (unlikely(wrong))
		report(addr, wrong, size, write, (unsigned long)__builtin_return_address(0));
}

static void fill(unsigned long addr, size_t size, u8 with)
{
	if (has_shadow(addr, size))
		__builtin_memset(shadow_of(addr), with, size / GRANULE);
}

/* ---- what the compiler calls ---- */

#define CHECK(bytes) \
	void __asan_load##bytes##_noabort(unsigned long addr); \
	void __asan_load##bytes##_noabort(unsigned long addr) \
	{ \
		check(addr, bytes, false); \
	} \
	void __asan_store##bytes##_noabort(unsigned long addr); \
	void __asan_store##bytes##_noabort(unsigned long addr) \
	{ \
		check(addr, bytes, true); \
	}
CHECK(1)
CHECK(2)
CHECK(4)
CHECK(8)
CHECK(16)

void __asan_loadN_noabort(unsigned long addr, size_t size);
void __asan_loadN_noabort(unsigned long addr, size_t size)
{
	check(addr, size, false);
}

void __asan_storeN_noabort(unsigned long addr, size_t size);
void __asan_storeN_noabort(unsigned long addr, size_t size)
{
	check(addr, size, true);
}

/* A variable's block begins, or has ended; the compiler does it by itself where it is small. */
void __asan_poison_stack_memory(unsigned long addr, size_t size);
void __asan_poison_stack_memory(unsigned long addr, size_t size)
{
	fill(addr, ALIGN_UP(size, GRANULE), ASAN_STACK_SCOPE);
}

void __asan_unpoison_stack_memory(unsigned long addr, size_t size);
void __asan_unpoison_stack_memory(unsigned long addr, size_t size)
{
	asan_unpoison((const void *)addr, size);
}

/* A function is called that does not return: what it leaves behind is gone with the thread. */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}

/* As the compiler describes a global variable (gcc 12 to 14, libsanitizer/asan). */
struct asan_global {
	unsigned long beg, size, size_with_redzone;
	const char *name, *module;
	unsigned long has_dynamic_init;
	const void *location;
	unsigned long odr_indicator;
};

void __asan_register_globals(const struct asan_global *g, unsigned long n);
void __asan_register_globals(const struct asan_global *g, unsigned long n)
{
	for (; n; n--, g++) {
		unsigned long end = ALIGN_UP(g->beg + g->size, GRANULE);

		asan_unpoison((const void *)g->beg, g->size);
		asan_poison((const void *)end, g->beg + g->size_with_redzone - end, ASAN_GLOBAL);
	}
}

void __asan_unregister_globals(const struct asan_global *g, unsigned long n);
void __asan_unregister_globals(const struct asan_global *g, unsigned long n)
{
}

/* ---- what allocators call ---- */

void asan_poison(const void *p, size_t size, enum asan_why why)
{
	fill((unsigned long)p, size, why);
}

void asan_unpoison(const void *p, size_t size)
{
	unsigned long addr = (unsigned long)p;

	fill(addr, size, 0);
	if (size % GRANULE && has_shadow(addr, size))
		*shadow_of(addr + size) = size % GRANULE;
}

bool asan_permits(const void *p, size_t size)
{
	unsigned long addr = (unsigned long)p;

	return !has_shadow(addr, size) || !first_wrong(addr, size);
}

void asan_init(void)
{
	extern void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

	for (unsigned long i = 0; __init_array_start + i < __init_array_end; i++)
		__init_array_start[i]();
}
