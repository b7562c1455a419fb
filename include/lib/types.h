/* SPDX-License-Identifier: GPL-2.0-only */
/* Fixed-width integers and the few types that every part of the kernel shares. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

typedef u64 phys_addr_t; /* address on the bus, never dereferenced */
typedef long ssize_t;
