/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address sanitizer's shadow: the contract of a port that has room for it, and so sets
 * ASAN_SHADOW_OFFSET in its arch.mk (kernel/debug/san/address.c).
 *
 * ASAN_BEGIN to ASAN_END: the addresses that have a shadow, a byte for eight. That of address a is
 * at (a >> 3) + ASAN_SHADOW_OFFSET. All of it is there, and zero, before the first function runs
 * that is compiled with the sanitizer; the port itself is not.
 */
#pragma once

#include <asm/shadow.h>
