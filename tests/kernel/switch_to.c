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
#include <test/mix.h>
#include <test/test.h>

#define SEED	   999
#define OTHER_SEED 12345

static struct task_struct other; /* no thread: a stack and its pointer */
static char other_stack[8192] __aligned(16);
static u64 other_sum;

static void hand_over(struct task_struct *me, struct task_struct *next)
{
	if (next)
		arch_switch_to(me, next);
}

MIX_FUNCTION(mix, 64, hand_over(me, next), struct task_struct *me, struct task_struct *next)

static void other_entry(struct task_struct *prev)
{
	for (;;) {
		other_sum = mix(OTHER_SEED, &other, prev);
		arch_switch_to(&other, prev);
	}
}

static void test_switch_to(struct test *t)
{
	u64 alone = mix(SEED, NULL, NULL), others = mix(OTHER_SEED, NULL, NULL), sum;
	struct task_struct *me = current;
	unsigned long flags;

	other_sum = 0;
	other.sp = arch_thread_frame(other_stack + sizeof(other_stack), other_entry);
	flags = arch_irq_save();
	sum = mix(SEED, me, &other);
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
