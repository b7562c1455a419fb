/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library's memory and string functions that we use, with their usual contracts. */
#pragma once

#include <lib/types.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

/* Copy with truncation, always terminated. Returns the length, or -E2BIG if it did not fit. */
ssize_t strscpy(char *dst, const char *src, size_t size);

/*
 * Copy at most @len characters of text from outside for a message: what a terminal or JSON would
 * interpret becomes '?'. Truncates, always terminated.
 */
void str_copy_printable(char *dst, size_t size, const char *src, size_t len);

/*
 * Does @s match @pattern, in which '*' is any text, '?' any character, [a-z] one of those and
 * [!a-z] one of all others?
 */
bool glob_match(const char *pattern, const char *s);

/* The same for any pattern of a list with commas between; one that is too long matches nothing. */
#define GLOB_IN_LIST_MAX 64
bool glob_list_match(const char *list, const char *s);

/* Unsigned number at @s, decimal or 0x hex; @end gets the first character that is not of it.
 * 0, -EINVAL (no digits) or -ERANGE. */
int parse_u64(const char *s, const char **end, u64 *val);
