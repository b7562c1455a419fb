/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot line inside the image, for firmware that passes none on (a PNOR chip, a UEFI stick,
 * OpenSBI's payload). Empty as built: tools/fp/images/line.py writes it behind the mark, in the ELF
 * file or in the flat image. It stands in .data, and is volatile, so that no compiler believes that
 * it is empty. The mark in front of it stays in the file, and so occurs nowhere else.
 */
#include <kernel/boot.h>
#include <lib/compiler.h>
#include <lib/string.h>

#define MARK "FENCEPOST-LINE=\n"
#define ROOM 1024

static volatile struct {
	char mark[sizeof(MARK) - 1];
	char line[ROOM];
} built_in __section(".data.built_in_line") __used = { .mark = MARK };

const char *boot_built_in_line(void)
{
	static char line[ROOM];

	for (size_t i = 0; i < ROOM - 1; i++)
		line[i] = built_in.line[i];
	return line;
}

const char *boot_early_line(void)
{
	const char *line = boot_built_in_line();

	if (*line)
		return line;
	return boot_handover.nr_memory ? boot_handover.line : NULL;
}

void boot_use_built_in_line(void)
{
	const char *line = boot_built_in_line();

	if (*line)
		boot_set_cmdline(line, ROOM);
}
