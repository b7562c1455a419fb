/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong goes to whoever is registered: see the header. */
#include <lib/report.h>

#ifdef CONFIG_DEBUG
bool (*bug_hook)(struct bug_site *site);
#endif

void report_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	__report_ops->print(fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	__report_ops->panic(NULL, fmt, ap);
}

void panic_regs(struct pt_regs *regs, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	__report_ops->panic(regs, fmt, ap);
}
