/* SPDX-License-Identifier: GPL-2.0-only */
/* The way up to kernel/debug/: see the header. */
#include <kernel/debug_ops.h>
#include <kernel/sync_point.h>

bool detect(enum detector d, const void *obj, const char *fmt, ...)
{
	bool contained;
	va_list ap;

	va_start(ap, fmt);
	contained =
		__debug_ops->detect(d, obj, (unsigned long)__builtin_return_address(0), fmt, ap);
	va_end(ap);
	return contained;
}

bool detect_trap_is_set(void)
{
	return __debug_ops->trap_is_set();
}
