/* SPDX-License-Identifier: GPL-2.0-only */
/* What we ask of the compiler: attributes, volatile access, compile-time checks. */
#pragma once

#define __section(s)	__attribute__((__section__(s)))
#define __used		__attribute__((__used__))
#define __unused	__attribute__((__unused__))
#define __noreturn	__attribute__((__noreturn__))
#define __packed	__attribute__((__packed__))
#define __weak		__attribute__((__weak__))
#define __aligned(n)	__attribute__((__aligned__(n)))
#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))
#define noinline	__attribute__((__noinline__))
#define __always_inline inline __attribute__((__always_inline__))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Compiler barrier: orders nothing in the processor. */
#define barrier() __asm__ __volatile__("" : : : "memory")

/* A value of which the compiler may assume nothing, in a register. */
#define OPTIMIZER_HIDE_VAR(v) __asm__ __volatile__("" : "+r"(v))

/* One untorn access to an aligned object of at most 8 bytes; orders nothing. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) \
	do { \
		*(volatile __typeof__(x) *)&(x) = (v); \
	} while (0)

#define ARRAY_SIZE(a)		      (sizeof(a) / sizeof((a)[0]))
#define BUILD_BUG_ON(c)		      _Static_assert(!(c), "BUILD_BUG_ON: " #c)
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

#define ALIGN_UP(x, a)	 (((x) + ((__typeof__(x))(a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)
#define __stringify_1(x) #x
#define __stringify(x)	 __stringify_1(x)
#define __PASTE_1(a, b)	 a##b
#define __PASTE(a, b)	 __PASTE_1(a, b)

/* Each operand is evaluated once. The names are new each time, for one within the other. */
#define __CHOOSE(op, a, b, x, y) \
	({ \
		__auto_type x = (a); \
		__auto_type y = (b); \
		x op y ? x : y; \
	})
#define MIN(a, b) __CHOOSE(<, a, b, __PASTE(__a, __COUNTER__), __PASTE(__b, __COUNTER__))
#define MAX(a, b) __CHOOSE(>, a, b, __PASTE(__a, __COUNTER__), __PASTE(__b, __COUNTER__))
