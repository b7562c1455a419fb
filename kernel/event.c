/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events and their columns: see the header.
 *
 * A ring is its CPU's, which writes it with interrupts disabled. Who prints reads the rings of all,
 * after it has frozen them: a CPU may be writing one last entry at that moment, which may then be
 * torn (on a machine that reorders stores even more so). Such an entry is the newest of its CPU and
 * can come from after the failure only.
 *
 * Printing uses static buffers: there is one report at a time (kernel/detect.c).
 */
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>

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
	const char *what; /* NULL: none */
	const void *obj;
	unsigned long pc;
	char task[TASK_NAME_MAX];
};

struct event_ring {
	u32 next; /* number of the next one, from 0 */
	struct event_entry e[RING_SIZE];
};
static DEFINE_PER_CPU(struct event_ring, event_ring);
static bool frozen; /* lockless: a CPU that sees it late notes a little more */

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
	barrier();
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
	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++)
		if (!cpu || percpu_offset[cpu])
			WRITE_ONCE(per_cpu(event_ring, cpu).next, 0);
	WRITE_ONCE(frozen, false);
}

unsigned int events_kept(unsigned int cpu)
{
	return MIN(READ_ONCE(per_cpu(event_ring, cpu).next), RING_SIZE);
}

/* ---- choosing what to print ---- */

struct shown {
	const struct event_entry *e;
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

/* The @n-th newest event of @cpu, from 0. */
static const struct event_entry *entry_back(unsigned int cpu, unsigned int n)
{
	const struct event_ring *r = per_cpu_ptr(&event_ring, cpu);

	return &r->e[(r->next - 1 - n) % RING_SIZE];
}

/* The CPU in @cpus whose @past[cpu]-th newest event is the newest, if it is below @end[cpu]. */
static int newest_of(cpumask_t cpus, const u32 *past, const u32 *end)
{
	const struct event_entry *best = NULL;
	unsigned int cpu;
	int found = -1;

	for_each_cpu_in(cpu, cpus) {
		const struct event_entry *e = entry_back(cpu, past[cpu]);

		if (past[cpu] >= end[cpu] || (best && e->ns <= best->ns))
			continue;
		best = e;
		found = cpu;
	}
	return found;
}

/*
 * The last @max events, oldest first. Half of the room is for each CPU alike, so that one that has
 * much to say does not push out what the others did; the rest is for the newest of all.
 */
static void choose(cpumask_t cpus, unsigned int max)
{
	static u32 kept[NR_CPUS], take[NR_CPUS], done[NR_CPUS]; /* of each ring */
	unsigned int cpu, room = max, talkers = 0;
	int next;

	for_each_cpu_in(cpu, cpus) {
		kept[cpu] = events_kept(cpu);
		talkers += kept[cpu] > 0;
	}
	for_each_cpu_in(cpu, cpus) {
		take[cpu] = kept[cpu] ? MIN(kept[cpu], max / 2 / talkers) : 0;
		done[cpu] = 0;
		room -= take[cpu];
	}
	while (room && (next = newest_of(cpus, take, kept)) >= 0) {
		take[next]++;
		room--;
	}
	nr_shown = max - room;
	for (unsigned int n = nr_shown; n; n--) {
		next = newest_of(cpus, done, take);
		shown[n - 1] = (struct shown){ entry_back(next, done[next]), next };
		done[next]++;
	}
}

/* ---- names of objects ---- */

static size_t first_word(const char *s)
{
	/* NULL: an entry that was being written when it was read */
	const char *blank = s ? strchr(s, ' ') : NULL;

	return blank ? (size_t)(blank - s) : 0;
}

/* What some event says of @obj, for memory that is something else by now. */
static const char *kind_by_event(const void *obj, size_t *len)
{
	for (unsigned int i = 0; i < nr_shown; i++) {
		*len = first_word(shown[i].e->what);
		if (shown[i].e->obj == obj && *len)
			return shown[i].e->what;
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
	const struct event_entry *e = s->e;
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
	u64 tenths = (shown[nr_shown - 1].e->ns - e->ns) / 100;
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
	return strncmp(l->task[s->cpu], s->e->task, TASK_NAME_MAX) != 0;
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
			l->task[s->cpu] = s->e->task;
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
	put_time(s->e);
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
