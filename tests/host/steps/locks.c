/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks that sleep, and wait queues: every three of their operations against one another. */
#include "sim.h"

#include "../../../kernel/mutex.c"
#include "../../../kernel/rwsem.c"
#include "../../../kernel/wait.c"
#include "scenes.h"

static struct rw_semaphore sem;
static struct mutex mutex;
static struct wait_queue queue;
static u32 condition, wrote, met;
static unsigned int readers, writers;

/* What is in these three is alone with its like. */
static void reads(void)
{
	readers++;
	step();
	if (writers)
		step_fail("a reader and a writer");
	readers--;
}

static void writes(void)
{
	writers++;
	step();
	if (writers != 1 || readers)
		step_fail("%u writers, %u readers", writers, readers);
	writers--;
}

static void op_read(void)
{
	down_read(&sem);
	reads();
	up_read(&sem);
}

static void op_write(void)
{
	down_write(&sem);
	writes();
	up_write(&sem);
}

static void op_downgrade(void)
{
	down_write(&sem);
	writes();
	downgrade_write(&sem);
	reads();
	up_read(&sem);
}

static void op_try_read(void)
{
	if (!down_read_trylock(&sem))
		return;
	reads();
	up_read(&sem);
}

static void op_try_write(void)
{
	if (!down_write_trylock(&sem))
		return;
	writes();
	up_write(&sem);
}

static void op_mutex(void)
{
	mutex_lock(&mutex);
	writes();
	mutex_unlock(&mutex);
}

static void op_try_mutex(void)
{
	if (!mutex_trylock(&mutex))
		return;
	writes();
	mutex_unlock(&mutex);
}

static void op_wait(void)
{
	wait_event(&queue, READ_ONCE(condition));
	if (!condition)
		step_fail("nobody has said that it is so");
}

static void op_wake(void)
{
	WRITE_ONCE(condition, 1);
	wake_up_all(&queue);
}

/* Late wake-ups, meant for what the others have waited for before: they look again. */
static void op_disturb(void)
{
	for (unsigned int i = 0; i < THREADS; i++)
		wake_up_process(&step_tasks[i]);
}

static void meet(void)
{
	met++;
	step_until(&met, 2, false);
}

/* Two readers wait for one another, inside. They come when somebody writes, or has written. */
static void op_meet(void)
{
	step_until(&wrote, 1, false);
	down_read(&sem);
	meet();
	up_read(&sem);
}

static void op_write_first(void)
{
	down_write(&sem);
	WRITE_ONCE(wrote, 1);
	writes();
	up_write(&sem);
}

/* Who no longer writes lets those in who have come to read, though it is there itself. */
static void op_downgrade_and_meet(void)
{
	down_write(&sem);
	WRITE_ONCE(wrote, 1);
	downgrade_write(&sem);
	meet();
	up_read(&sem);
}

static void start(void)
{
	init_rwsem(&sem, "steps");
	mutex_init(&mutex, "steps");
	wait_queue_init(&queue, "steps");
	readers = writers = condition = wrote = met = 0;
}

static unsigned long three(const char *name, void (*a)(void), void (*b)(void), void (*c)(void))
{
	const struct steps s = {
		.name = name, .threads = 3, .put_aside = 2, .start = start, .thread = { a, b, c }
	};

	return steps_run(&s);
}

/* All combinations of so many of @ops, each in a thread. */
static unsigned long combinations(const char *name, void (*const *ops)(void), unsigned int n)
{
	unsigned long runs = 0;

	for (unsigned int a = 0; a < n; a++)
		for (unsigned int b = a; b < n; b++)
			for (unsigned int c = b; c < n; c++)
				runs += three(name, ops[a], ops[b], ops[c]);
	return runs;
}

unsigned long scenes_locks(void)
{
	static void (*const sems[])(void) = { op_read,	   op_write,	 op_downgrade,
					      op_try_read, op_try_write, op_disturb };
	static void (*const mutexes[])(void) = { op_mutex, op_try_mutex, op_disturb };

	return combinations("rwsem", sems, ARRAY_SIZE(sems)) +
	       combinations("mutex", mutexes, ARRAY_SIZE(mutexes)) +
	       three("readers meet", op_write_first, op_meet, op_meet) +
	       three("downgrade", op_disturb, op_downgrade_and_meet, op_meet) +
	       three("wait_event", op_wait, op_wait, op_wake) +
	       three("wait_event disturbed", op_wait, op_disturb, op_wake);
}
