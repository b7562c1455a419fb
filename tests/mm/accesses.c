/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accesses that may fault touch just what they are asked for: a byte and none beside it, all 64
 * bits of a word, and each of their instructions has its way out.
 */
#include <arch/access.h>
#include <kernel/trap.h>
#include <test/mm.h>
#include <test/reclaim.h>

#define LAST_WORD (TEST_ADDR + PAGE_SIZE - 8) /* nothing is mapped behind it */

static const union {
	u8 byte[8]; /* in the ISA's order */
	u64 word;
} is = { { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17 } };

/* A byte of the word that is written, then read, with the others as they were. */
static void expect_byte(struct test *t, unsigned int i)
{
	volatile u8 *p = (volatile u8 *)LAST_WORD + i;
	u64 word = 0;
	u8 val = 0;

	EXPECT(t, user_write64(LAST_WORD, is.word) == 0);
	EXPECT_MSG(t, probe_read(p, &val) == 0 && val == is.byte[i], "byte %u is read as %x", i,
		   val);
	EXPECT_MSG(t, probe_write(p, 0xa0 + i) == 0, "byte %u cannot be written", i);
	EXPECT(t, probe_read(p, &val) == 0 && val == 0xa0 + i);
	EXPECT(t, probe_write(p, is.byte[i]) == 0 && user_read64(LAST_WORD, &word) == 0);
	EXPECT_MSG(t, word == is.word, "byte %u: %llx is there", i, (unsigned long long)word);
}

static void expect_bytes(struct test *t)
{
	u8 val = 7;

	for (unsigned int i = 0; i < 8; i++)
		expect_byte(t, i);
	EXPECT(t, probe_read((u8 *)LAST_WORD + 8, &val) == -EFAULT && val == 7);
	EXPECT(t, probe_write((u8 *)LAST_WORD + 8, 0) == -EFAULT);
}

/* What differs in one bit differs: the lowest, the highest, those about the middle. */
static void expect_cmpxchg(struct test *t, unsigned int bit)
{
	u64 other = is.word ^ 1ULL << bit, found = 0, word = 0;

	EXPECT(t, user_write64(TEST_ADDR, is.word) == 0);
	EXPECT(t, user_cmpxchg64(TEST_ADDR, other, 1, &found) == 0);
	EXPECT_MSG(t, found == is.word, "bit %u: %llx was found", bit, (unsigned long long)found);
	EXPECT(t, user_read64(TEST_ADDR, &word) == 0 && word == is.word);
	EXPECT(t, user_cmpxchg64(TEST_ADDR, is.word, other, &found) == 0 && found == is.word);
	EXPECT_MSG(t, user_read64(TEST_ADDR, &word) == 0 && word == other, "bit %u: %llx was put",
		   bit, (unsigned long long)word);
}

/* Nothing there: the load faults. Read-only: the store, if that is an instruction of its own. */
static void expect_denied(struct test *t)
{
	u64 found = 0, word = 0;

	EXPECT(t, user_cmpxchg64(TEST_ADDR + PAGE_SIZE, 0, 1, &found) == -EFAULT);
	EXPECT(t, user_write64(TEST_ADDR, is.word) == 0);
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGE_SIZE, VM_READ) == 0);
	EXPECT(t, user_cmpxchg64(TEST_ADDR, is.word, 1, &found) == -EFAULT);
	EXPECT(t, probe_write((u8 *)TEST_ADDR, 0) == -EFAULT);
	EXPECT(t, user_read64(TEST_ADDR, &word) == 0 && word == is.word);
}

static void test_accesses(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	expect_bytes(t);
	expect_cmpxchg(t, 0);
	expect_cmpxchg(t, 31);
	expect_cmpxchg(t, 32);
	expect_cmpxchg(t, 63);
	expect_denied(t);
	space_end(mm);
	balance_end(t, &b);
}
TEST(mm, accesses, TEST_ASSERT, test_accesses);
