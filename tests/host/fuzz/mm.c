/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations on address spaces: the input goes to a hosted kernel, which runs it on its memory
 * manager beside a model (tests/mm/sequence.c), and whose coverage the fuzzer takes for its own
 * (libFuzzer's extra counters). The kernel lives on from one input to the next; what it says when
 * it dies is this program's output. FENCEPOST_KERNEL names it, built with SAN=coverage at least.
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#include <test/mailbox.h>

#define SPINS_PER_LOOK 100000

/* The fuzzer's section, which it reads after each input and clears before: the mailbox's begin. */
__attribute__((section("__libfuzzer_extra_counters"),
	       aligned(65536))) static unsigned char counters[MAILBOX_COVERED];

static struct mailbox *box;
static pid_t kernel;

static void __attribute__((noreturn)) start_kernel(int fd)
{
	const char *path = getenv("FENCEPOST_KERNEL");
	char number[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(number, sizeof(number), "%d", fd);
	if (path)
		execl(path, path, "-smp", "1", "-mailbox", number, "tests=mm.fuzz", "timeout=3600",
		      "lockup=3600", NULL);
	fprintf(stderr, "wrong: FENCEPOST_KERNEL=%s cannot be run\n", path ? path : "");
	_exit(127);
}

static void end(void)
{
	__atomic_store_n(&box->asked, MAILBOX_END, __ATOMIC_RELEASE);
	waitpid(kernel, NULL, 0);
}

static void begin(void)
{
	int fd = memfd_create("mailbox", 0);

	if (fd < 0 || ftruncate(fd, sizeof(*box)) ||
	    mmap(counters, sizeof(counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 0) == MAP_FAILED)
		fuzz_wrong("no memory to share with the kernel");
	box = mmap(NULL, sizeof(*box), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (box == MAP_FAILED)
		fuzz_wrong("no memory to share with the kernel");
	kernel = fork();
	if (kernel < 0)
		fuzz_wrong("no kernel could be started");
	if (!kernel)
		start_kernel(fd);
	close(fd);
	atexit(end);
}

static void fuzz_hand_over(const uint8_t *data, size_t size, unsigned int n)
{
	memcpy(box->data, data, size);
	box->size = size;
	/* release: pairs with the acquire in next_input(); the input before `asked` */
	__atomic_store_n(&box->asked, n, __ATOMIC_RELEASE);
}

static void fuzz_wait_for(unsigned int n)
{
	unsigned int spins = 0;

	/* acquire: pairs with the release in test_fuzz(); the answer after `done` */
	while (__atomic_load_n(&box->done, __ATOMIC_ACQUIRE) != n) {
		sched_yield();
		if (++spins % SPINS_PER_LOOK == 0 && waitpid(kernel, NULL, WNOHANG) == kernel)
			fuzz_wrong("the kernel has died of this input");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned int inputs;

	if (!kernel)
		begin();
	if (size > MAILBOX_DATA_MAX)
		return 0;
	fuzz_hand_over(data, size, ++inputs);
	fuzz_wait_for(inputs);
	if (box->wrong)
		fuzz_wrong(box->why);
	return 0;
}
