/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console is the firmware's: its debug console (SBI 2.0, chapter 12), or else the legacy call
 * for one character (chapter 5). Both work before any device tree is read and on any tables.
 */
#include <arch/console.h>
#include <lib/compiler.h>
#include <lib/string.h>
#include <mm/address.h>

#include "port.h"

static bool have_dbcn;

int arch_console_init(void)
{
	have_dbcn = sbi_probe(SBI_EXT_DBCN);
	return 0;
}

/* Firmware takes physical addresses and text may stand on a mapped stack: hence a copy. */
static void write_dbcn(const char *s, size_t len)
{
	static char buf[256];

	while (len) {
		size_t n = 0, done = 0;

		while (len && n + 2 <= sizeof(buf)) {
			if (*s == '\n')
				buf[n++] = '\r';
			buf[n++] = *s++;
			len--;
		}
		while (done < n) {
			struct sbi_ret r = sbi_call(SBI_EXT_DBCN, SBI_DBCN_WRITE, n - done,
						    __pa(buf + done), 0, 0);

			if (r.error)
				return;
			done += r.value;
		}
	}
}

static void putchar_legacy(char c)
{
	sbi_call(SBI_EXT_LEGACY_PUTCHAR, 0, (u8)c, 0, 0, 0);
}

void arch_console_write(const char *s, size_t len)
{
	if (have_dbcn) {
		write_dbcn(s, len);
		return;
	}
	for (; len; s++, len--) {
		if (*s == '\n')
			putchar_legacy('\r');
		putchar_legacy(*s);
	}
}
