/* SPDX-License-Identifier: GPL-2.0-only */
/* What the stub says, and what firmware's text says to it. Runs wherever firmware has loaded it. */
#include "efi.h"

void efi_say(struct efi_system_table *st, const char *s)
{
	for (; *s; s++) {
		u16 text[] = { (u8)*s, 0 };

		st->out->output_string(st->out, text);
	}
}

efi_status efi_refuse(struct efi_system_table *st, const char *why, efi_status status)
{
	efi_say(st, "# error: ");
	efi_say(st, why);
	efi_say(st, "\r\n");
	return status;
}

void efi_to_ascii(char *dst, size_t size, const u16 *text, size_t n)
{
	size_t i;

	for (i = 0; i < MIN(n, size - 1) && text[i]; i++) {
		if (text[i] < ' ' || text[i] > '~') {
			i = 0;
			break;
		}
		dst[i] = text[i];
	}
	dst[i] = '\0';
}
