/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CRC-32, bit by bit (ISO 3309; W. W. Peterson, D. T. Brown: "Cyclic Codes for Error Detection",
 * 1961): a line of the console takes longer to send than to sum up, so that no table is needed.
 */
#include <lib/crc32.h>

#define CRC32_POLYNOMIAL 0xedb88320u /* of IEEE 802.3, 3.2.9, the lowest bit first */

u32 crc32(const void *data, size_t len)
{
	const u8 *p = data;
	u32 crc = ~0u;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32_POLYNOMIAL : 0);
	}
	return ~crc;
}
