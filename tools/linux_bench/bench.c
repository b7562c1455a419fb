/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Linux's memory management costs: the whole user space of a machine that boots, measures and
 * powers off. It is process 1 of an initramfs and needs no C library.
 *
 * Console: one "@NAME {json}" a line. LINUX says what runs; BENCH has one measurement, each round's
 * nanoseconds for one operation, after a round that warms up and is not told; DONE is last, and
 * tells the time since LINUX, so that the host can check our clock. ERROR ends the run early.
 * Medians are the reader's business (linux_bench.py).
 *
 * Boot line: "-- rounds=N pages=N"; Linux hands what follows "--" to process 1.
 *
 * An untouched page is written once, at its first byte. Regions are anonymous and private. Pages
 * are small ones, for which the boot line asks: transparent_hugepage=never.
 */
#include "sys.h"

#define AT_PAGESZ	     6 /* getauxval(3) */
#define AT_FDCWD	     (-100)
#define PROT_READ_WRITE	     3
#define MAP_SHARED	     1
#define MAP_PRIVATE	     2
#define MAP_ANONYMOUS	     0x20
#define CLOCK_MONOTONIC	     1
#define SIGCHLD		     17
#define FUTEX_WAIT	     0
#define REBOOT_MAGIC1	     0xfee1dead /* reboot(2) */
#define REBOOT_MAGIC2	     672274793
#define REBOOT_POWER_OFF     0x4321fedc
#define CLONE_SAME_PROCESS   0x50f00 /* clone(2): VM FS FILES SIGHAND THREAD SYSVSEM */
#define CLONE_PARENT_SETTID  0x100000
#define CLONE_CHILD_CLEARTID 0x200000

#define MAX_ROUNDS    64
#define MAX_THREADS   8
#define MAX_CPUS      1024
#define STACK_SIZE    16384
#define FORKS_A_ROUND 16
#define TEXT_MAX      4096

typedef unsigned long ulong;

static ulong page_size;
static ulong pages = 4096;
static ulong rounds = 15;
static ulong benches; /* told so far */

/* ---- output ---- */

static char text[TEXT_MAX];
static ulong text_len;

static void put_char(char c)
{
	if (text_len < TEXT_MAX)
		text[text_len++] = c;
}

static void put(const char *s)
{
	while (*s)
		put_char(*s++);
}

/* A string in JSON's quotes; what JSON would have to escape becomes a blank or an apostrophe. */
static void put_quoted(const char *s)
{
	put_char('"');
	for (; *s; s++)
		put_char(*s < ' ' || *s > '~' || *s == '\\' ? ' ' : *s == '"' ? '\'' : *s);
	put_char('"');
}

static void put_number(ulong n)
{
	char digits[20];
	int len = 0;

	do {
		digits[len++] = '0' + n % 10;
		n /= 10;
	} while (n);
	while (len)
		put_char(digits[--len]);
}

static void put_field(const char *name, const char *value)
{
	put(",\"");
	put(name);
	put("\":");
	put_quoted(value);
}

static void put_field_number(const char *name, ulong value)
{
	put(",\"");
	put(name);
	put("\":");
	put_number(value);
}

/* Write the line out whole: one call, and nobody else writes to the console. */
static void put_end(void)
{
	ulong done = 0;

	put_char('\n');
	while (done < text_len) {
		long n = sys_call(NR_WRITE, 1, (long)text + done, text_len - done, 0, 0, 0);

		if (n <= 0)
			break;
		done += n;
	}
	text_len = 0;
}

__attribute__((noreturn)) static void power_off(void)
{
	sys_call(NR_REBOOT, REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, 0, 0, 0);
	for (;;)
		sys_call(NR_SCHED_YIELD, 0, 0, 0, 0, 0, 0);
}

__attribute__((noreturn)) static void fail(const char *what, long ret)
{
	text_len = 0;
	put("@ERROR {\"errno\":");
	put_number(-ret);
	put_field("what", what);
	put("}");
	put_end();
	power_off();
}

static long check(const char *what, long ret)
{
	if (ret < 0 && ret > -4096)
		fail(what, ret);
	return ret;
}

/* ---- system ---- */

static ulong now_ns(void)
{
	long t[2];

	check("clock_gettime", sys_call(NR_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)t, 0, 0, 0, 0));
	return t[0] * 1000000000ul + t[1];
}

static char *map(ulong size, int flags)
{
	return (char *)check("mmap", sys_call(NR_MMAP, 0, size, PROT_READ_WRITE,
					      flags | MAP_ANONYMOUS, -1, 0));
}

static void unmap(void *p, ulong size)
{
	check("munmap", sys_call(NR_MUNMAP, (long)p, size, 0, 0, 0, 0));
}

static void touch(char *p, ulong count)
{
	for (ulong i = 0; i < count; i++)
		*(volatile char *)(p + i * page_size) = 1;
}

__attribute__((noreturn)) static void exit_thread(int status)
{
	for (;;)
		sys_call(NR_EXIT, status, 0, 0, 0, 0, 0);
}

static long fork(void)
{
	return check("clone", sys_call(NR_CLONE, SIGCHLD, 0, 0, 0, 0, 0));
}

static void wait_for(long pid)
{
	int status = 0;

	check("wait4", sys_call(NR_WAIT4, pid, (long)&status, 0, 0, 0, 0));
	if (status)
		fail("a child died", 0);
}

/* Run on one CPU, or with -1 on any. */
static void pin(int cpu)
{
	ulong mask[MAX_CPUS / 64];

	for (int i = 0; i < MAX_CPUS / 64; i++)
		mask[i] = cpu < 0 ? ~0ul : 0;
	if (cpu >= 0)
		mask[cpu / 64] = 1ul << (cpu % 64);
	check("sched_setaffinity",
	      sys_call(NR_SCHED_SETAFFINITY, 0, sizeof(mask), (long)mask, 0, 0, 0));
}

static ulong count_cpus(void)
{
	ulong mask[MAX_CPUS / 64] = { 0 };
	ulong count = 0;

	check("sched_getaffinity",
	      sys_call(NR_SCHED_GETAFFINITY, 0, sizeof(mask), (long)mask, 0, 0, 0));
	for (int i = 0; i < MAX_CPUS / 64; i++)
		for (; mask[i]; mask[i] &= mask[i] - 1)
			count++;
	return count;
}

/* ---- measurements: each returns the nanoseconds of one operation ---- */

/* First writes to fresh pages. */
static ulong fault_anon(ulong unused)
{
	char *p = map(pages * page_size, MAP_PRIVATE);
	ulong start = now_ns();
	ulong ns;

	(void)unused;
	touch(p, pages);
	ns = (now_ns() - start) / pages;
	unmap(p, pages * page_size);
	return ns;
}

/* The same writes where the pages are present: loop and TLB misses, no fault. */
static ulong touch_mapped(ulong unused)
{
	char *p = map(pages * page_size, MAP_PRIVATE);
	ulong start, ns;

	(void)unused;
	touch(p, pages);
	start = now_ns();
	touch(p, pages);
	ns = (now_ns() - start) / pages;
	unmap(p, pages * page_size);
	return ns;
}

/* The kernel itself writes, a number to each page: no entry from user mode for the fault. */
static ulong getcpu_pages(ulong fresh)
{
	char *p = map(pages * page_size, MAP_PRIVATE);
	ulong start, ns;

	if (!fresh)
		touch(p, pages);
	start = now_ns();
	for (ulong i = 0; i < pages; i++)
		sys_call(NR_GETCPU, (long)(p + i * page_size), 0, 0, 0, 0, 0);
	ns = (now_ns() - start) / pages;
	unmap(p, pages * page_size);
	return ns;
}

static ulong munmap_page(ulong unused)
{
	char *p = map(pages * page_size, MAP_PRIVATE);
	ulong start;

	(void)unused;
	touch(p, pages);
	start = now_ns();
	unmap(p, pages * page_size);
	return (now_ns() - start) / pages;
}

/* A child writes to pages that it shares with its parent: each fault copies. */
static ulong fault_cow(ulong unused)
{
	volatile ulong *result = (ulong *)map(page_size, MAP_SHARED);
	char *p = map(pages * page_size, MAP_PRIVATE);
	ulong ns;
	long pid;

	(void)unused;
	touch(p, pages);
	pid = fork();
	if (!pid) {
		ulong start = now_ns();

		touch(p, pages);
		*result = (now_ns() - start) / pages;
		exit_thread(0);
	}
	wait_for(pid);
	ns = *result;
	unmap(p, pages * page_size);
	unmap((void *)result, page_size);
	return ns;
}

/* fork, the child's exit, wait; with @count touched pages besides this small program's own. */
static ulong fork_exit_wait(ulong count)
{
	char *p = map((count + 1) * page_size, MAP_PRIVATE);
	ulong start, ns;

	touch(p, count);
	start = now_ns();
	for (int i = 0; i < FORKS_A_ROUND; i++) {
		long pid = fork();

		if (!pid)
			exit_thread(0);
		wait_for(pid);
	}
	ns = (now_ns() - start) / FORKS_A_ROUND;
	unmap(p, (count + 1) * page_size);
	return ns;
}

static ulong fork_on_one_cpu(ulong count)
{
	ulong ns;

	pin(0);
	ns = fork_exit_wait(count);
	pin(-1);
	return ns;
}

struct worker {
	int cpu;
	int tid; /* written by the kernel: 0 when the thread has left its stack */
	ulong ns;
	char *stack;
};

static struct worker workers[MAX_THREADS];
static int workers_ready;
static int workers_wanted;

static void fault_worker(struct worker *w)
{
	char *p = map(pages * page_size, MAP_PRIVATE);
	ulong start;

	pin(w->cpu);
	/* A barrier only so that all begin at once: the threads share nothing else. */
	__atomic_fetch_add(&workers_ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&workers_ready, __ATOMIC_SEQ_CST) < workers_wanted)
		cpu_relax();
	start = now_ns();
	touch(p, pages);
	w->ns = (now_ns() - start) / pages;
	/* Nobody unmaps, which interrupts the other CPUs, before all have measured. */
	__atomic_fetch_add(&workers_ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&workers_ready, __ATOMIC_SEQ_CST) < 2 * workers_wanted)
		cpu_relax();
	unmap(p, pages * page_size);
}

static void worker_main(void *arg)
{
	fault_worker(arg);
	exit_thread(0);
}

/* Threads of one process, each on a CPU of its own, fault in regions of their own. */
static ulong fault_threads(ulong count)
{
	ulong sum = 0;
	ulong i;

	workers_ready = 0;
	workers_wanted = count;
	for (i = 0; i < count; i++) {
		struct worker *w = &workers[i];

		w->cpu = i;
		if (!w->stack)
			w->stack = map(STACK_SIZE, MAP_PRIVATE);
		if (i)
			check("clone", thread_clone(CLONE_SAME_PROCESS | CLONE_PARENT_SETTID |
							    CLONE_CHILD_CLEARTID,
						    w->stack + STACK_SIZE, &w->tid, &w->tid,
						    worker_main, w));
	}
	fault_worker(&workers[0]);
	for (i = 1; i < count; i++) {
		int tid;

		while ((tid = __atomic_load_n(&workers[i].tid, __ATOMIC_SEQ_CST)))
			sys_call(NR_FUTEX, (long)&workers[i].tid, FUTEX_WAIT, tid, 0, 0, 0);
	}
	pin(-1);
	for (i = 0; i < count; i++)
		sum += workers[i].ns;
	return sum / count;
}

static void bench(const char *name, const char *per, ulong (*fn)(ulong), ulong arg)
{
	ulong ns[MAX_ROUNDS];

	fn(arg);
	for (ulong i = 0; i < rounds; i++)
		ns[i] = fn(arg);
	put("@BENCH {\"unit\":\"ns\"");
	put_field("name", name);
	put_field("per", per);
	put(",\"rounds\":[");
	for (ulong i = 0; i < rounds; i++) {
		if (i)
			put(",");
		put_number(ns[i]);
	}
	put("]}");
	put_end();
	benches++;
}

/* ---- what runs ---- */

/* The first line of a file; "?" where there is none. */
static void put_file(const char *field, const char *path)
{
	char line[256];
	long fd = sys_call(NR_OPENAT, AT_FDCWD, (long)path, 0, 0, 0, 0);
	long n = -1;

	if (fd >= 0) {
		n = sys_call(NR_READ, fd, (long)line, sizeof(line) - 1, 0, 0, 0);
		sys_call(NR_CLOSE, fd, 0, 0, 0, 0, 0);
	}
	if (n < 0) {
		put_field(field, "?");
		return;
	}
	line[n] = 0;
	for (long i = 0; i < n; i++)
		if (line[i] == '\n')
			line[i] = 0;
	put_field(field, line);
}

static void describe(ulong cpus)
{
	static char names[6][65]; /* uname(2): sysname nodename release version machine domain */

	sys_call(NR_MOUNT, (long)"sysfs", (long)"/sys", (long)"sysfs", 0, 0, 0);
	sys_call(NR_MOUNT, (long)"proc", (long)"/proc", (long)"proc", 0, 0, 0);
	check("uname", sys_call(NR_UNAME, (long)names, 0, 0, 0, 0, 0));
	put("@LINUX {\"v\":1");
	put_field("release", names[2]);
	put_field("version", names[3]);
	put_field("machine", names[4]);
	put_field_number("cpus", cpus);
	put_field_number("page_size", page_size);
	put_field_number("pages", pages);
	put_field_number("rounds", rounds);
	put_file("meltdown", "/sys/devices/system/cpu/vulnerabilities/meltdown");
	put_file("huge_pages", "/sys/kernel/mm/transparent_hugepage/enabled");
	put_file("clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
	put_file("cmdline", "/proc/cmdline");
	put("}");
	put_end();
}

/* "name=N": store N if @arg is that option. */
static void take_option(const char *arg, const char *name, ulong *value, ulong max)
{
	ulong n = 0;

	for (; *name; name++, arg++)
		if (*arg != *name)
			return;
	for (; *arg >= '0' && *arg <= '9' && n <= max; arg++)
		n = n * 10 + *arg - '0';
	if (*arg || !n || n > max)
		fail("an option of the boot line is out of range", 0);
	*value = n;
}

/* Called by _start with the address of argc. */
__attribute__((used, noreturn)) void bench_main(ulong *stack)
{
	char **argv = (char **)(stack + 1);
	ulong *p = stack + 1 + stack[0] + 1;
	ulong cpus, start;

	while (*p++)
		;
	for (; p[0]; p += 2)
		if (p[0] == AT_PAGESZ)
			page_size = p[1];
	for (ulong i = 1; i < stack[0]; i++) {
		take_option(argv[i], "rounds=", &rounds, MAX_ROUNDS);
		take_option(argv[i], "pages=", &pages, 1ul << 20);
	}
	cpus = count_cpus();
	describe(cpus);
	start = now_ns();

	bench("touch.mapped", "page", touch_mapped, 0);
	bench("fault.anon", "page", fault_anon, 0);
	bench("fault.cow", "page", fault_cow, 0);
	bench("munmap", "page", munmap_page, 0);
	bench("fork.empty", "fork+exit+wait", fork_exit_wait, 0);
	bench("fork.pages", "fork+exit+wait", fork_exit_wait, pages);
	bench("fork.empty.one-cpu", "fork+exit+wait", fork_on_one_cpu, 0);
	bench("fork.pages.one-cpu", "fork+exit+wait", fork_on_one_cpu, pages);
	bench("syscall.mapped", "call", getcpu_pages, 0);
	bench("syscall.fault", "call", getcpu_pages, 1);
	bench("fault.threads.1", "page, each thread", fault_threads, 1);
	if (cpus >= 2)
		bench("fault.threads.2", "page, each thread", fault_threads, 2);
	if (cpus >= 4)
		bench("fault.threads.4", "page, each thread", fault_threads, 4);
	put("@DONE {\"v\":1");
	put_field_number("benches", benches);
	put_field_number("elapsed_ns", now_ns() - start);
	put("}");
	put_end();
	power_off();
}
