/* SPDX-License-Identifier: GPL-2.0-only */
/* The scenes of tsc.c, for main.c. */
#pragma once

#include <lib/types.h>

/* Are two CPUs' time stamp counters found to be alike, or apart, as they are? Prints what fails. */
bool time_is_compared(void);
