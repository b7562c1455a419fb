/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PC's memory as a loader and a BIOS or UEFI have filled it, for arch/x86_64/loader.c,
 * firmware.c and pci.c; written byte by byte at the offsets of the specifications.
 */
#pragma once

#include "../check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of the C library; the kernel has its own. */
#undef __always_inline

#include <kernel/boot.h>

#include "../../../arch/x86_64/port.h"

#define MEMORY_SIZE 0x400000UL /* where the boot tables end: nothing behind it is mapped */

extern uint8_t *memory;

/* Everything zero, nothing known. */
void memory_clear(void);

void put(uint64_t at, uint64_t val, unsigned int bytes);
void put_text(uint64_t at, const char *s);

/* Make the sum of @len bytes zero by that at @at + @where. */
void put_sum(uint64_t at, unsigned int len, unsigned int where);

void test_loader(void);
void test_firmware(void);
void test_pci(void);
