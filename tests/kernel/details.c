/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small promises: how long a line may be, whom an interrupt for no purpose reaches, and that a trap
 * comes back.
 */
#include <arch/clock.h>
#include <arch/irq.h>
#include <arch/this_cpu.h>
#include <kernel/clock.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <test/test.h>

/* ---- lines ---- */

static size_t line(char *buf, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = printk_line(buf, fmt, ap);
	va_end(ap);
	return n;
}

/* Whatever is printed is one line of text: cut where there is no room, with one end. */
static void test_printk_line(struct test *t)
{
	static char text[2 * PRINTK_MAX], buf[PRINTK_MAX];

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		size_t n, room = PRINTK_MAX - 20;

		memset(text, 'a', len);
		text[len] = '\0';
		n = line(buf, len & 1 ? "%s" : "%s\n", text);
		EXPECT_MSG(t, n <= PRINTK_MAX && n > MIN(len, room), "%lu of %lu", (unsigned long)n,
			   (unsigned long)len);
		EXPECT(t, buf[n - 1] == '\n');
		buf[n - 1] = '\0';
		EXPECT_MSG(t, strlen(buf) == n - 1 && !strchr(buf, '\n'), "%lu of %lu",
			   (unsigned long)n, (unsigned long)len);
	}
}
TEST(kernel, printk_line, TEST_ASSERT, test_printk_line);

/* ---- interrupts ---- */

#define QUIET_TRIES 20
#define ARRIVE_NS   1000000ULL

static unsigned long ipis(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		sum += READ_ONCE(per_cpu(ipi_count, cpu));
	return sum;
}

/* Does an interrupt of CPUs that are not there reach nobody? Others come, but not each time. */
static bool nobody_is_quiet(void)
{
	for (int i = 0; i < QUIET_TRIES; i++) {
		unsigned long before = ipis();

		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			if (!cpu_is_online(cpu))
				ipi_send_noise(cpu);
		clock_delay_ns(ARRIVE_NS);
		if (ipis() == before)
			return true;
	}
	return false;
}

static void test_noise(struct test *t)
{
	unsigned long before = READ_ONCE(per_cpu(ipi_count, 1));

	ipi_send_noise(1);
	spin_until("an interrupt", READ_ONCE(per_cpu(ipi_count, 1)) != before);
	EXPECT(t, nobody_is_quiet());
}
TEST(kernel, noise, TEST_RACE, test_noise, .min_cpus = 2);

/* ---- traps ---- */

static void test_probe_trap(struct test *t)
{
	unsigned long before = this_cpu(last_fault).count;

	EXPECT(t, probe_trap() == -EFAULT);
	EXPECT(t, probe_trap() == -EFAULT);
	EXPECT(t, this_cpu(last_fault).count == before + 2);
	EXPECT(t, this_cpu(last_fault).access == FAULT_NONE);
}
TEST(kernel, probe_trap, TEST_ASSERT, test_probe_trap);

/* ---- the timer ---- */

#define RINGS	20
#define RING_NS 2000000ULL

/* Sleep until an interrupt comes; @ticks from now it is the timer's. How many ns that was. */
static u64 sleep_for(u64 ticks)
{
	u64 start;

	arch_irq_disable();
	start = clock_ns();
	arch_timer_arm(ticks);
	arch_cpu_idle();
	return clock_ns() - start;
}

/*
 * A timer rings, be its time over already, and not before its time. Other interrupts, and a tick
 * that was about to come, may end a sleep: but not most of them.
 */
static void test_timer_rings(struct test *t)
{
	unsigned int early = 0;

	for (int i = 0; i < RINGS; i++)
		early += sleep_for(clock_ns_to_ticks(RING_NS) + 1) < RING_NS;
	EXPECT_MSG(t, early < RINGS / 2, "%u of %u came early", early, RINGS);
	sleep_for(1);
}
TEST(kernel, timer_rings, TEST_RACE, test_timer_rings);
