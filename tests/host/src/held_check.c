/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether kernel/debug/held_locks.c keeps what its head promises, on every machine that is
 * coherent: all short histories of a table, and all values that a reader may get of each of its
 * words.
 *
 * A CPU takes and releases locks; each of its stores to a shared word is kept, with its number.
 * Another CPU reads, knowing the first one to have come to store number @floor: of each word it
 * gets what stood there then, or any later value, and of one word never an older value after a
 * newer one. Nothing else is ordered, unless the reader acquires what was stored by release, which
 * raises the floor. This is weaker than each of the four architectures.
 *
 * The twins are readers that know nothing, and acquires that order nothing: they must be found out.
 */
#include <stdio.h>
#include <string.h>

#undef __always_inline
#include "../../../kernel/debug/held_locks.c"

#define LOCKS	    3
#define STEPS	    6 /* of a history */
#define IRQ_STEPS   2 /* of it in an interrupt, while the CPU spins */
#define STORES_MAX  64
#define CHOICES_MAX 64

static struct spinlock locks[LOCKS], wanted;

/* ---- the model ---- */

static struct {
	const void *p;
	u64 v;
	bool release;
} stores[STORES_MAX];
static unsigned int nr_stores;
static bool reading;
static bool acquires_order = true;

/* Of the reader's run: what it must know of, and the last store that it has seen of each word. */
static unsigned int floor_store;
static struct {
	const void *p;
	unsigned int store;
} seen[STORES_MAX];
static unsigned int nr_seen;

/* The choices of a run, and how many there were each time: counted up from run to run. */
static unsigned int choice[CHOICES_MAX], choices[CHOICES_MAX], nr_choices, at_choice;

static unsigned int choose(unsigned int n)
{
	if (at_choice == nr_choices)
		choice[nr_choices++] = 0;
	choices[at_choice] = n;
	return choice[at_choice++];
}

static bool next_run(void)
{
	nr_choices = at_choice;
	while (nr_choices && ++choice[nr_choices - 1] == choices[nr_choices - 1])
		nr_choices--;
	return nr_choices;
}

void model_store(const void *p, u64 v, bool release)
{
	stores[nr_stores].release = release;
	stores[nr_stores].p = p;
	stores[nr_stores++].v = v;
}

/* The oldest store to @p that may be read, or -1: what stood there at first. */
static int oldest(const void *p)
{
	int old = -1;

	for (unsigned int i = 0; i < floor_store; i++)
		if (stores[i].p == p)
			old = i;
	for (unsigned int i = 0; i < nr_seen; i++)
		if (seen[i].p == p && (int)seen[i].store > old)
			old = seen[i].store;
	return old;
}

u64 model_load(const void *p, u64 now, bool acquire)
{
	int may[STORES_MAX + 1];
	unsigned int n = 0;

	if (!reading)
		return now;
	may[n++] = oldest(p);
	for (unsigned int i = may[0] + 1; i < nr_stores; i++)
		if (stores[i].p == p)
			may[n++] = i;
	n = may[choose(n)];
	if ((int)n < 0)
		return 0; /* as all of the table begins */
	seen[nr_seen].p = p;
	seen[nr_seen++].store = n;
	if (acquire && acquires_order && stores[n].release)
		floor_store = MAX(floor_store, n + 1);
	return stores[n].v;
}

/* ---- histories ---- */

static unsigned int held;		/* mask of the locks that the CPU has */
static unsigned int held_at[STEPS + 1]; /* after each step */
static bool lost;			/* the CPU's own table does not say the same */
static unsigned int stores_at[STEPS + 1];
static unsigned long nr_runs;

static void toggle(unsigned int lock)
{
	int place = held_find(&locks[lock]);

	lost |= (place >= 0) != (held >> lock & 1);
	if (place >= 0)
		held_remove(place);
	else
		held_add(&locks[lock], 0, HELD_TRULY);
	held ^= 1U << lock;
}

/* Play the history of that number; the CPU spins for @wanted after @spins_after steps, for good. */
static void play(unsigned int number, unsigned int spins_after)
{
	memset(&held_locks, 0, sizeof(held_locks));
	waits_for = NULL;
	reading = false;
	nr_stores = 0;
	held = 0;
	lost = false;
	for (unsigned int step = 0; step < STEPS; step++, number /= LOCKS) {
		held_at[step] = held;
		stores_at[step] = nr_stores;
		if (step == spins_after)
			held_wait_begin(&wanted);
		toggle(number % LOCKS);
	}
	held_at[STEPS] = held;
	stores_at[STEPS] = nr_stores;
}

static void read_begin(unsigned int floor)
{
	reading = true;
	floor_store = floor;
	nr_seen = 0;
	at_choice = 0;
	nr_runs++;
}

/* 1 and 2: who knows of a step takes what was released by then for free, what stays for held. */
static bool promise_holds(unsigned int lock, unsigned int step, unsigned int floor)
{
	unsigned int always = 1, never = 1;

	for (unsigned int i = step; i <= STEPS; i++) {
		always &= held_at[i] >> lock & 1;
		never &= ~held_at[i] >> lock & 1;
	}
	nr_choices = 0;
	do {
		bool holds;

		read_begin(floor);
		holds = cpu_holds(0, &locks[lock]);
		if ((always && !holds) || (never && holds))
			return false;
	} while (next_run());
	return true;
}

/* 3: who sees what the CPU spins for finds what it held when it began, and nothing else. */
static bool wait_holds(unsigned int lock, unsigned int spins_after)
{
	bool kept = held_at[spins_after] >> lock & 1;

	nr_choices = 0;
	do {
		read_begin(0);
		if (cpu_waits_for(0) == &wanted && cpu_keeps(0, &locks[lock]) != kept)
			return false;
	} while (next_run());
	return true;
}

static unsigned int nr_histories(unsigned int steps)
{
	return steps ? LOCKS * nr_histories(steps - 1) : 1;
}

/* How many histories break the promise. @knows: the reader knows of the step. */
static unsigned int check_promises(bool knows)
{
	unsigned int broken = 0;

	for (unsigned int n = 0; n < nr_histories(STEPS); n++) {
		bool good;

		play(n, STEPS);
		good = !lost;
		for (unsigned int step = 0; step <= STEPS; step++)
			for (unsigned int lock = 0; lock < LOCKS; lock++)
				good &= promise_holds(lock, step, knows ? stores_at[step] : 0);
		broken += !good;
	}
	return broken;
}

/* An interrupt leaves the locks as it found them: only such histories count. */
static bool is_interrupt(unsigned int from)
{
	for (unsigned int step = from; step <= STEPS; step++)
		if (held_at[from] & ~held_at[step])
			return false;
	return true;
}

static unsigned int check_waits(void)
{
	unsigned int broken = 0;

	for (unsigned int n = 0; n < nr_histories(STEPS); n++) {
		for (unsigned int spins = STEPS - IRQ_STEPS; spins < STEPS; spins++) {
			bool good = true;

			play(n, spins);
			for (unsigned int lock = 0; is_interrupt(spins) && lock < LOCKS; lock++)
				good &= wait_holds(lock, spins);
			broken += !good;
		}
	}
	return broken;
}

int main(void)
{
	unsigned int promises = check_promises(true), waits = check_waits();
	unsigned int blind = check_promises(false), unordered;

	acquires_order = false;
	unordered = check_waits();
	printf("held locks: %lu runs of readers, %u and %u histories broken; twins: %u and %u\n",
	       nr_runs, promises, waits, blind, unordered);
	return promises || waits || !blind || !unordered;
}
