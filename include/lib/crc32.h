/* SPDX-License-Identifier: GPL-2.0-only */
/* Check sums of text that may be damaged on its way. */
#pragma once

#include <lib/types.h>

/*
 * CRC-32 of ISO 3309 and Ethernet (reflected polynomial 0xedb88320), which zlib's crc32() computes
 * too. Any context.
 */
u32 crc32(const void *data, size_t len);
