/* SPDX-License-Identifier: GPL-2.0-only */
/* Assertions that are made to look at what is not so: see kernel/sched.h. */
#include <kernel/sched.h>
#include <lib/string.h>

#ifdef CONFIG_DEBUG
bool assert_denied(const char *what)
{
	const char *denies = current->denies;

	return unlikely(denies) && !strcmp(denies, what);
}
#endif
