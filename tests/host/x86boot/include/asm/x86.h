/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: behind the ports are the devices of tests/host/x86boot/pci.c. */
#pragma once

#include <lib/types.h>

u32 x86_inl(u16 port);
void x86_outl(u16 port, u32 val);
