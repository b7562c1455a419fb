/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * OPAL, the firmware's run-time interface (skiboot, doc/opal-api): calls by token, in real mode,
 * with physical addresses and big-endian data.
 */
#pragma once

#define OPAL_CONSOLE_WRITE	 1
#define OPAL_CEC_POWER_DOWN	 5
#define OPAL_CEC_REBOOT		 6
#define OPAL_POLL_EVENTS	 10
#define OPAL_START_CPU		 41
#define OPAL_REINIT_CPUS	 70
#define OPAL_CHECK_TOKEN	 80
#define OPAL_HANDLE_HMI		 98
#define OPAL_CONSOLE_FLUSH	 117
#define OPAL_SIGNAL_SYSTEM_RESET 145

#define OPAL_SUCCESS	0
#define OPAL_BUSY	-2
#define OPAL_PARTIAL	-3
#define OPAL_BUSY_EVENT -12

/* OPAL_REINIT_CPUS */
#define OPAL_REINIT_BE	  0x1
#define OPAL_REINIT_RADIX 0x8

#ifndef __ASSEMBLY__

#include <lib/types.h>

/* Where firmware is: from the entry registers, or the device tree. Physical. */
struct opal_entry {
	u64 base, entry;
};
extern struct opal_entry opal;

/*
 * Call firmware. Arguments that the call does not have are ignored. Any context; interrupts are off
 * on this CPU meanwhile. Returns OPAL's status.
 */
s64 opal_call(u64 token, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);

/* The same, polling firmware's events and calling again while it is busy. */
s64 opal_call_wait(u64 token, u64 a0, u64 a1, u64 a2);

/* Does firmware know this call? */
bool opal_has(u64 token);

#endif
