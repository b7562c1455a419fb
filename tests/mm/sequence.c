/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequences of operations on address spaces: see <test/sequence.h>.
 *
 * An operation is a byte, and one or two more that say where and how; bytes that are missing are 0.
 * It changes the spaces and the model alike. What the model says is compared at each access, and of
 * all spaces at the end: the words of each page, which accesses fault, what the calls return.
 */
#include <kernel/busted.h>
#include <lib/format.h>
#include <lib/string.h>
#include <mm/rmap.h>
#include <test/reclaim.h>
#include <test/sequence.h>

#define SPACES	  4
#define PAGES	  24 /* around a border of the lowest three levels of tables */
#define BASE	  (TEST_ADDR - PAGES / 2 * PAGE_SIZE)
#define WORDS	  2 /* of each page: the first, and the last */
#define SEQUENCES 60
#define BYTES_MAX 400

struct seq_page {
	u64 word[WORDS];
	unsigned long prot; /* VM_* */
	bool mapped;
};

struct seq_space {
	struct mm_struct *mm; /* NULL: there is none */
	struct seq_page page[PAGES];
};

static struct sequence {
	const u8 *next, *end;
	unsigned int now;  /* the space that the thread is in */
	unsigned int step; /* operations so far */
	u64 last;	   /* what was written last */
	bool nomem;	   /* memory ran out: the model is of no use any more */
	char why[160];	   /* what was wrong; empty: nothing */
	unsigned long accesses, faults, forks;
	struct seq_space space[SPACES];
} seq; /* of one thread at a time */

static unsigned int take(struct sequence *s)
{
	return s->next < s->end ? *s->next++ : 0;
}

static bool goes_on(const struct sequence *s)
{
	return !s->why[0] && !s->nomem;
}

/* Did a call come to what the model says? */
static bool agrees(struct sequence *s, const char *what, unsigned int page, long got, long want)
{
	if (got == want)
		return true;
	if (got == -ENOMEM)
		s->nomem = true;
	else if (goes_on(s))
		snprintf(s->why, sizeof(s->why),
			 "step %u: space %u page %u: %s: %ld instead of %ld", s->step, s->now, page,
			 what, got, want);
	return false;
}

/* ---- accesses ---- */

static unsigned long word_addr(unsigned int page, unsigned int word)
{
	return BASE + page * PAGE_SIZE + (word ? PAGE_SIZE - 8 : 0);
}

/* 0 or -EFAULT. */
static int expected(struct sequence *s, const struct seq_page *p, unsigned long prot)
{
	bool permitted = p->mapped && (p->prot & prot);

	s->accesses++;
	s->faults += !permitted;
	return permitted ? 0 : -EFAULT;
}

static void read_word(struct sequence *s, unsigned int page, unsigned int word)
{
	const struct seq_page *p = &s->space[s->now].page[page];
	int want = expected(s, p, VM_ACCESS);
	u64 val = 0;

	if (agrees(s, "read", page, user_read64(word_addr(page, word), &val), want) && !want)
		agrees(s, "word", page, val, p->word[word]);
}

static void write_word(struct sequence *s, unsigned int page, unsigned int word)
{
	struct seq_page *p = &s->space[s->now].page[page];
	int want = expected(s, p, VM_WRITE);
	u64 val = ++s->last;

	if (agrees(s, "write", page, user_write64(word_addr(page, word), val), want) && !want)
		p->word[word] = val;
}

/*
 * Exchanged, or compared with what is not there; this only where it may be written, since what
 * comes of it elsewhere is the ISA's: some have stored nothing when they find that.
 */
static void exchange_word(struct sequence *s, unsigned int page, unsigned int word)
{
	struct seq_page *p = &s->space[s->now].page[page];
	int want = expected(s, p, VM_WRITE);
	bool right = (take(s) & 1) || !(p->prot & VM_WRITE);
	u64 val = ++s->last, found = 0;
	int ret = user_cmpxchg64(word_addr(page, word), right ? p->word[word] : val, val, &found);

	if (!agrees(s, "cmpxchg", page, ret, want) || want)
		return;
	agrees(s, "word found", page, found, p->word[word]);
	if (right)
		p->word[word] = val;
}

/* ---- operations ---- */

/* A byte says which page and which word of it. */
static unsigned int take_page(struct sequence *s, unsigned int *word)
{
	unsigned int byte = take(s);

	*word = byte / PAGES % WORDS;
	return byte % PAGES;
}

/* Two bytes say from which page on, and how many: often few, now and then all to the end. */
static unsigned int take_range(struct sequence *s, unsigned int *nr)
{
	unsigned int first = take(s) % PAGES, byte;

	byte = take(s);
	*nr = 1 + byte % (byte < 192 ? MIN(8U, PAGES - first) : PAGES - first);
	return first;
}

static unsigned long take_prot(struct sequence *s)
{
	static const unsigned long prots[] = { RW, RW, RW, VM_READ, RW | VM_EXEC, VM_EXEC, 0 };

	return prots[take(s) % ARRAY_SIZE(prots)];
}

static void op_read(struct sequence *s)
{
	unsigned int word, page = take_page(s, &word);

	read_word(s, page, word);
}

static void op_write(struct sequence *s)
{
	unsigned int word, page = take_page(s, &word);

	write_word(s, page, word);
}

static void op_exchange(struct sequence *s)
{
	unsigned int word, page = take_page(s, &word);

	exchange_word(s, page, word);
}

static void map_pages(struct sequence *s, unsigned int first, unsigned int nr, unsigned long prot)
{
	unsigned long addr = word_addr(first, 0);

	if (!agrees(s, "mmap", first, sys_mmap(addr, nr * PAGE_SIZE, prot), addr))
		return;
	for (unsigned int i = first; i < first + nr; i++)
		s->space[s->now].page[i] = (struct seq_page){ .prot = prot, .mapped = true };
}

static void op_map(struct sequence *s)
{
	unsigned int nr, first = take_range(s, &nr);

	map_pages(s, first, nr, take_prot(s));
}

static void op_unmap(struct sequence *s)
{
	unsigned int nr, first = take_range(s, &nr);

	if (!agrees(s, "munmap", first, sys_munmap(word_addr(first, 0), nr * PAGE_SIZE), 0))
		return;
	for (unsigned int i = first; i < first + nr; i++)
		s->space[s->now].page[i] = (struct seq_page){ 0 };
}

/* What lies before a hole is changed. */
static void op_protect(struct sequence *s)
{
	unsigned int nr, first = take_range(s, &nr), i;
	unsigned long prot = take_prot(s);
	struct seq_page *page = s->space[s->now].page;
	int ret = sys_mprotect(word_addr(first, 0), nr * PAGE_SIZE, prot);

	for (i = first; i < first + nr && page[i].mapped; i++)
		page[i].prot = prot;
	agrees(s, "mprotect", first, ret, i < first + nr ? -ENOMEM : 0);
}

/* Of the space that the thread is in, or of another. */
static struct mm_struct *take_mm(struct sequence *s)
{
	struct mm_struct *mm = s->space[take(s) % SPACES].mm;

	return mm ? mm : s->space[s->now].mm;
}

/* Whether there is a page, and one that may go, is nothing that memory shows. */
static void op_swap_out(struct sequence *s)
{
	unsigned int word, page = take_page(s, &word);

	page_swap_out(take_mm(s), word_addr(page, word));
}

static void op_migrate(struct sequence *s)
{
	unsigned int word, page = take_page(s, &word);

	page_migrate(take_mm(s), word_addr(page, word));
}

static void op_reclaim(struct sequence *s)
{
	reclaim_pages(1 + take(s) % 8);
}

/* ---- spaces ---- */

static void enter(struct sequence *s, unsigned int space)
{
	space_switch(s->space[space].mm);
	s->now = space;
}

static void op_fork(struct sequence *s)
{
	unsigned int child = take(s) % SPACES;
	struct seq_space *c = &s->space[child];

	if (c->mm)
		return;
	c->mm = dup_mm(s->space[s->now].mm);
	if (!c->mm) {
		s->nomem = true;
		return;
	}
	s->forks++;
	memcpy(c->page, s->space[s->now].page, sizeof(c->page));
}

static void op_switch(struct sequence *s)
{
	unsigned int space = take(s) % SPACES;

	if (s->space[space].mm)
		enter(s, space);
}

/* The last space stays. */
static void op_exit(struct sequence *s)
{
	unsigned int space = take(s) % SPACES, other = 0;

	while (other < SPACES && (other == space || !s->space[other].mm))
		other++;
	if (!s->space[space].mm || other == SPACES)
		return;
	if (s->now == space)
		enter(s, other);
	mmput(s->space[space].mm);
	s->space[space].mm = NULL;
}

/* ---- sequences ---- */

static void (*const ops[])(struct sequence *s) = {
	op_read,     op_read,	op_read, op_write,    op_write,	  op_write,   op_write,
	op_exchange, op_map,	op_map,	 op_unmap,    op_protect, op_fork,    op_fork,
	op_switch,   op_switch, op_exit, op_swap_out, op_migrate, op_reclaim,
};

static void check_space(struct sequence *s, unsigned int space)
{
	struct mm_struct *mm = s->space[space].mm;

	enter(s, space);
	for (unsigned int i = 0; i < PAGES * WORDS && goes_on(s); i++)
		read_word(s, i / WORDS, i % WORDS);
	down_read(&mm->mmap_sem);
	mm_check(mm);
	up_read(&mm->mmap_sem);
}

static bool begin(struct sequence *s, const u8 *bytes, size_t n)
{
	*s = (struct sequence){ .next = bytes, .end = bytes + n };
	s->space[0].mm = mm_alloc();
	if (!s->space[0].mm)
		return false;
	use_mm(s->space[0].mm);
	map_pages(s, 0, PAGES, RW);
	return true;
}

static void end(struct sequence *s)
{
	unuse_mm();
	for (unsigned int i = 0; i < SPACES; i++)
		if (s->space[i].mm)
			mmput(s->space[i].mm);
}

const char *sequence_run(const u8 *bytes, size_t n)
{
	struct sequence *s = &seq;

	if (!begin(s, bytes, n))
		return NULL;
	for (; s->next < s->end && goes_on(s); s->step++)
		ops[take(s) % ARRAY_SIZE(ops)](s);
	for (unsigned int i = 0; i < SPACES && goes_on(s); i++)
		if (s->space[i].mm)
			check_space(s, i);
	end(s);
	return s->why[0] ? s->why : NULL;
}

/* ---- random ones ---- */

static const char *run_random(struct test *t)
{
	static u8 bytes[BYTES_MAX];
	size_t n = 1 + rng_below(&t->rng, BYTES_MAX);

	for (size_t i = 0; i < n; i++)
		bytes[i] = rng_next(&t->rng);
	test_check(t);
	return sequence_run(bytes, n);
}

static void test_sequence(struct test *t)
{
	unsigned long accesses = 0, faults = 0, forks = 0, nomem = 0;
	const char *why = NULL;
	struct mm_balance b;

	balance_begin(t, &b);
	for (unsigned int i = 0; i < SEQUENCES && !why; i++) {
		why = run_random(t);
		accesses += seq.accesses;
		faults += seq.faults;
		forks += seq.forks;
		nomem += seq.nomem;
	}
	if (why)
		test_fail(t, "%s", why);
	EXPECT_MSG(t, why || (faults && faults < accesses / 2 && forks && nomem < SEQUENCES / 2),
		   "%lu accesses, %lu of them faults, %lu forks; %lu times no memory", accesses,
		   faults, forks, nomem);
	test_record(t, "\"accesses\":%lu,\"faults\":%lu,\"forks\":%lu,\"nomem\":%lu", accesses,
		    faults, forks, nomem);
	reclaim_wait_idle();
	expect_slots(t, 0);
	balance_end(t, &b);
}
TEST(mm, sequence, TEST_ASSERT, test_sequence);

/* The busted twin: fork leaves writable translations, by which a parent writes to its child. */
static void test_sequence_twin(struct test *t)
{
	const char *why = NULL;

	if (switches_missing(t))
		return;
	busted_set(BUSTED_FORK_NO_FLUSH);
	for (unsigned int i = 0; i < 4 * SEQUENCES && !why; i++)
		why = run_random(t);
	busted_clear(BUSTED_FORK_NO_FLUSH);
	EXPECT_MSG(t, why, "the busted twin was not caught");
}
TEST(mm, sequence_twin, TEST_ASSERT, test_sequence_twin);
