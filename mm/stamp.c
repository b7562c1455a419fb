/* SPDX-License-Identifier: GPL-2.0-only */
/* Content stamps: see the header. */
#include <kernel/detect.h>
#include <mm/fault.h>
#include <mm/page.h>
#include <mm/stamp.h>

#define OWNER_BITS 16
#define SEQ_BITS   20
#define PAGE_BITS  28

static const unsigned int stamp_offset[] = { 0, PAGE_SIZE / 2, PAGE_SIZE - sizeof(u64) };
/* Xored to the stamp at each place: arbitrary, with none of them 0. */
static const u64 stamp_mask[] = { 0x5bd1e995a6c3f00dULL, 0x9e3779b97f4a7c15ULL,
				  0xc2b2ae3d27d4eb4fULL };

static u64 stamp_encode(const struct stamp *s)
{
	u64 page = (s->addr >> PAGE_SHIFT) & ((1ULL << PAGE_BITS) - 1);

	return (u64)(s->owner & ((1U << OWNER_BITS) - 1)) << (SEQ_BITS + PAGE_BITS) |
	       (u64)(s->seq & ((1U << SEQ_BITS) - 1)) << PAGE_BITS | page;
}

static struct stamp stamp_decode(u64 word)
{
	return (struct stamp){
		.owner = word >> (SEQ_BITS + PAGE_BITS),
		.seq = word >> PAGE_BITS & ((1U << SEQ_BITS) - 1),
		.addr = (word & ((1ULL << PAGE_BITS) - 1)) << PAGE_SHIFT,
	};
}

static u64 stamp_word(const struct stamp *s, unsigned int place)
{
	return s->seq ? stamp_encode(s) ^ stamp_mask[place] : 0;
}

int stamp_write(const struct stamp *s)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(stamp_offset); i++) {
		int err = user_write64(s->addr + stamp_offset[i], stamp_word(s, i));

		if (err)
			return err;
	}
	return 0;
}

int stamp_check(const struct stamp *s, struct stamp_found *found)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(stamp_offset); i++) {
		u64 expected = stamp_word(s, i), raw = ~expected;
		int err = user_read64(s->addr + stamp_offset[i], &raw);

		if (err)
			return err;
		if (raw == expected)
			continue;
		*found = (struct stamp_found){
			.addr = s->addr + stamp_offset[i],
			.raw = raw,
			.expected = expected,
			.stamp = stamp_decode(raw ^ stamp_mask[i]),
		};
		return STAMP_WRONG;
	}
	return 0;
}

void stamp_report(const struct stamp *s, const struct stamp_found *f)
{
	detect(DETECT_STAMP, NULL,
	       "%llx at %lx (owner %u turn %u page %lx) instead of owner %u turn %u",
	       (unsigned long long)f->raw, f->addr, f->stamp.owner, f->stamp.seq,
	       f->stamp.addr >> PAGE_SHIFT, s->owner, s->seq);
}

bool stamp_fits_page(const struct page *page)
{
	const char *p = page_address(page);
	u64 first = *(const u64 *)p;
	struct stamp s = stamp_decode(first ^ stamp_mask[0]);

	if (!first)
		s.seq = 0;
	else if (((s.addr >> PAGE_SHIFT) ^ page->index) & ((1ULL << PAGE_BITS) - 1))
		return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(stamp_offset); i++)
		if (*(const u64 *)(p + stamp_offset[i]) != stamp_word(&s, i))
			return false;
	return true;
}
