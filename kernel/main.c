/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which the kernel comes up. Each step may use only what stands above it.
 */
#include <arch/clock.h>
#include <arch/console.h>
#include <arch/irq.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <kernel/asan.h>
#include <kernel/boot.h>
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/cpu_list.h>
#include <kernel/errata.h>
#include <kernel/memory.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu_internal.h>
#include <kernel/run.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/options.h>
#include <lib/string.h>
#include <mm/boot_alloc.h>
#include <mm/kmap.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/survivor.h>

static char option_line[BOOT_CMDLINE_MAX];

static const struct kernel_memory memory = {
	.alloc = boot_alloc,
	.free = boot_free,
	.stack_alloc = stack_alloc,
};

static void run_thread(void *unused)
{
	int err = mm_init();

	if (err)
		panic("not enough memory for address spaces (error %d)", err);
	run_start();
}

/* The second half, on a stack with guard pages: of what becomes CPU 0's idle thread. */
static void __noreturn kernel_main_on_stack(void *unused)
{
	int err = arch_clock_init();

	if (err)
		panic("no clock (error %d)", err);
	clock_init();
	err = arch_irq_init();
	if (err)
		panic("no interrupt controller (error %d)", err);
	arch_irq_init_cpu();
	arch_irq_enable();
	tick_start_cpu();
	smp_boot_cpus();
	spin_wait_init();
	rcu_start();
	cpu_work_init();
	if (!thread_create("tests", 1, run_thread, NULL))
		panic("not enough memory for the thread that runs the tests");
	cpu_idle_loop();
}

/* Refuse a boot line that was not understood: running something else than asked is worse. */
static void options_check(void)
{
	const char *wrong;
	unsigned int errors;

	boot_use_built_in_line();
	strscpy(option_line, boot_info.cmdline, sizeof(option_line));
	errors = options_parse(option_line);
	if (boot_info.cmdline_truncated)
		run_config_error("the boot line is longer than the kernel keeps");
	else if (errors)
		run_config_error(options_first_error());
	wrong = cpu_list_check();
	if (!wrong)
		wrong = busted_boot();
	if (wrong)
		run_config_error(wrong);
}

void kernel_main(void)
{
	void *stack;
	int err;

	kernel_memory = &memory;
	sched_hooks = &rcu_sched_hooks;
	asan_init();
	sched_init_early();
	arch_trap_init_cpu();
	err = arch_discover();
	if (err)
		panic("cannot make out this machine (error %d)", err);
	options_check();
	smp_choose_cpus();
	errata_init_cpu();
	survivor_init();
	err = boot_alloc_init();
	if (err)
		panic("not enough memory (error %d)", err);
	err = percpu_init();
	if (err)
		panic("not enough memory for per-CPU data (error %d)", err);
	err = kmap_init();
	if (err)
		panic("cannot build the kernel's page tables (error %d)", err);
	err = page_alloc_init();
	if (err)
		panic("not enough memory for the page allocator (error %d)", err);
	kmem_cache_init();
	stack = stack_alloc();
	if (!stack)
		panic("not enough memory for a stack");
	sched_set_boot_stack(stack);
	arch_call_on_stack(stack, kernel_main_on_stack, NULL);
}
