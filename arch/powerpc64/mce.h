/* SPDX-License-Identifier: GPL-2.0-only */
/* Machine checks and hypervisor maintenance: what they mean, and what is done about them. */
#pragma once

#include <lib/types.h>

struct mce {
	u64 code; /* the bit of DSISR, or the value of SRR1's bits */
	const char *what;
	bool drop_translations; /* that mends it */
};

/* Of the registers as the interrupt set them; the gravest if there are several. Never NULL. */
const struct mce *mce_decode(u64 srr1, u64 dsisr);

/*
 * In the interrupt, of the same: mend what can be mended, and have the record of the run say that
 * it happened. False: nothing can be done, and the run ends.
 */
bool mce_mend(u64 srr1, u64 dsisr);

/*
 * The same in a hypervisor maintenance interrupt: something was repaired, or asks for it, and
 * firmware knows what (skiboot, doc/opal-api, OPAL_HANDLE_HMI).
 */
bool hmi_mend(void);
