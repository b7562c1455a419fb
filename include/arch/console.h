/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Console output: the contract.
 */
#pragma once

#include <lib/types.h>

/*
 * Find the console (device tree stdout-path, SBI, OPAL, BIOS data area) and make it usable.
 * Called by arch_discover() as early as it can be; printk keeps its text until then.
 * Returns 0, or a negative errno (printk then keeps on buffering).
 */
int arch_console_init(void);

/*
 * Write @len bytes, waiting for the device. '\n' is sent as "\r\n".
 * Context: any, interrupts disabled, the caller holds the console lock (or is in a panic, which may
 * be before arch_console_init(): by whatever needs nothing of that).
 */
void arch_console_write(const char *s, size_t len);
