/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address sanitizer's shadow of all that the kernel has. It begins behind the part of the
 * address space that <asm/memory.h> lays out; ASAN_SHADOW_OFFSET is the compiler's too (arch.mk).
 */
#pragma once

#include <asm/memory.h>

#define ASAN_BEGIN	   KIMAGE_BASE
#define ASAN_END	   (VMAP_BASE + VMAP_SIZE)
#define ASAN_SHADOW	   0x0000003a00000000
#define ASAN_SHADOW_OFFSET (ASAN_SHADOW - (ASAN_BEGIN >> 3))
