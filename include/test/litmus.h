/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Litmus tests on real cores.
 *
 * A test has up to 32 threads. Each is a body: a compiled function that runs the thread's few
 * accesses on a row of instances of the test's variables and notes what its loads returned. The
 * engine (tests/litmus/engine.c) has the bodies race on several CPUs, counts the outcomes, and
 * chooses the circumstances (struct litmus_knobs) in which the weak one shows most.
 *
 * An outcome is a key of 64 bits, in which each register and last value that the test asks about
 * has a field; a function knows the weak ones. Where there are at most four fields, none of which
 * is ever more than 3, the test is packed (LITMUS_PACKED): a body then notes its registers in one
 * byte, and a key is an index.
 */
#pragma once

#include <arch/atomic.h>
#include <arch/barrier.h>
#include <arch/cpu.h>
#include <lib/compiler.h>
#include <lib/types.h>
#include <litmus_models.h> /* generated: enum litmus_model, LITMUS_OWN_MODEL */
#include <test/test.h>

#define LITMUS_MAX	  32  /* threads of a test, and its variables */
#define LITMUS_PACKED_MAX 4   /* the same of a packed one, and its fields */
#define LITMUS_KEYS_MAX	  256 /* keys of a packed test: four fields of two bits */
/* What a field of two bits may hold beside numbers, by the words that it has: */
#define LITMUS_UNSET	  3 /* litmus_values: a register that the thread did not come to set */
#define LITMUS_FAULT	  2 /* where accesses may fault (struct litmus_hooks): no translation */
#define LITMUS_DENIED	  3 /* there was one, and it forbids the access */

/*
 * What a memory model says of the weak outcome. Where a list names no model, or not the one that
 * this ISA has, nobody knows: such a test can show nothing, and is skipped.
 */
enum litmus_expect { LITMUS_UNKNOWN, LITMUS_ALLOW, LITMUS_FORBID };

/* Where a body finds its work: the first instance of each variable, a byte for each instance. */
struct litmus_args {
	char *var[LITMUS_MAX]; /* by the thread's own numbering */
	unsigned long stride;  /* bytes between instances, a multiple of 8 */
	u8 *out;	       /* registers: of a packed test two bits each, else words */
	/* Of other tests: a byte for each instance, not to be counted; where cells may be. */
	u8 *given_up;
	const char *low;
	unsigned long span;
};

typedef void (*litmus_body_fn)(const struct litmus_args *a, unsigned long first, unsigned long end);

struct litmus_test;

/*
 * What a test does around its races whose bodies use more of the machine than cells: they may
 * fault, and the cells of an instance lie at the same place in pages of their own, so that an entry
 * of a page table can show one or another of them. @at has the cells, as bodies have them.
 */
struct litmus_hooks {
	/* CPU 0, before and after a slice of @n instances at most. 0 or -ENOMEM. */
	int (*begin)(const struct litmus_test *lt, const struct litmus_args *at, unsigned long n);
	void (*end)(void);
	/* On each CPU that races, around its part of the slice. */
	void (*enter)(void);
	void (*leave)(void);
	/* There too, before each batch, when all instances are fresh. */
	void (*fresh)(const struct litmus_test *lt, unsigned int thread, unsigned long n);
};

/*
 * The perpetual form of a test (tests/litmus/perpetual_gen.py): bodies whose iterations no barrier
 * separates. They have one cell for each variable (stride 0); iteration n stores n + 1, and its
 * registers are word n of the thread's @out, a half each.
 */
struct litmus_perpetual {
	litmus_body_fn body[LITMUS_PACKED_MAX];
	/* Frames of the iterations first..end-1 of one thread, of @n that all have run. */
	void (*tally)(u64 *const *out, unsigned long n, u32 *hist, unsigned long first,
		      unsigned long end);
};

/* ---- outcomes ---- */

/*
 * A part of a key: a signed number, or the address of a variable, which is one of the highest
 * numbers of the field: litmus_field_max() is that of the first variable's first cell, and so on
 * downwards. What does not fit reads as the lowest number of the field: "other". With @words it is
 * a number from 0 on, and there stands what each is called.
 */
struct litmus_field {
	const char *name; /* as the condition has it: "0:r1", "x" */
	const char *const *words;
	u8 shift, width;
	u8 thread, word; /* a register: whose, and where in its words of an instance; or */
	u8 bytes;	 /* the last value of a cell: its size, else 0 */
	u8 var;
	u16 offset;
	bool is_unsigned;
	bool address; /* it may be one */
};

extern const char *const litmus_values[];  /* 0 1 2, and "-": LITMUS_UNSET */
extern const char *const litmus_numbers[]; /* 0 1 2 3 */

static inline long litmus_field_max(unsigned int width)
{
	return (long)(~0UL >> 1 >> (64 - width));
}

/* The field's number in @key. */
static inline long litmus_field_value(u64 key, unsigned int shift, unsigned int width)
{
	return (long)(key << (64 - width - shift)) >> (64 - width);
}

/* The same of a field of two bits. */
static inline unsigned int litmus_field_packed(u64 key, unsigned int shift)
{
	return key >> shift & 3;
}

/*
 * Outcomes by their key: in a hash, but those of a packed test, where a key is the number of its
 * bucket.
 */
#define LITMUS_BUCKETS 256 /* a power of 2, and LITMUS_KEYS_MAX */
struct litmus_histogram {
	struct {
		u64 key, n; /* n is 0: free */
	} bucket[LITMUS_BUCKETS];
	u64 overflow; /* outcomes that found no place */
	u64 given_up; /* instances in which a thread waited in vain */
};

/* Empty; of a packed test? */
void litmus_histogram_init(struct litmus_histogram *h, bool packed);
/* Add @n outcomes. */
void litmus_histogram_add(struct litmus_histogram *h, u64 key, u64 n);
/* Add all of @from. */
void litmus_histogram_merge(struct litmus_histogram *h, const struct litmus_histogram *from);
/* How many of them have @key. */
u64 litmus_histogram_count(const struct litmus_histogram *h, u64 key);

/* ---- tests ---- */

/* What a cell holds at first, if it is not 0: a number, or with @var an address. */
enum litmus_init_kind { INIT_NUMBER, INIT_ADDRESS, INIT_SRCU };

struct litmus_init {
	u8 kind;
	u8 bytes; /* of the cell */
	u8 var, of_var;
	u16 offset, of_offset;
	long value;
};

struct litmus_variable {
	const char *name;
	u16 bytes; /* a multiple of 8 */
	u16 cell;  /* size of one of its cells, of which there are */
	u16 cells;
};

struct litmus_thread {
	litmus_body_fn fn;
	u8 nr_regs;	    /* that it writes to out for an instance */
	u8 var[LITMUS_MAX]; /* the thread's variable n is the test's var[n] */
};

#define LITMUS_PACKED 0x1 /* see above */
#define LITMUS_SLEEPS 0x2 /* a body waits for grace periods: kernel threads, few instances */
#define LITMUS_FILE   0x4 /* of a file of somebody's: what is wrong with it is no fault of ours */

struct litmus_test {
	const char *row;   /* of shapes.tsv, for the expectation; or NULL */
	const char *claim; /* what it shows, in words; or NULL */
	u8 nr_threads, nr_vars, nr_fields, nr_inits, nr_srcu, nr_sc, flags;
	const struct litmus_thread *thread;
	/* Of a packed test the registers of a thread side by side, in their order. */
	const struct litmus_field *field;
	const struct litmus_variable *var; /* of a packed test NULL: words, which begin as 0 */
	const struct litmus_init *init;
	bool (*weak)(u64 key); /* is it the weak outcome? */
	bool (*keep)(u64 key); /* the others are not counted; or NULL */
	const char *weak_outcome;
	const u64 *sc;	     /* the keys of sequentially consistent executions, nr_sc of them */
	u8 expect[MODEL_NR]; /* enum litmus_expect, by model */
	/*
	 * For packed tests whose instances are more than cells: no more than this many (0: no
	 * limit), and what makes instances first..end-1 fresh before each race, beside the zeroing
	 * of the cells. Any CPU that races calls it, for a share of its own, while nobody uses
	 * them.
	 */
	u16 max_instances;
	void (*reset)(unsigned long first, unsigned long end);
	const struct litmus_hooks *hooks;	  /* or NULL */
	const struct litmus_perpetual *perpetual; /* where it fits; or NULL */
	const void *data;			  /* for them */
};

static inline bool litmus_is_packed(const struct litmus_test *lt)
{
	return lt->flags & LITMUS_PACKED;
}

/* ---- tests that are written by hand: static data in their tables ---- */

#define LITMUS_THREADS(...) \
	(const struct litmus_thread[]) \
	{ \
		__VA_ARGS__ \
	}
#define LITMUS_FIELDS(...) \
	(const struct litmus_field[]) \
	{ \
		__VA_ARGS__ \
	}
/* The key's part @n of two bits: register @r of thread @t; the last value of variable @v. */
#define LITMUS_REG(n, t, r) \
	{ \
		.name = #t ":r" #r, .words = litmus_values, .shift = 2 * (n), .width = 2, \
		.thread = (t), .word = (r) \
	}
#define LITMUS_LAST(n, v, nm) \
	{ \
		.name = nm, .words = litmus_numbers, .shift = 2 * (n), .width = 2, \
		.bytes = sizeof(u32), .var = (v) \
	}
/* A list of keys. */
#define LITMUS_KEYS(...) \
	(const u64[]) \
	{ \
		__VA_ARGS__ \
	}
/* The function that knows the weak keys: those with @value in the bits of @mask. */
#define LITMUS_WEAK(name, mask, value) \
	static bool name(u64 key) \
	{ \
		return (key & (mask)) == (value); \
	}

/* For what no ISA may show, since it is the kernel's own promise and no question to a model. */
#define LITMUS_FORBID_EVERYWHERE \
	{ \
		[0 ... MODEL_NR - 1] = LITMUS_FORBID \
	}

/* What is known of @lt on the ISA that runs it. */
static inline enum litmus_expect litmus_expected(const struct litmus_test *lt)
{
	return lt->expect[LITMUS_OWN_MODEL];
}
/* "allowed", "forbidden", "unknown". */
const char *litmus_expect_word(enum litmus_expect expect);

/* A test's function; tc->data is its struct litmus_test. */
void litmus_run(struct test *t);
/*
 * The same, and it goes on for up to @ns until it has seen the weak outcome. Was it seen?
 * @iterations: of so many.
 */
bool litmus_run_until_weak(struct test *t, u64 ns, u64 *iterations);

#define LITMUS_CASE(litmus, nm, flg, threads) \
	static const struct test_case __PASTE(__test_, litmus) __used __section(".tests") \
		__aligned(8) = { .name = nm, \
				 .kind = TEST_LITMUS, \
				 .flags = flg, \
				 .fn = litmus_run, \
				 .data = &litmus, \
				 .min_cpus = threads }

/* ---- for tests that judge by several litmus tests ---- */

struct litmus_result {
	u64 iterations, weak, ns;
	struct litmus_histogram hist;
	unsigned int sc_seen;	   /* how many of the sequentially consistent outcomes showed */
	enum litmus_expect expect; /* what the weak outcome is on this architecture */
	const char *defect;	   /* weak outcomes are a known defect of the emulator; or NULL */
};

/*
 * Spend @ns on @lt and add what came to @r, which was zeroed before the first call. False: it could
 * not run; @t is then failed or skipped with the reason. CPU 0.
 */
bool litmus_measure(struct test *t, const struct litmus_test *lt, const char *name, u64 ns,
		    struct litmus_result *r);
/* Take the memory that litmus tests keep for good: before a balance. 0 or -ENOMEM. CPU 0. */
int litmus_reserve(void);
/* The registered litmus test called @name ("litmus.C5-lock+depends"), or NULL. */
const struct litmus_test *litmus_find(const char *name);

/* What the models say of a row of shapes.tsv: 'A' or 'F' each, '-' where the row says nothing. */
struct litmus_verdicts {
	const char *row;
	char verdict[MODEL_NR + 1]; /* by enum litmus_model */
};
extern const struct litmus_verdicts litmus_verdicts[]; /* generated: gen.py */
extern const unsigned int nr_litmus_verdicts;
/* Verdict of @model on @row; 0 when there is no such row. */
char litmus_verdict(const char *row, enum litmus_model model);

/* ---- what bodies are made of ---- */

#define LITMUS_BODY(name) \
	static noinline void name(const struct litmus_args *a, unsigned long first, \
				  unsigned long end)

/* Over the instances; not unrolled, since the checker wants to see each access once. */
#ifdef __clang__
#define LITMUS_NO_UNROLL _Pragma("clang loop unroll(disable) vectorize(disable)")
#else
#define LITMUS_NO_UNROLL _Pragma("GCC unroll 1")
#endif
#define LITMUS_LOOP(i, first, end) \
	LITMUS_NO_UNROLL \
	for ((i) = (first); (i) != (end); (i)++)

/* An instance's variable. Bodies touch nothing else with 32-bit accesses: so the checker knows. */
#define LITMUS_CELL(p) (*(u32 *)(p))

static inline char *litmus_cell(const struct litmus_args *a, unsigned int var, unsigned long i)
{
	return a->var[var] + i * a->stride;
}

/*
 * Zero, computed from @r so that neither compiler nor processor can tell: what makes an address or
 * a value depend on a load. x ^ x is a syntactic dependency in every one of the four models.
 */
static inline unsigned long litmus_zero(unsigned long r)
{
#ifdef LITMUS_BREAK_DEPS
	return 0;
#else
	unsigned long t = r;

	OPTIMIZER_HIDE_VAR(t);
	return r ^ t;
#endif
}

/* True, by a comparison of @r that the compiler must keep: what makes a control dependency. */
static inline bool litmus_branch(unsigned long r)
{
#ifdef LITMUS_BREAK_DEPS
	return true;
#else
	unsigned long t = r;

	OPTIMIZER_HIDE_VAR(t);
	return r == t;
#endif
}

/* ---- the engine, for tests/litmus/ ---- */

enum litmus_place {
	PLACE_SAME_LINE, /* an instance's variables share a cache line */
	PLACE_NEXT_LINE, /* each in its own line, one after another */
	PLACE_FAR,	 /* each variable in an array of its own, an instance a line */
	PLACE_PACKED,	 /* the same, several instances of a variable in a line */
	PLACE_PAGES,	 /* each access in another page than the last */
	PLACE_NR,
};

enum litmus_preload {
	PRELOAD_NONE,
	PRELOAD_SHARE,	  /* read each line first: both CPUs hold it, stores wait for ownership */
	PRELOAD_PREFETCH, /* the prefetch instruction, where the compiler has one */
	PRELOAD_FLUSH,	  /* write back and evict */
	PRELOAD_NR,
};

enum litmus_noise { NOISE_NONE, NOISE_TICK, NOISE_IPI, NOISE_NR };

/* The circumstances of a race. */
struct litmus_knobs {
	u8 place;
	u8 preload;
	u8 noise;
	u8 fence;     /* empty the store buffer after each meeting */
	u8 perpetual; /* iterations without end, where the test has this form */
	u8 free;      /* no meetings at all; always so with more threads than may race */
	u16 stride;   /* in units of a line; PLACE_PACKED: in units of 8 bytes */
	u16 chunk;    /* instances between two meetings of the threads; 0: the whole batch */
	u16 skew;     /* after a meeting each waits a random number of steps up to this (2^n - 1) */
	u16 batch_log2; /* instances of a batch, before the room for them is looked at */
	u8 rotate;	/* which CPU takes which part: picks the permutation */
};

/* What one slice of time with one setting brought. */
struct litmus_slice {
	u64 iterations;
	u64 weak;
	u64 minority; /* iterations that ended in other outcomes than the most frequent */
	u64 ns;
	u64 cpus;      /* cpumask_t: those that raced */
	bool late;     /* a CPU was long in coming to a meeting, and the slice was cut short */
	bool deadlock; /* a thread waited in vain within an instance: the same */
	bool turns;    /* threads that took turns on their CPUs */
	struct litmus_histogram hist; /* with what a filter drops */
};

/*
 * For bodies that wait for another thread within an instance, @since_ns: shall it be given up? Else
 * this CPU may have been given to another thread meanwhile. Bodies.
 */
bool litmus_gives_up(u64 since_ns);

/*
 * Run @lt with @k for about @ns, on CPUs that follow from @k, with delays (knob skew) that follow
 * from @rng. 0, or -ENOMEM, -ETIMEDOUT. CPU 0.
 */
int litmus_slice_run(const struct litmus_test *lt, const struct litmus_knobs *k, u64 ns,
		     struct rng *rng, struct litmus_slice *out);

/* With litmus_verbose=1: a line about what @k brought. */
void litmus_slice_report(struct test *t, const struct litmus_knobs *k,
			 const struct litmus_slice *slice);

/* How many CPUs may race at once (racers= of the boot line). */
unsigned int litmus_nr_racers(void);

/* Text of a setting. */
int litmus_knobs_print(char *buf, size_t size, const struct litmus_knobs *k);
/* A setting drawn at random, for @nr_threads threads. */
void litmus_knobs_draw(struct rng *rng, unsigned int nr_threads, struct litmus_knobs *k);
/* One knob of @k changed at random. */
void litmus_knobs_mutate(struct rng *rng, unsigned int nr_threads, struct litmus_knobs *k);

#define LITMUS_ARMS_MAX	      40
#define LITMUS_RATE_MIN_ITERS 1000 /* a share of fewer iterations says nothing */

/* A setting and what it has brought so far. */
struct litmus_arm {
	struct litmus_knobs knobs;
	u64 iterations, weak, minority, ns;
};

/* The search for productive settings during one test. */
struct litmus_search {
	struct litmus_arm arm[LITMUS_ARMS_MAX];
	unsigned int nr_arms;
	unsigned int nr_seeds; /* how many of the known-good settings were handed out */
	bool late;	       /* the last slice was cut short, since the host is busy: meet less */
	bool perpetual;	       /* the test has that form */
	unsigned int slices;
};

/* @perpetual: are settings with that knob to be tried? */
void litmus_search_init(struct litmus_search *s, bool perpetual);
/* The arm to spend the next slice on. */
struct litmus_arm *litmus_search_next(struct litmus_search *s, struct rng *rng,
				      unsigned int nr_threads);
void litmus_search_note(struct litmus_search *s, struct litmus_arm *arm,
			const struct litmus_slice *slice);
/* Best by weak outcomes a second; or, when none were seen, by mixed outcomes a second. */
struct litmus_arm *litmus_search_best(struct litmus_search *s);
/*
 * What each setting brought, in the order in which they were tried: weak outcomes in 10^9
 * iterations, with commas between. Settings with too few iterations to say are left out, and so is
 * what does not fit into @size.
 */
void litmus_search_print(char *buf, size_t size, const struct litmus_search *s);
/* Remember the best settings for the tests that follow. */
void litmus_search_keep(struct litmus_search *s, unsigned int nr_threads);

/* Why this outcome is a known defect of what runs us, or NULL (tests/litmus/defects.c). */
const char *litmus_known_defect(const char *test);
