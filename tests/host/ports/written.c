/* SPDX-License-Identifier: GPL-2.0-only */
/* What a console's model got of what was written, for the ports whose console is firmware's. */
#include "ports.h"

#include <arch/console.h>

char line[8192];
size_t sent;

void write_and_expect(const char *text, size_t len)
{
	char want[4096];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			want[n++] = '\r';
		want[n++] = text[i];
	}
	arch_console_write(text, len);
	if (sent != n || memcmp(line, want, n))
		fail("%zu characters of %zu arrive, or others", sent, n);
}
