/* SPDX-License-Identifier: GPL-2.0-only */
/* Work for another CPU: each piece is done once, with its own argument, and waited for. */
#include "sim.h"

#include "../../../kernel/cpu_work.c"
#include "scenes.h"

#define PIECES 3

static void (*worker_fn)(void *arg);
static void *worker_arg;
static unsigned int done[PIECES];

struct task_struct *thread_create(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				  void *arg)
{
	if (allowed != 1ULL << 1)
		return NULL;
	worker_fn = fn;
	worker_arg = arg;
	return &step_tasks[1];
}

static void piece(void *arg)
{
	step();
	++*(unsigned int *)arg;
}

static void other_piece(void *arg)
{
	piece(arg);
}

static void start(void)
{
	memset(done, 0, sizeof(done));
	cpu_work_init();
}

static void asks(void)
{
	for (unsigned int i = 0; i < PIECES; i++) {
		unsigned int more;

		if (cpu_work_start(1, i & 1 ? other_piece : piece, &done[i]))
			step_fail("piece %u is refused", i);
		more = !cpu_work_start(1, piece, &done[i]);
		if (more && !done[i])
			step_fail("more is taken before piece %u is done", i);
		cpu_work_wait(1);
		if (done[i] != 1 + more)
			step_fail("piece %u was done %u times", i, done[i]);
	}
}

static void works(void)
{
	worker_fn(worker_arg);
}

/* The worker sleeps, as it does for ever; who asks has ended. */
static void end(void)
{
	if (!done[PIECES - 1])
		step_fail("a piece is waited for for ever");
}

unsigned long scenes_work(void)
{
	const struct steps s = { .name = "cpu_work",
				 .threads = 2,
				 .put_aside = 3,
				 .start = start,
				 .thread = { asks, works },
				 .end = end };

	return steps_run(&s);
}
