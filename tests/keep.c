/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The results of a run, as they were said, to be said again. They lie in one block of memory, taken
 * before the first test and never given back; what does not fit is said once only.
 */
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/gfp.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <test/unattended.h>

#define KEEP_SIZE 0x100000 /* results of some two thousand tests */

/* Of who may say a line: CPU 0, or the one CPU that ends the run. */
static char *kept;
static size_t kept_len;
static unsigned int kept_not; /* lines that did not fit */

void keep_init(void)
{
	kept = alloc_pages_exact(KEEP_SIZE, PAGE_SIZE, GFP_KERNEL);
	if (!kept)
		pr_warn("again=: there is no memory to keep results in\n");
}

void keep_line(const char *line, size_t len)
{
	if (!kept)
		return;
	if (len > KEEP_SIZE - kept_len) {
		kept_not++;
		return;
	}
	memcpy(kept + kept_len, line, len);
	kept_len += len;
}

void keep_say_again(void)
{
	const char *line = kept, *end = kept + kept_len;

	while (line < end) {
		size_t len = 0;

		while (line[len++] != '\n')
			;
		console_raw(line, len);
		line += len;
	}
	if (kept_not)
		printk("%u lines did not fit and are not said again\n", kept_not);
}
