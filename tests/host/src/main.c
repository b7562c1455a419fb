/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs the kernel's tests of its parsers and small libraries as a process, compiled with the
 * address and undefined-behaviour sanitizers: once with the seed given, then again and again with
 * other seeds until the time is over. A finding names the seed that repeats it.
 *
 *	parsers [-v] [-s seed] [-t seconds]
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* The C library's headers are done with: this name is the kernel's from here on. */
#undef __always_inline

#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <mm/kmap.h>
#include <test/test.h>

#include "../../library/guarded.h"

extern const struct test_case __tests_start[], __tests_end[];

/* What the image's symbol table is made of, for kernel/debug/ksyms.c. */
char __text_start[64];
const u32 ksyms_count = 3;
const u32 ksyms_offsets[] = { 0, 16, 40, 64 };
const u32 ksyms_name_offsets[] = { 0, 6, 13 };
const char ksyms_names[] = "start\0middle\0last";

struct bug_site;
bool (*bug_hook)(struct bug_site *site); /* nobody tests assertions here */

static bool verbose;

/* ---- what the sources under test expect of the kernel ---- */

void report_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (verbose) {
		vprintf(fmt, ap);
		putchar('\n');
	}
	va_end(ap);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (verbose) {
		vprintf(fmt, ap);
		putchar('\n');
	}
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

void *stack_alloc(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	u8 *p = mmap(NULL, KERNEL_STACK_SIZE + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);

	if (p == MAP_FAILED || mprotect(p + page, KERNEL_STACK_SIZE, PROT_READ | PROT_WRITE))
		return NULL;
	return p + page + KERNEL_STACK_SIZE;
}

struct fault_record last_fault;
static sigjmp_buf probe_return;
static volatile sig_atomic_t probing;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	if (!probing) {
		/* A real one: say so, and die of it. */
		static const char text[] = "read outside the blob: fault at the guard page\n";

		signal(sig, SIG_DFL);
		if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
			_exit(1);
		return;
	}
	last_fault.count++;
	last_fault.access = FAULT_READ;
	last_fault.addr = (unsigned long)info->si_addr;
	siglongjmp(probe_return, 1);
}

int probe_read(const volatile void *p, u8 *val)
{
	if (sigsetjmp(probe_return, 1)) {
		probing = 0;
		return -EFAULT;
	}
	probing = 1;
	*val = *(const volatile u8 *)p;
	probing = 0;
	return 0;
}

/* ---- a runner ---- */

void test_check(struct test *t)
{
	t->checks++;
}

void test_fail(struct test *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!t->failures++)
		vsnprintf(t->reason, sizeof(t->reason), fmt, ap);
	va_end(ap);
}

void test_skip(struct test *t, const char *fmt, ...)
{
	t->verdict = VERDICT_SKIP;
}

int test_record(struct test *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->detail, sizeof(t->detail), fmt, ap);
	va_end(ap);
	return 0;
}

static int run_test(const struct test_case *tc, u64 seed, bool show)
{
	static struct test t;

	memset(&t, 0, sizeof(t));
	t.tc = tc;
	rng_seed(&t.rng, seed, tc->name);
	tc->fn(&t);
	if (!t.checks)
		test_fail(&t, "it checked nothing");
	if (show || t.failures)
		printf("%s %s%s%s%s%s\n", t.failures ? "not ok" : "ok", tc->name,
		       t.detail[0] ? " # " : "", t.detail, t.failures ? " # " : "", t.reason);
	if (t.failures)
		printf("# repeat with -s %llu\n", (unsigned long long)seed);
	return t.failures != 0;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	unsigned long rounds = 1;
	const struct test_case *tc;
	time_t end = time(NULL) + 5;
	u64 seed = 1;
	int c, failed = 0;

	while ((c = getopt(argc, argv, "vs:t:")) != -1) {
		if (c == 'v') {
			verbose = true;
		} else if (c == 's') {
			seed = strtoull(optarg, NULL, 0);
		} else if (c == 't') {
			end = time(NULL) + atoi(optarg);
		} else {
			fprintf(stderr, "usage: parsers [-v] [-s seed] [-t seconds]\n");
			return 2;
		}
	}
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	guarded_thorough = true;
	for (tc = __tests_start; tc < __tests_end; tc++)
		failed |= run_test(tc, seed, true);
	while (!failed && time(NULL) < end) {
		seed++;
		rounds++;
		for (tc = __tests_start; tc < __tests_end; tc++)
			failed |= run_test(tc, seed, false);
	}
	printf("# %zu tests, %lu rounds: %s\n", __tests_end - __tests_start, rounds,
	       failed ? "FAILED" : "passed");
	return failed;
}
