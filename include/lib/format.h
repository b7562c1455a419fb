/* SPDX-License-Identifier: GPL-2.0-only */
/* Formatted text. */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* Format into @buf, always terminated. Returns the length it would have had. %p prints 0x + hex. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
