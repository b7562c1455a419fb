/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text into a buffer. What it knows: %d %i %u %x %X %o %c %s %p %%, the flags - 0 + space
 * and #, width and precision (also *), and the sizes hh h l ll z. Not the rest of C's: no floats,
 * no positions, no %n. A conversion that it does not know is copied as it stands, and ends
 * conversion: from there on the arguments cannot be trusted to fit. Any context; takes no lock.
 */
#include <lib/format.h>
#include <lib/string.h>

struct output {
	char *buf;
	size_t size;
	size_t len; /* of the whole text, also what did not fit */
};

struct spec {
	bool left, zero, plus, space, alt;
	int width;
	int precision; /* -1: none given */
	unsigned int size;
	char conv;
};

static void put_char(struct output *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_repeated(struct output *o, char c, int n)
{
	for (; n > 0; n--)
		put_char(o, c);
}

static void put_bytes(struct output *o, const char *s, size_t n)
{
	for (; n; n--)
		put_char(o, *s++);
}

static void put_string(struct output *o, const struct spec *sp, const char *s)
{
	size_t n;

	if (!s)
		s = "(null)";
	n = sp->precision < 0 ? strlen(s) : strnlen(s, sp->precision);
	if (!sp->left)
		put_repeated(o, ' ', sp->width - (int)n);
	put_bytes(o, s, n);
	if (sp->left)
		put_repeated(o, ' ', sp->width - (int)n);
}

static void put_number(struct output *o, const struct spec *sp, u64 v, bool negative)
{
	const char *digits = sp->conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = sp->conv == 'o' ? 8 : (sp->conv == 'x' || sp->conv == 'X') ? 16 : 10;
	char tmp[24], prefix[3];
	int n = 0, nprefix = 0, zeros, pad;
	bool nonzero = v;

	for (; v; v /= base)
		tmp[n++] = digits[v % base];

	if (negative)
		prefix[nprefix++] = '-';
	else if (sp->plus)
		prefix[nprefix++] = '+';
	else if (sp->space)
		prefix[nprefix++] = ' ';
	if (sp->alt && base == 16 && nonzero) {
		prefix[nprefix++] = '0';
		prefix[nprefix++] = sp->conv;
	}

	/* Without a precision at least one digit, and the 0 flag fills the whole width. */
	zeros = (sp->precision < 0 ? 1 : sp->precision) - n;
	if (sp->precision < 0 && sp->zero && !sp->left)
		zeros = MAX(zeros, sp->width - nprefix - n);
	if (sp->alt && base == 8)
		zeros = MAX(zeros, 1);
	zeros = MAX(zeros, 0);
	pad = sp->width - nprefix - zeros - n;

	if (!sp->left)
		put_repeated(o, ' ', pad);
	put_bytes(o, prefix, nprefix);
	put_repeated(o, '0', zeros);
	while (n)
		put_char(o, tmp[--n]);
	if (sp->left)
		put_repeated(o, ' ', pad);
}

/* A decimal number of the format string, kept below what could overflow. */
static int parse_int(const char **fmt)
{
	int v = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		v = MIN(v * 10 + (**fmt - '0'), 1000000);
	return v;
}

static void parse_flags(const char **fmt, struct spec *sp)
{
	for (;; (*fmt)++) {
		switch (**fmt) {
		case '-':
			sp->left = true;
			break;
		case '0':
			sp->zero = true;
			break;
		case '+':
			sp->plus = true;
			break;
		case ' ':
			sp->space = true;
			break;
		case '#':
			sp->alt = true;
			break;
		default:
			return;
		}
	}
}

/* Bytes of the integer that the length modifier names. */
static unsigned int parse_size(const char **fmt)
{
	const char *p = *fmt;
	unsigned int size = sizeof(int);

	if (*p == 'z') {
		size = sizeof(size_t);
		p++;
	} else if (*p == 'l') {
		size = *++p == 'l' ? sizeof(long long) : sizeof(long);
		p += *p == 'l';
	} else if (*p == 'h') {
		size = *++p == 'h' ? sizeof(char) : sizeof(short);
		p += *p == 'h';
	}
	*fmt = p;
	return size;
}

/* Drop the bits above @size bytes; with @sign, copy the sign bit into them. */
static u64 resize(u64 v, unsigned int size, bool sign)
{
	unsigned int shift = 64 - 8 * size;

	return sign ? (u64)((s64)(v << shift) >> shift) : v << shift >> shift;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct output o = { .buf = buf, .size = size };

	while (*fmt) {
		const char *start = fmt;
		struct spec sp = { .precision = -1 };
		char c;
		u64 v;

		if (*fmt != '%') {
			put_char(&o, *fmt++);
			continue;
		}
		fmt++;
		parse_flags(&fmt, &sp);
		if (*fmt == '*') {
			fmt++;
			sp.width = va_arg(ap, int);
			if (sp.width < 0) {
				sp.left = true;
				sp.width = -sp.width;
			}
		} else {
			sp.width = parse_int(&fmt);
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				fmt++;
				sp.precision = va_arg(ap, int);
			} else {
				sp.precision = parse_int(&fmt);
			}
		}
		sp.size = parse_size(&fmt);
		sp.conv = *fmt;

		switch (sp.conv) {
		case '%':
			put_char(&o, '%');
			break;
		case 'c':
			c = va_arg(ap, int);
			if (!sp.left)
				put_repeated(&o, ' ', sp.width - 1);
			put_char(&o, c);
			if (sp.left)
				put_repeated(&o, ' ', sp.width - 1);
			break;
		case 's':
			put_string(&o, &sp, va_arg(ap, const char *));
			break;
		case 'p':
			/* 0x + hex, also for NULL: written as prefix and digits of their own. */
			put_bytes(&o, "0x", 2);
			sp.conv = 'x';
			sp.alt = false;
			put_number(&o, &sp, (u64)(unsigned long)va_arg(ap, void *), false);
			break;
		case 'd':
		case 'i':
			v = sp.size == sizeof(long long) ? (u64)va_arg(ap, long long)
							 : (u64)va_arg(ap, int);
			v = resize(v, sp.size, true);
			put_number(&o, &sp, (s64)v < 0 ? -v : v, (s64)v < 0);
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			v = sp.size == sizeof(long long) ? va_arg(ap, unsigned long long)
							 : va_arg(ap, unsigned int);
			sp.plus = sp.space = false;
			put_number(&o, &sp, resize(v, sp.size, false), false);
			break;
		default:
			put_bytes(&o, start, strlen(start));
			goto out;
		}
		fmt++;
	}
out:
	if (size)
		buf[MIN(o.len, size - 1)] = '\0';
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
