/* SPDX-License-Identifier: GPL-2.0-only */
/* Failure injection: decisions from a hash of seed, site, stream and count. */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/fail.h>
#include <kernel/fixture.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <lib/options.h>

static u64 boot_one_in[NR_FAIL_SITES];
OPTION(fail_page, "fail_page", OPT_U64, &boot_one_in[FAIL_PAGE], 0, ~0ULL,
       "let one page allocation in this many fail");
OPTION(fail_slab, "fail_slab", OPT_U64, &boot_one_in[FAIL_SLAB], 0, ~0ULL,
       "let one slab allocation in this many fail");

u32 fail_armed; /* lockless, ordered by nothing: who sees it late fails late */

static struct fail_setting {
	u64 one_in, seed;
	u32 epoch; /* counts calls of fail_inject(): streams of an older one begin again */
	u64 count; /* atomic */
} settings[NR_FAIL_SITES];

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static u64 mix(u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* FNV-1a of the name (Fowler, Noll, Vo). */
static u64 stream_of_name(const char *name)
{
	u64 h = 0xcbf29ce484222325ULL;

	for (; *name; name++)
		h = (h ^ (u8)*name) * 0x100000001b3ULL;
	return h;
}

bool fail_decide(enum fail_site site)
{
	struct fail_setting *f = &settings[site];
	unsigned long flags = arch_irq_save();
	struct fail_stream *s = &current->fail;
	u64 id = s->id ? s->id : stream_of_name(current->name);
	u64 n, one_in = READ_ONCE(f->one_in);

	if (s->epoch[site] != READ_ONCE(f->epoch)) {
		s->epoch[site] = READ_ONCE(f->epoch);
		s->n[site] = 0;
	}
	n = s->n[site]++;
	arch_irq_restore(flags);
	if (!one_in || mix(mix(mix(f->seed + site) + id) + n) % one_in)
		return false;
	fetch_add_relaxed(&f->count, 1);
	return true;
}

void fail_inject(enum fail_site site, u64 one_in, u64 seed)
{
	struct fail_setting *f = &settings[site];
	u32 bit = 1U << site, old;

	WRITE_ONCE(f->one_in, one_in);
	WRITE_ONCE(f->seed, seed);
	WRITE_ONCE(f->count, 0);
	WRITE_ONCE(f->epoch, f->epoch + 1);
	do
		old = READ_ONCE(fail_armed);
	while (cmpxchg(&fail_armed, old, one_in ? old | bit : old & ~bit) != old);
}

/*
 * What the boot line asks for, before each test: boot does not suffer, and no test inherits the
 * setting of another.
 */
static void fail_inject_boot_line(u64 seed)
{
	for (unsigned int site = 0; site < NR_FAIL_SITES; site++)
		fail_inject(site, boot_one_in[site], seed);
}

static const char *fail_describe(void)
{
	static char text[64];

	snprintf(text, sizeof(text), "page:%llu slab:%llu",
		 (unsigned long long)boot_one_in[FAIL_PAGE],
		 (unsigned long long)boot_one_in[FAIL_SLAB]);
	return boot_one_in[FAIL_PAGE] || boot_one_in[FAIL_SLAB] ? text : NULL;
}
FIXTURE(failures, .begin = fail_inject_boot_line, .describe = fail_describe);

void fail_stream_set(u64 id)
{
	unsigned long flags = arch_irq_save();
	struct fail_stream *s = &current->fail;

	s->id = id;
	for (unsigned int site = 0; site < NR_FAIL_SITES; site++)
		s->n[site] = 0;
	arch_irq_restore(flags);
}

u64 fail_count(enum fail_site site)
{
	return READ_ONCE(settings[site].count);
}
