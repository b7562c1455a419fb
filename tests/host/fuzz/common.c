/* SPDX-License-Identifier: GPL-2.0-only */
/* What the targets share: fuzz.h. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *fuzz_copy(const void *data, size_t size)
{
	void *p = malloc(size);

	if (!p)
		abort();
	return memcpy(p, data, size);
}

void fuzz_wrong(const char *what)
{
	fprintf(stderr, "wrong: %s\n", what);
	abort();
}

void fuzz_read(const void *p, size_t size)
{
	const volatile uint8_t *b = p;

	for (size_t i = 0; i < size; i++)
		(void)b[i];
}
