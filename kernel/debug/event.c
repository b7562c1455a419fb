/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events and their columns: see the header.
 *
 * A ring is its CPU's, which alone writes it, with interrupts disabled and no barrier: what is
 * noted between racing operations shall not order them. So whoever prints may find, in memory that
 * is still on its way or written at this moment, the number of an entry without its text, or parts
 * of two. Hence each entry has a check word, made of all that is in it and of its number: one that
 * does not fit is no entry (yet, or any more), and is left out:
 *
 *	CPU that notes			CPU that prints
 *	e[n] = event 64 + n
 *	next = 64 + n + 1	--->	next
 *					e[n]: still event n, or half of each: left out
 *
 * Nor does anybody write to another's ring: events_reset() remembers when, and what is older than
 * that does not count.
 *
 * Printing uses static buffers: there is one report at a time (kernel/debug/detect.c).
 */
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <lib/string.h>

const char *(*event_object_kind)(const void *obj, const void **base);

#ifdef CONFIG_DEBUG

#define RING_SIZE   64 /* events that a CPU keeps */
#define PRINT_MAX   64 /* events that a report shows */
#define OBJECTS_MAX 32
#define COLUMNS_MAX 6 /* more CPUs: one below the other */
#define WIDTH	    156
#define TIME_WIDTH  12
#define CELL_MIN    22

struct event_entry {
	u64 ns;
	const char *what;
	const void *obj;
	unsigned long pc;
	char task[TASK_NAME_MAX];
	u64 check; /* entry_check(): last */
};

#define ENTRY_WORDS (sizeof(struct event_entry) / sizeof(u64))
BUILD_BUG_ON(sizeof(struct event_entry) % sizeof(u64));
BUILD_BUG_ON(RING_SIZE != 64); /* one bit each in entries_whole() */

struct event_ring {
	u32 next; /* number of the next one, from 0 */
	struct event_entry e[RING_SIZE];
};
static DEFINE_PER_CPU(struct event_ring, event_ring);
static bool frozen; /* lockless: a CPU that sees it late notes a little more */
static u64 since;   /* clock_ns() of the last reset; lockless, CPU 0's */

/* Of what is in @e and its @number: two entries alike in this differ by less than chance can. */
static u64 entry_check(const struct event_entry *e, u32 number)
{
	const u64 *w = (const u64 *)e;
	u64 sum = number + 1ULL;

	for (unsigned int i = 0; i < ENTRY_WORDS - 1; i++) {
		/* Steps of splitmix64: each bit of each word reaches every bit of the sum. */
		sum = (sum ^ w[i]) * 0xbf58476d1ce4e5b9ULL;
		sum ^= sum >> 31;
	}
	return sum;
}

/* ---- noting ---- */

void event_note_from(const char *what, const void *obj, unsigned long pc)
{
	struct event_ring *ring;
	struct event_entry *e;
	unsigned long flags;

	if (READ_ONCE(frozen))
		return;
	flags = arch_irq_save();
	ring = this_cpu_ptr(&event_ring);
	e = &ring->e[ring->next % RING_SIZE];
	e->ns = clock_ns();
	e->what = what;
	e->obj = obj;
	e->pc = pc;
	memcpy(e->task, current->name, sizeof(e->task));
	e->check = entry_check(e, ring->next);
	WRITE_ONCE(ring->next, ring->next + 1);
	arch_irq_restore(flags);
}

noinline void event_note(const char *what, const void *obj)
{
	event_note_from(what, obj, (unsigned long)__builtin_return_address(0));
}

void events_freeze(void)
{
	WRITE_ONCE(frozen, true);
}

void events_reset(void)
{
	WRITE_ONCE(since, clock_ns());
	WRITE_ONCE(frozen, false);
}

/* ---- reading what others note ---- */

/* Copy entry @number of @cpu. False: it is not there, not whole, or from before the reset. */
static bool entry_read(unsigned int cpu, u32 number, struct event_entry *copy)
{
	const struct event_ring *ring = per_cpu_ptr(&event_ring, cpu);
	const u64 *from = (const u64 *)&ring->e[number % RING_SIZE];
	u64 *to = (u64 *)copy;

	for (unsigned int i = 0; i < ENTRY_WORDS; i++)
		to[i] = READ_ONCE(from[i]);
	return copy->check == entry_check(copy, number) && copy->ns >= READ_ONCE(since);
}

/* Bit n: the n-th entry before number @next of @cpu can be shown; the newest is bit 0. */
static u64 entries_whole(unsigned int cpu, u32 next)
{
	struct event_entry copy;
	u64 whole = 0;

	for (u32 n = 0; n < MIN(next, RING_SIZE); n++)
		if (entry_read(cpu, next - 1 - n, &copy))
			whole |= 1ULL << n;
	return whole;
}

bool event_peek(unsigned int cpu, unsigned int back, const char **what, const void **obj)
{
	u32 next = READ_ONCE(per_cpu(event_ring, cpu).next);
	struct event_entry e;

	if (back >= MIN(next, RING_SIZE) || !entry_read(cpu, next - 1 - back, &e))
		return false;
	*what = e.what;
	*obj = e.obj;
	return true;
}

void event_tear(unsigned int cpu, unsigned int back)
{
	struct event_ring *ring = per_cpu_ptr(&event_ring, cpu);
	struct event_entry *e = &ring->e[(ring->next - 1 - back) % RING_SIZE];

	WRITE_ONCE(e->obj, (const char *)e->obj + 1);
}

unsigned int events_kept(unsigned int cpu)
{
	unsigned int kept = 0;

	for (u64 w = entries_whole(cpu, READ_ONCE(per_cpu(event_ring, cpu).next)); w; w &= w - 1)
		kept++;
	return kept;
}

/* ---- choosing what to print ---- */

struct shown {
	struct event_entry e;
	unsigned int cpu;
};

struct named {
	const void *obj;
	const char *kind;
	size_t kind_len;
	unsigned int number;
};

/* Of the report that is being made. */
static struct shown shown[PRINT_MAX];
static unsigned int nr_shown;
static struct named named[OBJECTS_MAX];
static unsigned int nr_named;

/* What there is of each ring. */
static struct {
	u32 next;
	u64 whole; /* entries_whole() */
} found[NR_CPUS];

/* The number of the @n-th newest whole event of @cpu, from 0; there is one. */
static u32 entry_back(unsigned int cpu, u32 n)
{
	u64 whole = found[cpu].whole;

	while (n--)
		whole &= whole - 1;
	for (n = 0; !(whole & 1ULL << n);)
		n++;
	return found[cpu].next - 1 - n;
}

/* The CPU in @cpus whose @past[cpu]-th newest event is the newest, if it is below @end[cpu]. */
static int newest_of(cpumask_t cpus, const u32 *past, const u32 *end)
{
	struct event_entry e, best = { 0 };
	unsigned int cpu;
	int chosen = -1;

	for_each_cpu_in(cpu, cpus) {
		if (past[cpu] >= end[cpu])
			continue;
		/* Torn since we counted: it comes first, and is left out then. */
		if (!entry_read(cpu, entry_back(cpu, past[cpu]), &e))
			return cpu;
		if (chosen >= 0 && e.ns <= best.ns)
			continue;
		best = e;
		chosen = cpu;
	}
	return chosen;
}

/* Look what @cpu has; how many events. */
static u32 find_entries(unsigned int cpu)
{
	u32 n = 0;

	found[cpu].next = READ_ONCE(per_cpu(event_ring, cpu).next);
	found[cpu].whole = entries_whole(cpu, found[cpu].next);
	for (u64 w = found[cpu].whole; w; w &= w - 1)
		n++;
	return n;
}

/* Copy the chosen events to shown[], the oldest first; some may be gone. */
static void copy_entries(cpumask_t cpus, const u32 *take, u32 n)
{
	static u32 done[NR_CPUS];
	u32 left = n;
	int next;

	memset(done, 0, sizeof(done));
	while (left && (next = newest_of(cpus, done, take)) >= 0) {
		struct shown *s = &shown[left - 1];

		s->cpu = next;
		left -= entry_read(next, entry_back(next, done[next]++), &s->e);
	}
	nr_shown = n - left;
	memmove(shown, shown + left, nr_shown * sizeof(shown[0]));
}

/*
 * The last @max events, oldest first. Half of the room is for each CPU alike, so that one that has
 * much to say does not push out what the others did; the rest is for the newest of all.
 */
static void choose(cpumask_t cpus, unsigned int max)
{
	static u32 kept[NR_CPUS], take[NR_CPUS]; /* of each ring */
	unsigned int cpu, room = max, talkers = 0;
	int next;

	for_each_cpu_in(cpu, cpus) {
		kept[cpu] = find_entries(cpu);
		talkers += kept[cpu] > 0;
	}
	for_each_cpu_in(cpu, cpus) {
		take[cpu] = kept[cpu] ? MIN(kept[cpu], max / 2 / talkers) : 0;
		room -= take[cpu];
	}
	while (room && (next = newest_of(cpus, take, kept)) >= 0) {
		take[next]++;
		room--;
	}
	copy_entries(cpus, take, max - room);
}

/* ---- names of objects ---- */

static size_t first_word(const char *s)
{
	const char *blank = strchr(s, ' ');

	return blank ? (size_t)(blank - s) : 0;
}

/* What some event says of @obj, for memory that is something else by now. */
static const char *kind_by_event(const void *obj, size_t *len)
{
	for (unsigned int i = 0; i < nr_shown; i++) {
		*len = first_word(shown[i].e.what);
		if (shown[i].e.obj == obj && *len)
			return shown[i].e.what;
	}
	*len = strlen("object");
	return "object";
}

static const struct named *name_of(const void *obj)
{
	const void *base = obj;
	const char *kind = event_object_kind ? event_object_kind(obj, &base) : NULL;
	size_t len = kind ? strlen(kind) : 0;
	unsigned int number = 1;
	struct named *n;

	if (!kind)
		kind = kind_by_event(obj, &len);
	for (n = named; n < named + nr_named; n++) {
		if (n->obj == base)
			return n;
		number += n->kind_len == len && !memcmp(n->kind, kind, len);
	}
	if (nr_named == OBJECTS_MAX)
		return NULL;
	*n = (struct named){ base, kind, len, number };
	nr_named++;
	return n;
}

static void name_put(char *buf, size_t size, const void *obj)
{
	const struct named *n = name_of(obj);
	char kind[32] = "";

	if (!n) {
		snprintf(buf, size, "%p", obj);
		return;
	}
	memcpy(kind, n->kind, MIN(n->kind_len, sizeof(kind) - 1));
	snprintf(buf, size, "%s %u", kind, n->number);
}

/* "function(): what object", or "function(): object what" where @what begins with its kind. */
static void cell_text(char *buf, size_t size, const struct shown *s, bool with_task)
{
	const struct event_entry *e = &s->e;
	const char *fn = ksym_lookup(e->pc - 1, NULL, NULL);
	size_t word = first_word(e->what);
	const char *dot;
	char obj[48];
	int n = 0;

	if (with_task)
		n = snprintf(buf, size, "[%s] ", e->task);
	/* Of what the compiler split off ("walk.part.0") the name in the source. */
	dot = fn ? strchr(fn, '.') : NULL;
	n += snprintf(buf + n, size - n, "%.*s(): ", dot ? (int)(dot - fn) : -1, fn ? fn : "?");
	if (!e->obj) {
		snprintf(buf + n, size - n, "%s", e->what);
		return;
	}
	name_put(obj, sizeof(obj), e->obj);
	if (word && !strncmp(obj, e->what, word))
		snprintf(buf + n, size - n, "%s%s", obj, e->what + word);
	else
		snprintf(buf + n, size - n, "%s %s", e->what, obj);
}

/* ---- printing ---- */

static char line[WIDTH + 64];
static size_t line_len;

static void line_begin(void)
{
	memcpy(line, "# ", 2);
	line_len = 2;
}

static void line_pad(size_t column)
{
	while (line_len < column && line_len < sizeof(line) - 1)
		line[line_len++] = ' ';
}

static void line_put(const char *s, size_t len)
{
	len = MIN(len, sizeof(line) - 1 - line_len);
	memcpy(line + line_len, s, len);
	line_len += len;
}

static void line_end(void)
{
	while (line_len > 1 && line[line_len - 1] == ' ')
		line_len--;
	line[line_len++] = '\n';
	console_raw(line, line_len);
}

/* How much of @s goes on a line of @width: up to a blank if there is one, else all of it. */
static size_t line_break(const char *s, size_t width)
{
	size_t len = strlen(s), at = width;

	if (len <= width)
		return len;
	while (at && s[at] != ' ')
		at--;
	return at ? at : width;
}

/* @s from @column on, in lines of @width; those after the first are indented. */
static void put_wrapped(const char *s, size_t column, size_t width)
{
	size_t n = line_break(s, width);

	line_pad(column);
	line_put(s, n);
	line_end();
	for (s += n; *s; s += n) {
		while (*s == ' ')
			s++;
		n = line_break(s, width - 2);
		line_begin();
		line_pad(column + 2);
		line_put(s, n);
		line_end();
	}
}

/* Microseconds before the last event, with one decimal. */
static void put_time(const struct event_entry *e)
{
	u64 tenths = (shown[nr_shown - 1].e.ns - e->ns) / 100;
	char text[24];
	int n = snprintf(text, sizeof(text), "%s%llu.%llu", tenths ? "-" : "",
			 (unsigned long long)tenths / 10, (unsigned long long)tenths % 10);

	line_pad(TIME_WIDTH - MIN(n, TIME_WIDTH));
	line_put(text, n);
}

struct layout {
	cpumask_t cpus; /* that have events */
	unsigned int nr;
	size_t width;		   /* of a column */
	bool list;		   /* too many for columns */
	const char *task[NR_CPUS]; /* the thread of the first event there */
};

static size_t column_of(const struct layout *l, unsigned int cpu)
{
	unsigned int n = 0, c;

	for_each_cpu_in(c, l->cpus)
		n += c < cpu;
	return TIME_WIDTH + 2 + (l->list ? 0 : n * (l->width + 2));
}

static bool other_thread(const struct layout *l, const struct shown *s)
{
	return strncmp(l->task[s->cpu], s->e.task, TASK_NAME_MAX) != 0;
}

static void lay_out(struct layout *l)
{
	char text[160];

	memset(l, 0, sizeof(*l));
	for (unsigned int i = 0; i < nr_shown; i++) {
		const struct shown *s = &shown[i];

		if (!(l->cpus & 1ULL << s->cpu)) {
			l->cpus |= 1ULL << s->cpu;
			l->nr++;
			l->task[s->cpu] = s->e.task;
		}
		cell_text(text, sizeof(text), s, other_thread(l, s));
		l->width = MAX(l->width, strlen(text));
	}
	l->list = l->nr > COLUMNS_MAX;
	if (!l->list && l->nr)
		l->width = MIN(l->width, (WIDTH - TIME_WIDTH - 2) / l->nr - 2);
	else
		l->width = WIDTH - TIME_WIDTH - 2;
	l->width = MAX(l->width, (size_t)CELL_MIN);
}

static void print_header(const struct layout *l)
{
	char text[48];
	unsigned int cpu;

	line_begin();
	line_pad(TIME_WIDTH - 2);
	line_put("us", 2);
	for_each_cpu_in(cpu, l->cpus) {
		if (l->list)
			break;
		line_pad(column_of(l, cpu));
		snprintf(text, sizeof(text), "CPU %u %s", cpu, l->task[cpu]);
		line_put(text, MIN(strlen(text), l->width + 1));
	}
	line_end();
}

static void print_event(const struct layout *l, const struct shown *s)
{
	char text[192];
	int n = 0;

	if (l->list)
		n = snprintf(text, sizeof(text), "CPU %u ", s->cpu);
	cell_text(text + n, sizeof(text) - n, s, l->list || other_thread(l, s));
	line_begin();
	put_time(&s->e);
	put_wrapped(text, column_of(l, s->cpu), l->width);
}

static void print_legend(void)
{
	char text[96], name[48];

	line_begin();
	for (unsigned int i = 0; i < nr_named; i++) {
		size_t len;

		name_put(name, sizeof(name), named[i].obj);
		len = snprintf(text, sizeof(text), "%s = %p%s", name, named[i].obj,
			       i + 1 < nr_named ? ", " : "");
		if (line_len + len > WIDTH) {
			line_end();
			line_begin();
		}
		line_put(text, len);
	}
	if (nr_named)
		line_end();
}

void events_print(cpumask_t cpus, unsigned int max)
{
	static struct layout layout;

	events_freeze();
	nr_named = 0;
	choose(cpus & smp_online_mask(), MIN(max, PRINT_MAX));
	if (!nr_shown) {
		printk("no events were noted\n");
		return;
	}
	lay_out(&layout);
	print_header(&layout);
	for (unsigned int i = 0; i < nr_shown; i++)
		print_event(&layout, &shown[i]);
	print_legend();
}

#else

void events_freeze(void)
{
}

void events_reset(void)
{
}

unsigned int events_kept(unsigned int cpu)
{
	return 0;
}

void events_print(cpumask_t cpus, unsigned int max)
{
	printk("a release build notes no events\n");
}

#endif
