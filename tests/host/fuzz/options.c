/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot line, on an option of each kind. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include <lib/options.h>

#define NUMBER_MAX 1000
#define TIME_MAX   5000000000ULL

static u64 number = 1, any_number, time = 1;
static char text[OPT_STRING_MAX], chosen[OPT_STRING_MAX] = "none", checked[OPT_STRING_MAX] = "a";
static bool flag;

static bool starts_with_a(const char *value)
{
	return value[0] == 'a';
}

OPTION(fuzz_number, "number", OPT_U64, &number, 1, NUMBER_MAX, "a number");
OPTION(fuzz_any, "any", OPT_U64, &any_number, 0, 0, "any number");
OPTION(fuzz_time, "time", OPT_TIME, &time, 1, TIME_MAX, "a time");
OPTION(fuzz_flag, "flag", OPT_BOOL, &flag, 0, 0, "a flag");
OPTION(fuzz_text, "text", OPT_STRING, text, 0, 0, "any text");
OPTION_CHOICE(fuzz_chosen, "chosen", chosen, "auto|none|uart-*", "one of these");
OPTION_CHECKED(fuzz_checked, "checked", checked, starts_with_a, "begins with an a");

/* Whatever the line says, an option holds what it may hold. */
static void check_values(void)
{
	if (number < 1 || number > NUMBER_MAX || time < 1 || time > TIME_MAX)
		fuzz_wrong("a number beyond its limits");
	if (strnlen(text, sizeof(text)) == sizeof(text) || !starts_with_a(checked))
		fuzz_wrong("a text that the option does not take");
	if (strcmp(chosen, "auto") && strcmp(chosen, "none") && strncmp(chosen, "uart-", 5))
		fuzz_wrong("none of the choices");
}

/* What is said of a line can be printed. */
static void check_error(const char *err)
{
	for (; *err; err++)
		if (!isprint((unsigned char)*err))
			fuzz_wrong("an error that forges a line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);

	memcpy(line, data, size);
	line[size] = '\0';
	options_have_word(line, "earlycon");
	if (options_parse(line) && !*options_first_error())
		fuzz_wrong("refused without a reason");
	check_error(options_first_error());
	check_values();
	free(line);
	return 0;
}
