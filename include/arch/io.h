/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device registers in memory: the contract. One access of this width each, little-endian, to a
 * mapping of PROT_DEVICE, by which accesses to one device keep their order. A port whose console is
 * no driver of drivers/ needs none of it.
 */
#pragma once

#include <lib/types.h>

static inline u8 mmio_read8(const volatile void *p);
static inline u16 mmio_read16(const volatile void *p);
static inline u32 mmio_read32(const volatile void *p);
static inline void mmio_write8(volatile void *p, u8 v);
static inline void mmio_write16(volatile void *p, u16 v);
static inline void mmio_write32(volatile void *p, u32 v);

#include <asm/io.h>
