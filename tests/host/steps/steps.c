/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The threads, their steps, and the lists of decisions: see sim.h. As in tests/host/tlb/machine.c,
 * a decision that is not 0 costs one of the few that a run may have, unless the thread cannot go on
 * anyway.
 */
#include "sim.h"

#define STACK_SIZE    65536
#define DECISIONS_MAX 10000
#define STEPS_MAX     10000
#define STEPS_SHOWN   100U
#define PERCPU_MAX    4096

struct thread {
	ucontext_t first;
	jmp_buf at;
	bool started, ended;
	const u32 *until; /* it goes on when this is @value; NULL: it can */
	u32 value;
	bool timed;
	bool spins; /* it goes on when there were other stores than these */
	unsigned long stores;
};

struct decision {
	unsigned char chosen, of;
	bool forced;
};

static struct thread threads[THREADS];
static char stacks[THREADS][STACK_SIZE] __aligned(16);
static const struct steps *run;
static unsigned int now;
static jmp_buf driver;
static unsigned int steps;
unsigned long step_stores;
static bool interrupt; /* one is run, in one piece */
static u32 irqs_off[THREADS];
static struct decision decisions[DECISIONS_MAX];
static unsigned int nr_decisions, nr_given;
static unsigned char ran[STEPS_MAX];

struct task_struct step_tasks[THREADS];
DEFINE_PER_CPU(struct task_struct *, current_task);

extern char __start_percpu_data[], __stop_percpu_data[];
static char percpu[NR_CPUS][PERCPU_MAX] __aligned(64);
long step_percpu_offset[NR_CPUS];

void step_fail(const char *fmt, ...)
{
	va_list ap;

	printf("not ok steps.%s # ", run->name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n# the threads of the last steps: ");
	for (unsigned int i = steps - MIN(steps, STEPS_SHOWN); i < steps; i++)
		printf("%u", ran[i]);
	printf("\n");
	exit(1);
}

unsigned int step_thread(void)
{
	return now;
}

/* ---- decisions ---- */

static unsigned int decide(unsigned int n, bool forced)
{
	struct decision *d = &decisions[nr_decisions];

	if (n == 1)
		return 0;
	if (nr_decisions == DECISIONS_MAX)
		step_fail("more than %d decisions", DECISIONS_MAX);
	if (nr_decisions++ >= nr_given)
		*d = (struct decision){ 0, n, forced };
	return d->chosen;
}

/* The next list; false: that was the last. */
static bool decisions_next(void)
{
	unsigned int used = 0, at = 0;

	for (unsigned int i = 0; i < nr_decisions; i++) {
		const struct decision *d = &decisions[i];
		bool costs = !d->forced;

		if (d->chosen + 1 < d->of && used + costs <= run->put_aside)
			at = i + 1;
		used += costs && d->chosen;
	}
	if (!at)
		return false;
	decisions[at - 1].chosen++;
	nr_given = at;
	return true;
}

/* ---- who runs ---- */

static bool can_run(const struct thread *t)
{
	if (t->ended || (t->spins && t->stores == step_stores))
		return false;
	return !t->until || *t->until == t->value;
}

/* The threads that could run in place of this one, the next first; of the others the timed ones. */
static unsigned int others(unsigned int *list, bool timed)
{
	unsigned int n = 0;

	for (unsigned int i = 1; i < run->threads; i++) {
		unsigned int t = (now + i) % run->threads;

		if (can_run(&threads[t]) || (timed && !threads[t].ended && threads[t].timed))
			list[n++] = t;
	}
	return n;
}

static void switch_to(unsigned int to)
{
	struct thread *from = &threads[now];

	if (_setjmp(from->at))
		return;
	now = to;
	threads[to].until = NULL;
	if (threads[to].started)
		_longjmp(threads[to].at, 1);
	threads[to].started = true;
	setcontext(&threads[to].first);
}

static void count(void)
{
	if (steps == STEPS_MAX)
		step_fail("it comes to no end");
	ran[steps++] = now;
}

void step(void)
{
	unsigned int list[THREADS], d;

	if (!run || interrupt)
		return; /* it is before they run */
	count();
	d = decide(1 + others(list, false), false);
	if (d)
		switch_to(list[d - 1]);
}

/* This thread cannot go on, or has ended. */
static void others_run(void)
{
	unsigned int list[THREADS], n = others(list, false);

	if (!n)
		n = others(list, true);
	if (!n && threads[now].timed) {
		threads[now].until = NULL;
		return;
	}
	if (!n)
		_longjmp(driver, 1);
	switch_to(list[decide(n, true)]);
}

void step_spin(void)
{
	struct thread *t = &threads[now];

	count();
	t->spins = true;
	t->stores = step_stores;
	others_run();
	t->spins = false;
}

void step_until(const u32 *word, u32 value, bool timed)
{
	struct thread *t = &threads[now];

	step();
	while (*word != value && !interrupt) {
		t->until = word;
		t->value = value;
		t->timed = timed;
		others_run();
		t->until = NULL;
		if (timed)
			break;
	}
	t->timed = false;
}

void step_interrupt(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	unsigned int from = now;

	step_until(&irqs_off[cpu], 0, false);
	interrupt = true;
	now = cpu;
	fn(arg);
	now = from;
	interrupt = false;
}

unsigned long arch_irq_save(void)
{
	unsigned long flags;

	step(); /* an interrupt may just come in */
	flags = irqs_off[now];
	irqs_off[now] = 1;
	return flags;
}

void arch_irq_restore(unsigned long flags)
{
	irqs_off[now] = flags;
	step();
}

bool arch_irqs_disabled(void)
{
	return interrupt || irqs_off[now];
}

/* ---- threads and locks ---- */

void set_current_state(enum task_state state)
{
	WRITE_ONCE(current->state, state);
	step();
}

bool wake_up_process(struct task_struct *t)
{
	return cmpxchg(&t->state, TASK_UNINTERRUPTIBLE, TASK_RUNNING) == TASK_UNINTERRUPTIBLE;
}

void schedule(void)
{
	step_until(&current->state, TASK_RUNNING, false);
}

void schedule_timeout(u64 ns)
{
	step_until(&current->state, TASK_RUNNING, true);
	current->state = TASK_RUNNING;
}

void raw_spin_lock(struct raw_spinlock *l)
{
	if (interrupt && l->held)
		step_fail("an interrupt waits for whom it has interrupted");
	step_until(&l->held, 0, false);
	l->held = 1;
}

void raw_spin_unlock(struct raw_spinlock *l)
{
	if (!l->held)
		step_fail("a lock is released that nobody has");
	step();
	l->held = 0;
	step_stores++;
}

void spin_lock(struct spinlock *l)
{
	raw_spin_lock(&l->raw);
	l->holder = step_thread() + 1;
}

void spin_unlock(struct spinlock *l)
{
	if (!spin_is_mine(l))
		step_fail("a lock is released that thread %u has, plus 1", l->holder);
	l->holder = 0;
	raw_spin_unlock(&l->raw);
}

/* ---- runs ---- */

static void thread_main(void)
{
	run->thread[now]();
	threads[now].ended = true;
	others_run();
}

static void thread_reset(unsigned int i)
{
	struct thread *t = &threads[i];

	*t = (struct thread){ .ended = i >= run->threads };
	getcontext(&t->first);
	t->first.uc_stack.ss_sp = stacks[i];
	t->first.uc_stack.ss_size = STACK_SIZE;
	makecontext(&t->first, thread_main, 0);
}

static void data_reset(void)
{
	size_t size = __stop_percpu_data - __start_percpu_data;

	if (size > PERCPU_MAX)
		step_fail("%zu bytes of per-CPU data", size);
	for (unsigned int i = 0; i < NR_CPUS; i++) {
		irqs_off[i] = 0;
		memcpy(percpu[i], __start_percpu_data, size);
		step_percpu_offset[i] = percpu[i] - __start_percpu_data;
		step_tasks[i] = (struct task_struct){ .state = TASK_RUNNING, .cpu = i, .name = "" };
		INIT_LIST_HEAD(&step_tasks[i].rcu_node);
		per_cpu(current_task, i) = &step_tasks[i];
	}
}

static void run_once(const struct steps *s)
{
	run = NULL;
	now = nr_decisions = steps = 0;
	data_reset();
	s->start();
	run = s;
	for (unsigned int i = 0; i < THREADS; i++)
		thread_reset(i);
	if (!_setjmp(driver)) {
		threads[0].started = true;
		setcontext(&threads[0].first);
	}
	for (unsigned int i = 0; i < s->threads && !s->end; i++)
		if (!threads[i].ended)
			step_fail("thread %u sleeps for ever", i);
	if (s->end)
		s->end();
}

unsigned long steps_run(const struct steps *s)
{
	unsigned long n = 0;

	nr_given = 0;
	do {
		run_once(s);
		n++;
	} while (decisions_next());
	return n;
}
