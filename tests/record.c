/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines for programs and their check sums: see the header. Each is put together in a buffer and
 * written whole. There are two of them: CPU 0's, and that of the one CPU that aborts the run, while
 * CPU 0 may be at its own.
 */
#include <kernel/printk.h>
#include <lib/crc32.h>
#include <lib/format.h>
#include <lib/string.h>
#include <test/record.h>
#include <test/test.h>
#include <test/unattended.h>

#define LINE_SIZE (TEST_DETAIL_MAX + 4096)
#define TAIL_SIZE 256 /* of a line: kept for what follows its text */
#define SUM_SIZE  16  /* of the tail: the digits and what closes the line */

static char *line_begin(void)
{
	static char lines[2][LINE_SIZE];

	return lines[printk_is_emergency_cpu()];
}

/* The text of a line, cut where it leaves no room for the tail; its length. */
static size_t line_text(char *line, const char *fmt, va_list ap)
{
	int n = vsnprintf(line, LINE_SIZE - TAIL_SIZE, fmt, ap);

	return MIN(n, LINE_SIZE - TAIL_SIZE - 1);
}

void json_escape(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	for (; *src && n + 7 < size; src++) {
		unsigned char c = *src;

		if (c == '"' || c == '\\')
			n += snprintf(dst + n, size - n, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			n += snprintf(dst + n, size - n, "\\u%04x", c);
		else
			dst[n++] = c;
	}
	dst[n] = '\0';
}

void say(const char *fmt, ...)
{
	char *line = line_begin();
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = line_text(line, fmt, ap);
	va_end(ap);
	line[n++] = '\n';
	console_raw(line, n);
}

void say_record(const char *again, const char *fmt, ...)
{
	char *line = line_begin();
	va_list ap;
	size_t n;
	int tail;

	va_start(ap, fmt);
	n = line_text(line, fmt, ap);
	va_end(ap);
	tail = snprintf(line + n, TAIL_SIZE - SUM_SIZE, ",\"check\":\"%s", again);
	n += MIN(tail, TAIL_SIZE - SUM_SIZE - 1);
	n += snprintf(line + n, LINE_SIZE - n, "%08x\"}\n", crc32(line, n));
	console_raw(line, n);
	keep_line(line, n);
}

void say_ktap(const char *fmt, ...)
{
	char *line = line_begin();
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = line_text(line, fmt, ap);
	va_end(ap);
	n += snprintf(line + n, LINE_SIZE - n, " # sum %08x\n", crc32(line, n));
	console_raw(line, n);
	keep_line(line, n);
}
