/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that a host program shares with a hosted kernel (boot_info.mailbox), to have it run inputs
 * one after the other: the fuzzer (tests/host/fuzz/mm.c), which includes this file too, and the
 * test mm.fuzz. Each side polls; an input is the kernel's from `asked` to `done`.
 *
 *	fuzzer				kernel
 *	data, size
 *	asked = n (release)
 *					asked == n (acquire)
 *					runs it: covered, wrong, why
 *					done = n (release)
 *	done == n (acquire)
 */
#pragma once

#define MAILBOX_DATA_MAX 4096
#define MAILBOX_COVERED	 65536
#define MAILBOX_END	 0xffffffffU /* asked: there is no more */

struct mailbox {
	/* What the kernel's code did, a counter for each place in it; mapped alone, too. */
	unsigned char covered[MAILBOX_COVERED];
	unsigned int asked, done;
	unsigned int size;  /* of the input */
	unsigned int wrong; /* the kernel's answer: was anything? */
	char why[256];	    /* and what */
	unsigned char data[MAILBOX_DATA_MAX];
};
