/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before everything in the kernel's own sources: their string functions get names of their
 * own, so that they are what is tested, and the sanitizers' run-time library keeps the C library's.
 */
#pragma once

#define memcpy	  kernel_memcpy
#define memmove	  kernel_memmove
#define memset	  kernel_memset
#define memcmp	  kernel_memcmp
#define strlen	  kernel_strlen
#define strnlen	  kernel_strnlen
#define strcmp	  kernel_strcmp
#define strncmp	  kernel_strncmp
#define strchr	  kernel_strchr
#define snprintf  kernel_snprintf
#define vsnprintf kernel_vsnprintf
