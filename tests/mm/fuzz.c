/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequences of operations on address spaces (test/sequence.h) that a fuzzer of the host makes up:
 * `make fuzz FUZZ=mm` (test/mailbox.h). By name only, and on a hosted kernel only.
 */
#include <arch/barrier.h>
#include <kernel/boot.h>
#include <kernel/coverage.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>
#include <test/mailbox.h>
#include <test/sequence.h>
#include <test/test.h>

static u32 next_input(struct mailbox *m, u32 last)
{
	u32 asked;

	/* acquire: pairs with the release of the host's fuzzer; the input after `asked`;
	 * tests: litmus.MP+rel+acq */
	spin_until_awake("the fuzzer's next input", (asked = smp_load_acquire(&m->asked)) != last);
	return asked;
}

static void run_input(struct mailbox *m)
{
	static u8 bytes[MAILBOX_DATA_MAX];
	size_t n = MIN(m->size, (u32)MAILBOX_DATA_MAX);
	const char *why;

	memcpy(bytes, m->data, n);
	coverage_begin(m->covered, MAILBOX_COVERED);
	why = sequence_run(bytes, n);
	coverage_end();
	m->wrong = why != NULL;
	strscpy(m->why, why ? why : "", sizeof(m->why));
}

static void test_fuzz(struct test *t)
{
	struct mailbox *m = boot_info.mailbox;
	u32 input = 0, runs = 0;

	if (!m) {
		test_skip(t, "no fuzzer feeds this kernel: make fuzz FUZZ=mm");
		return;
	}
	while ((input = next_input(m, input)) != MAILBOX_END) {
		run_input(m);
		EXPECT_MSG(t, !m->wrong, "%s", m->why);
		runs++;
		/* release: pairs with the acquire of the host's fuzzer; the answer before `done`;
		 * tests: litmus.MP+rel+acq */
		smp_store_release(&m->done, input);
	}
	test_check(t);
	test_record(t, "\"runs\":%u", runs);
}
TEST(mm, fuzz, TEST_ASSERT, test_fuzz, .flags = TEST_MANUAL);
