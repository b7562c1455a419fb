/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch_switch_to() by itself: two stacks that hand the CPU to one another, each with more values at
 * work than there are registers that a call keeps. The scheduler saves what its callers have in
 * them before it switches, so that with threads a register that is lost may never show.
 */
#include <arch/context.h>
#include <arch/irq.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <test/test.h>

#define ROUNDS 64
#define SMALL  1000

static struct task_struct other; /* no thread: a stack and its pointer */
static char other_stack[8192] __aligned(16);
static u64 other_sum;

/* What comes of @seed, the same with and without switches to @next (NULL: none) in between. */
static noinline u64 mix(struct task_struct *me, struct task_struct *next, u64 seed)
{
	u64 a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11, f = seed * 13;
	u64 g = seed * 17, h = seed * 19, i = seed * 23, j = seed * 29, k = seed * 31;
	u64 l = seed * 37, m = seed * 41, n = seed * 43, o = seed * 47, p = seed * 53;

	for (u64 round = 0; round < ROUNDS; round++) {
		if (next)
			arch_switch_to(me, next);
		/* A condition that is kept in flags, where an ISA has some that calls keep. */
		if (seed > SMALL) {
			e = ~e;
			barrier();
		}
		a += p ^ round;
		b ^= a << 1;
		c += b >> 3;
		d ^= c + a;
		e += d ^ b;
		f ^= e + c;
		g += f ^ d;
		h ^= g + e;
		i += h ^ f;
		j ^= i + g;
		k += j ^ h;
		l ^= k + i;
		m += l ^ j;
		n ^= m + k;
		o += n ^ l;
		p ^= o + m;
	}
	return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k ^ l ^ m ^ n ^ o ^ p;
}

static void other_entry(struct task_struct *prev)
{
	for (;;) {
		other_sum = mix(&other, prev, 12345);
		arch_switch_to(&other, prev);
	}
}

static void test_switch_to(struct test *t)
{
	u64 alone = mix(NULL, NULL, 999), others = mix(NULL, NULL, 12345), sum;
	struct task_struct *me = current;
	unsigned long flags;

	other_sum = 0;
	other.sp = arch_thread_frame(other_stack + sizeof(other_stack), other_entry);
	flags = arch_irq_save();
	sum = mix(me, &other, 999);
	/* Until it has come to its end too. */
	while (!other_sum)
		arch_switch_to(me, &other);
	arch_irq_restore(flags);
	EXPECT_MSG(t, sum == alone, "%llx with switches, %llx without", (unsigned long long)sum,
		   (unsigned long long)alone);
	EXPECT_MSG(t, other_sum == others, "the other: %llx with switches, %llx without",
		   (unsigned long long)other_sum, (unsigned long long)others);
}
TEST(threads, switch_to, TEST_ASSERT, test_switch_to);
