/* SPDX-License-Identifier: GPL-2.0-only */
/* What both sanitizers ask before they report. */
#pragma once

#include <kernel/asan.h>
#include <kernel/busted.h>
#include <kernel/detect.h>
#include <kernel/panic.h>

/* Is somebody doing wrong on purpose? */
static inline bool san_is_silent(void)
{
	bool on_purpose = detect_trap_is_set() || planted_any() || READ_ONCE(bug_hook);

	return on_purpose && !READ_ONCE(san_in_traps);
}
