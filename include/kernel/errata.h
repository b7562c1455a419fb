/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which known defects the CPUs have (arch/errata.h): kernel/errata.c. All but the
 * first is for the thread that runs the tests; texts are cut where they do not fit.
 */
#pragma once

#include <lib/types.h>

/* Each CPU, before it is online: look what it has, and switch work-arounds on. */
void errata_init_cpu(void);

/* Names of all that were found, with blanks between. */
void errata_names(char *buf, size_t size);

/* The next that was found, from @index on, as members of a JSON object; false: no more. */
bool errata_describe(unsigned int *index, char *buf, size_t size);

/* Names, separated by commas, of those that may spoil the results of test @name; "" for none. */
void errata_taint(const char *name, char *buf, size_t size);
