/* SPDX-License-Identifier: GPL-2.0-only */
/* How a test that is a program of the host fails: at once, in one line of TAP. */
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			fail("%s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)

/* Each program's own: its name, and, behind " # ", what it was at, or nothing there. */
void fail_says(void);

static inline void __attribute__((__noreturn__, __unused__, __format__(__printf__, 1, 2)))
fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("not ok ");
	fail_says();
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	exit(1);
}
