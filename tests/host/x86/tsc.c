/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86_64/tsc_sync.c on two CPUs, which are threads, whose time stamp counters are one count
 * and what is added to it for each: QEMU's emulation has the host's counter on all of its CPUs.
 */
#include <pthread.h>
#include <stdio.h>

#undef __always_inline

#include <arch/barrier.h>
#include <arch/clock.h>

#include "tsc.h"

#include "../../../arch/x86_64/port.h"

#define HZ	 1000000 /* twelve seconds are readings enough for any host to start a thread */
#define HZ_BRIEF 1000	 /* so that they are over in a moment */
#define START	 (1ULL << 50)
#define FAR	 1000000000ULL
#define CLOSE	 100000 /* what the count may go on by in a turn */

static u64 count = START, hz = HZ;
static bool have_adjust;
static __thread u64 offset, adjust;

u64 host_tsc(void)
{
	return __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) + offset + adjust;
}

u64 arch_clock_hz(void)
{
	return __atomic_load_n(&hz, __ATOMIC_SEQ_CST);
}

bool x86_has_tsc_adjust(void)
{
	return have_adjust;
}

u64 x86_rdmsr(u32 msr)
{
	return msr == MSR_TSC_ADJUST ? adjust : 0;
}

void x86_wrmsr(u32 msr, u64 val)
{
	if (msr == MSR_TSC_ADJUST)
		adjust = val;
}

static const struct scene {
	const char *what;
	u64 offset, adjust; /* of the new CPU */
	bool have_adjust;
	u64 back, adjusted; /* what must be found; back: less what a turn takes */
} scenes[] = {
	{ "the same time", 0, 0, false, 0, 0 },
	{ "behind", -FAR, 0, false, FAR, 0 },
	{ "ahead", FAR, 0, false, FAR, 0 },
	{ "far behind", -(START / 2), 0, false, START / 2, 0 },
	{ "far ahead", START, 0, false, START, 0 },
	{ "moved ahead by firmware", 0, FAR, true, 0, FAR },
	{ "moved back by firmware", 0, -FAR, true, 0, -FAR },
	{ "moved, and apart besides", FAR, 5, true, FAR, 5 },
	{ "moved, and no register that says so", 0, FAR, false, FAR, 0 },
};

struct new_cpu {
	const struct scene *scene;
	unsigned int cpu;
	pthread_t thread;
};

static void *new_cpu_main(void *arg)
{
	struct new_cpu *n = arg;

	offset = n->scene->offset;
	adjust = n->scene->adjust;
	x86_tsc_meet_boot(n->cpu);
	return NULL;
}

static bool start(struct new_cpu *n, const struct scene *scene, unsigned int cpu)
{
	n->scene = scene;
	n->cpu = cpu;
	return pthread_create(&n->thread, NULL, new_cpu_main, n) == 0;
}

static bool complain(const char *what, const char *why, u64 val)
{
	printf("not ok x86-cpus # %s: %s %llu\n", what, why, (unsigned long long)val);
	return false;
}

static bool found_right(const struct scene *s, u64 back, u64 adjusted)
{
	if (adjusted != s->adjusted)
		return complain(s->what, "moved by", adjusted);
	if (back > s->back || back + CLOSE < s->back)
		return complain(s->what, "apart by", back);
	return true;
}

static bool play(const struct scene *s, unsigned int cpu)
{
	struct new_cpu n;
	u64 back, adjusted;
	bool came;

	have_adjust = s->have_adjust;
	x86_tsc_begin();
	x86_tsc_expect(cpu);
	if (!start(&n, s, cpu))
		return complain(s->what, "no thread", cpu);
	came = x86_tsc_meet_new(cpu, &back, &adjusted);
	pthread_join(n.thread, NULL);
	return came ? found_right(s, back, adjusted) : complain(s->what, "did not meet", cpu);
}

/* CPU 1 does not come, and is given up; it comes while CPU 2 is met, and must not be heard. */
static bool late_cpu_is_not_heard(void)
{
	static const struct scene late = { "a late CPU", -FAR };
	struct new_cpu n1, n2;
	u64 back, adjusted;
	bool came;

	x86_tsc_expect(1);
	hz = HZ_BRIEF;
	if (x86_tsc_meet_new(1, &back, &adjusted))
		return complain(late.what, "met nobody", 1);
	hz = HZ;
	x86_tsc_expect(2);
	if (!start(&n1, &late, 1) || !start(&n2, &scenes[0], 2))
		return complain(late.what, "no thread", 1);
	came = x86_tsc_meet_new(2, &back, &adjusted);
	__atomic_store_n(&hz, 0, __ATOMIC_SEQ_CST); /* who still waits gives up */
	pthread_join(n1.thread, NULL);
	pthread_join(n2.thread, NULL);
	return came && !back ? true : complain(late.what, "is heard", back);
}

bool time_is_compared(void)
{
	for (unsigned int i = 0; i < sizeof(scenes) / sizeof(*scenes); i++)
		if (!play(&scenes[i], i + 1))
			return false;
	return late_cpu_is_not_heard();
}
