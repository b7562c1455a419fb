/* SPDX-License-Identifier: GPL-2.0-only */
/* The reader of device trees: what it accepts must bear everything that can be asked. */
#include <stdlib.h>

#include "fuzz.h"

#include <lib/fdt.h>
#include <test/test.h>

#include "../../library/fdt_builder.h"
#include "../../library/guarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *blob = fuzz_copy(data, size);
	const char *err = NULL, *wrong = NULL;
	struct fdt f;

	guarded_thorough = true;
	if (fdt_open(&f, blob, size, &err) == 0)
		wrong = fdtb_exercise(&f);
	else if (!err)
		wrong = "refused without a reason";
	if (wrong)
		fuzz_wrong(wrong);
	free(blob);
	return 0;
}
