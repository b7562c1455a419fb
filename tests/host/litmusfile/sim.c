/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generated litmus tests of files in a program of the host: one thread after the other, in every
 * order, so that each outcome is a sequentially consistent one. Bodies, tables, layout, reset,
 * tally and labels are the kernel's own. For each test it prints its name and then its outcomes as
 * the record has them; tools/tests/test_litmusfile_emit.py compares.
 */
#include <outcomes.h>

#include <arch/setup.h>
#include <instances.h>
#include <kernel/rcu.h>
#include <kernel/srcu.h>
#include <lib/string.h>
#include <mm/boot_alloc.h>

int printf(const char *fmt, ...);
int vprintf(const char *fmt, va_list ap);

#define ORDERS_THREADS 4 /* of a test with more, only the order of the file is run */

/* In the order of the sources; renamed from .tests. */
extern const struct test_case __start_file_tests[], __stop_file_tests[];

/* ---- the kernel around the bodies ---- */

bool spin_overcommitted;
static unsigned int rcu_depth, srcu_inside;

bool __spin_kick(const void *on, bool all)
{
	return false;
}

void rcu_read_lock(void)
{
	rcu_depth++;
}

void rcu_read_unlock(void)
{
	rcu_depth--;
}

/* Nobody is inside a reader but who runs. */
void synchronize_rcu(void)
{
}

void synchronize_rcu_expedited(void)
{
}

void srcu_init(struct srcu_struct *s)
{
	s->count[0].begun[0] = 0;
}

int srcu_read_lock(struct srcu_struct *s)
{
	s->count[0].begun[0]++;
	return 0;
}

void srcu_read_unlock(struct srcu_struct *s, int index)
{
	s->count[0].begun[0]--;
}

void file_srcu_sync(long p, unsigned int depth, const struct litmus_args *a, unsigned long i);
void file_srcu_sync(long p, unsigned int depth, const struct litmus_args *a, unsigned long i)
{
	if (depth || (*(struct srcu_struct **)p)->count[0].begun[0])
		a->given_up[i] = 1;
}

/* A lock that another thread has kept: it would be waited for in vain. */
bool file_lock_slow(struct raw_spinlock *l);
bool file_lock_slow(struct raw_spinlock *l)
{
	return false;
}

bool file_unlock_wait_slow(struct raw_spinlock *l);
bool file_unlock_wait_slow(struct raw_spinlock *l)
{
	return false;
}

unsigned int arch_cache_line_size(void)
{
	return 64;
}

void *boot_alloc(unsigned long size, unsigned long align)
{
	static char pool[8 << 20] __aligned(4096);

	return size <= sizeof(pool) ? pool : NULL;
}

void litmus_run(struct test *t)
{
}

int test_record(struct test *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	return 0;
}

/* ---- the runs ---- */

static struct litmus_instances in;
static struct litmus_histogram found;

static void run_thread(const struct litmus_test *lt, unsigned int t)
{
	const struct litmus_thread *me = &lt->thread[t];
	struct litmus_args a = { .stride = in.stride,
				 .out = in.out[t],
				 .given_up = in.given_up,
				 .low = in.low,
				 .span = in.span };

	for (unsigned int v = 0; v < lt->nr_vars; v++)
		a.var[v] = in.base[me->var[v]];
	me->fn(&a, 0, in.n);
}

static void run_orders(const struct litmus_test *lt, unsigned int left, unsigned int *order,
		       unsigned int n)
{
	if (n == lt->nr_threads) {
		litmus_instances_reset(&in, 0, in.n);
		for (unsigned int t = 0; t < n; t++)
			run_thread(lt, order[t]);
		litmus_instances_tally(&in, &found, 0, in.n);
		return;
	}
	for (unsigned int t = 0; t < lt->nr_threads; t++) {
		if (!(left & 1U << t))
			continue;
		order[n] = t;
		run_orders(lt, left & ~(1U << t), order, n + 1);
		if (lt->nr_threads > ORDERS_THREADS)
			return;
	}
}

static void run_test(const struct test_case *tc)
{
	const struct litmus_test *lt = tc->data;
	unsigned int order[LITMUS_MAX];

	litmus_histogram_init(&found, litmus_is_packed(lt));
	for (unsigned int place = 0; place < PLACE_NR; place++) {
		const struct litmus_knobs k = { .place = place, .stride = 1, .batch_log2 = 1 };

		litmus_instances_place(&in, lt, &k);
		run_orders(lt, ~0U, order, 0);
	}
	printf("%s\t{", tc->name);
	litmus_record_outcomes(NULL, lt, &found);
	printf("}\n");
	if (rcu_depth)
		printf("%s\t{\"error\":\"a body stays in a reader\"}\n", tc->name);
}

int main(void)
{
	const struct test_case *tc;

	for (tc = __start_file_tests; tc < __stop_file_tests; tc++)
		run_test(tc);
	return 0;
}
