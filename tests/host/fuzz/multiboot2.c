/* SPDX-License-Identifier: GPL-2.0-only */
/* The reader of multiboot2's tags: what it hands on must lie in the list. */
#include <stdlib.h>

#include "fuzz.h"

#include <lib/multiboot2.h>

static void read_all(const struct multiboot2_info *info)
{
	struct multiboot2_range r;

	fuzz_read(info->cmdline, info->cmdline_len);
	fuzz_read(info->loader, info->loader_len);
	for (u32 i = 0; multiboot2_range(info, i, &r); i++)
		if (i > MULTIBOOT2_SIZE_MAX)
			fuzz_wrong("more ranges than a list can hold");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct multiboot2_info info;
	void *list = fuzz_copy(data, size);
	u32 len;

	if (size >= MULTIBOOT2_HEADER_SIZE) {
		len = multiboot2_size(list);
		if (len && len <= size && multiboot2_read(list, len, true, &info) == 0)
			read_all(&info);
	}
	free(list);
	return 0;
}
