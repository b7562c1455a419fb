/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and string functions. The compiler calls memcpy(), memmove(), memset() and memcmp() on its
 * own, also from code that runs before the final page tables; so nothing here touches a word that
 * is not aligned (arm64 faults on those while the MMU is off, riscv64 may trap to firmware), and
 * nothing uses other than general registers.
 *
 * OPTIMIZER_HIDE_VAR() in a loop keeps the compiler from recognising the loop as the very function
 * it belongs to and replacing it by a call to itself.
 */
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/string.h>

#define WORD sizeof(unsigned long)

static bool words_aligned(const void *a, const void *b)
{
	return (((unsigned long)a | (unsigned long)b) & (WORD - 1)) == 0;
}

/* Can both become word-aligned by the same number of single bytes? */
static bool words_in_step(const void *a, const void *b)
{
	return (((unsigned long)a ^ (unsigned long)b) & (WORD - 1)) == 0;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if (n >= 2 * WORD && words_in_step(d, s)) {
		for (; !words_aligned(d, s); n--) {
			OPTIMIZER_HIDE_VAR(d);
			*d++ = *s++;
		}
		/* Pages are copied by this: eight words a round. */
		for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD, s += 8 * WORD) {
			unsigned long *to = (unsigned long *)d;
			const unsigned long *from = (const unsigned long *)s;

			OPTIMIZER_HIDE_VAR(to);
			to[0] = from[0];
			to[1] = from[1];
			to[2] = from[2];
			to[3] = from[3];
			to[4] = from[4];
			to[5] = from[5];
			to[6] = from[6];
			to[7] = from[7];
		}
		for (; n >= WORD; n -= WORD, d += WORD, s += WORD) {
			OPTIMIZER_HIDE_VAR(d);
			*(unsigned long *)d = *(const unsigned long *)s;
		}
	}
	for (; n; n--) {
		OPTIMIZER_HIDE_VAR(d);
		*d++ = *s++;
	}
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	/* memcpy() goes upwards, so it is right for a move downwards too. */
	if ((unsigned long)d - (unsigned long)s >= n)
		return memcpy(dst, src, n);
	d += n;
	s += n;
	if (n >= 2 * WORD && words_in_step(d, s)) {
		for (; !words_aligned(d, s); n--) {
			OPTIMIZER_HIDE_VAR(d);
			*--d = *--s;
		}
		for (; n >= WORD; n -= WORD) {
			OPTIMIZER_HIDE_VAR(d);
			d -= WORD;
			s -= WORD;
			*(unsigned long *)d = *(const unsigned long *)s;
		}
	}
	for (; n; n--) {
		OPTIMIZER_HIDE_VAR(d);
		*--d = *--s;
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	u8 *d = dst;
	unsigned long word = ~0UL / 0xff * (u8)c;

	for (; n && !IS_ALIGNED((unsigned long)d, WORD); n--) {
		OPTIMIZER_HIDE_VAR(d);
		*d++ = c;
	}
	for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD) {
		unsigned long *to = (unsigned long *)d;

		OPTIMIZER_HIDE_VAR(to);
		to[0] = word;
		to[1] = word;
		to[2] = word;
		to[3] = word;
		to[4] = word;
		to[5] = word;
		to[6] = word;
		to[7] = word;
	}
	for (; n >= WORD; n -= WORD, d += WORD) {
		OPTIMIZER_HIDE_VAR(d);
		*(unsigned long *)d = word;
	}
	for (; n; n--) {
		OPTIMIZER_HIDE_VAR(d);
		*d++ = c;
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n; n--, p++, q++) {
		OPTIMIZER_HIDE_VAR(p);
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

size_t strlen(const char *s)
{
	const char *e = s;

	while (*e) {
		e++;
		OPTIMIZER_HIDE_VAR(e);
	}
	return e - s;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len;

	if (!size)
		return -E2BIG;
	len = strnlen(src, size);
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}

void str_copy_printable(char *dst, size_t size, const char *src, size_t len)
{
	size_t i;

	if (!size)
		return;
	for (i = 0; i < len && src[i] && i < size - 1; i++) {
		char c = src[i];

		dst[i] = c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
	}
	dst[i] = '\0';
}

/* The ']' of the class whose '[' is at @p, or NULL: then that is a letter like others. */
static const char *class_end(const char *p)
{
	p += 1 + (p[1] == '!');
	return *p ? strchr(p + 1, ']') : NULL;
}

/* Is @c in the class between '[' at @p and ']' at @end? "[a-z]", "[!ab]", "[]x]", "[x-]". */
static bool class_holds(const char *p, const char *end, char c)
{
	bool inverse = *++p == '!', found = false;

	for (p += inverse; p < end; p++) {
		bool range = p + 2 < end && p[1] == '-';

		found |= range ? c >= p[0] && c <= p[2] : c == *p;
		p += range ? 2 : 0;
	}
	return found != inverse;
}

/* What follows the first element of the pattern, no star, if it matches @c; else NULL. */
static const char *match_one(const char *pattern, char c)
{
	const char *end = *pattern == '[' ? class_end(pattern) : NULL;

	if (end)
		return class_holds(pattern, end, c) ? end + 1 : NULL;
	return *pattern && (*pattern == '?' || *pattern == c) ? pattern + 1 : NULL;
}

bool glob_match(const char *pattern, const char *s)
{
	const char *star = NULL; /* just after the last '*' met ... */
	const char *retry = s;	 /* ... and the text that it does not cover yet */
	const char *behind;

	while (*s) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = s;
		} else if ((behind = match_one(pattern, *s)) != NULL) {
			pattern = behind;
			s++;
		} else if (star) {
			/* Only the last star needs to grow: earlier ones have matched enough. */
			pattern = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool glob_list_match(const char *list, const char *s)
{
	while (*list) {
		const char *comma = strchr(list, ',');
		size_t len = comma ? (size_t)(comma - list) : strlen(list);
		char glob[GLOB_IN_LIST_MAX];

		if (len < sizeof(glob)) {
			memcpy(glob, list, len);
			glob[len] = '\0';
			if (glob_match(glob, s))
				return true;
		}
		list += len + (comma != NULL);
	}
	return false;
}

/* Value of a digit in @base, or -1. */
static int digit_value(char c, unsigned int base)
{
	int v = -1;

	if (c >= '0' && c <= '9')
		v = c - '0';
	else if (c >= 'a' && c <= 'f')
		v = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		v = c - 'A' + 10;
	return v < (int)base ? v : -1;
}

int parse_u64(const char *s, const char **end, u64 *val)
{
	unsigned int base = 10;
	bool overflow = false;
	u64 v = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	if (digit_value(*s, base) < 0)
		return -EINVAL;
	for (; digit_value(*s, base) >= 0; s++) {
		unsigned int digit = digit_value(*s, base);

		if (v > (UINT64_MAX - digit) / base)
			overflow = true;
		v = v * base + digit;
	}
	if (end)
		*end = s;
	if (overflow)
		return -ERANGE;
	*val = v;
	return 0;
}
