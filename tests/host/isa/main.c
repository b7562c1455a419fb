/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ISA's half of the host's own port in a process of the host: another privileged half, which is
 * the host's kernel, stands under it. Racing threads lose nothing by its atomics, a lock of its
 * acquire and release lets one in at a time, and an access that faults comes back with -EFAULT by
 * way of the exception table.
 *
 *	isa-half [rounds]
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#undef __always_inline

#include <arch/access.h>
#include <arch/atomic.h>
#include <arch/cpu.h>

#include "process.h" /* of the host's ISA */

#define NR_THREADS 4
#define FAILED(what) \
	do { \
		printf("not ok isa-half # " ARCH_NAME ": %s\n", what); \
		exit(1); \
	} while (0)

extern const struct extable_entry __start___ex_table[], __stop___ex_table[];

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	for (const struct extable_entry *e = __start___ex_table; e < __stop___ex_table; e++) {
		if ((unsigned long)&e->insn + e->insn != (unsigned long)PROCESS_PC(uc))
			continue;
		PROCESS_PC(uc) = (unsigned long)&e->fixup + e->fixup;
		return;
	}
	_exit(3); /* a fault of the test's own */
}

/* ---- accesses ---- */

static void check_granted(u64 *p)
{
	u64 val = 0;
	u8 byte = 0;

	*p = 5;
	if (arch_user_read64(p, &val) || val != 5 || arch_user_write64(p, 6) || *p != 6)
		FAILED("an access that is granted");
	if (arch_user_cmpxchg64(p, 5, 7, &val) || val != 6 || *p != 6)
		FAILED("a compare and exchange of something else");
	if (arch_user_cmpxchg64(p, 6, 7, &val) || val != 6 || *p != 7)
		FAILED("a compare and exchange");
	if (arch_probe_write((u8 *)p, 9) || arch_probe_read((u8 *)p, &byte) || byte != 9)
		FAILED("a probe that is granted");
}

static void check_denied(u64 *p)
{
	u64 val = 1;
	u8 byte = 1;

	if (arch_user_read64(p, &val) != -EFAULT || arch_user_write64(p, 6) != -EFAULT)
		FAILED("an access that is denied");
	if (arch_user_cmpxchg64(p, 0, 7, &val) != -EFAULT)
		FAILED("a compare and exchange that is denied");
	if (arch_probe_write((u8 *)p, 9) != -EFAULT || arch_probe_read((u8 *)p, &byte) != -EFAULT ||
	    byte != 1)
		FAILED("a probe that is denied");
}

static void check_accesses(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	u64 *page =
		mmap(NULL, 1UL << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (page == MAP_FAILED)
		FAILED("no memory");
	check_granted(page);
	mprotect(page, 1UL << 16, PROT_NONE);
	check_denied(page);
}

/* ---- atomics ---- */

static unsigned long rounds = 50000;
static pthread_barrier_t start;
static u64 added, exchanged; /* atomic */
static u32 lock;	     /* 0: free; acquire and release */
static u64 guarded;	     /* protected by lock */
static u64 sum[NR_THREADS];  /* each its thread's, read after it has ended */

/* What is put in comes out once: the sum of what the threads have taken, and what is left. */
static void *race(void *arg)
{
	u64 *mine = arg;

	pthread_barrier_wait(&start);
	for (unsigned long i = 0; i < rounds; i++) {
		u64 seen;

		fetch_add_relaxed(&added, 1);
		do
			seen = READ_ONCE(added);
		while (cmpxchg(&added, seen, seen + 1) != seen);
		*mine += xchg(&exchanged, i) - i;
		/* acquire: pairs with the release below; what it guards, by one thread a time */
		while (cmpxchg_acquire(&lock, 0, 1)) {
			cpu_relax();
			sched_yield();
		}
		guarded++;
		smp_store_release(&lock, 0);
	}
	return NULL;
}

static void check_atomics(void)
{
	pthread_t thread[NR_THREADS];
	u64 total = 0;

	pthread_barrier_init(&start, NULL, NR_THREADS);
	for (unsigned int i = 0; i < NR_THREADS; i++)
		if (pthread_create(&thread[i], NULL, race, &sum[i]))
			FAILED("no thread");
	for (unsigned int i = 0; i < NR_THREADS; i++) {
		pthread_join(thread[i], NULL);
		total += sum[i];
	}
	if (added != 2 * NR_THREADS * rounds)
		FAILED("additions are lost");
	if (total + exchanged)
		FAILED("exchanges are lost");
	if (guarded != NR_THREADS * rounds)
		FAILED("two threads were under the lock");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		rounds = strtoul(argv[1], NULL, 0);
	check_accesses();
	check_atomics();
	if (!arch_current_sp() || (arch_cache_flush_line(&lock) && lock))
		FAILED("stack pointer, cache line");
	printf("ok isa-half # provenance: a process of the host; %s, %lu rounds\n", ARCH_NAME,
	       rounds);
	return 0;
}
