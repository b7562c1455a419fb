/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers of serial ports share: access to registers, waiting, text. */
#include <drivers/uart.h>
#include <lib/errno.h>
#include <lib/report.h>
#include <lib/string.h>

/*
 * Looks at a status register: on hardware some 100 ns to 1 us each, so about a second in all, in
 * which 9600 baud empties a FIFO of 256 bytes. There is no clock yet when the first text goes out.
 */
#define WAIT_LOOKS 1000000
#define PAGE	   4096U

/* The bytes of a register's value in the other order. */
static u32 swapped(u32 val, unsigned int width)
{
	u32 out = 0;

	for (; width; width--, val >>= 8)
		out = out << 8 | (val & 0xff);
	return out;
}

u32 uart_read(const struct uart *u, u32 reg)
{
	u32 val = u->access->read(u->base + ((unsigned long)reg << u->shift), u->width);

	return u->big_endian ? swapped(val, u->width) : val;
}

void uart_set(const struct uart *u, u32 reg, u32 val)
{
	u->access->write(u->base + ((unsigned long)reg << u->shift), u->width,
			 u->big_endian ? swapped(val, u->width) : val);
}

void uart_change(const struct uart *u, u32 reg, u32 clear, u32 set)
{
	uart_set(u, reg, (uart_read(u, reg) & ~clear) | set);
}

bool uart_wait(const struct uart *u, u32 reg, u32 mask, u32 want)
{
	for (u32 i = 0; i < WAIT_LOOKS; i++)
		if ((uart_read(u, reg) & mask) == want)
			return true;
	return false;
}

u32 uart_divisor(const struct uart *u, u32 per)
{
	u64 step = (u64)per * u->baud;
	u64 divisor = (u->clock_hz + step / 2) / step;

	return divisor ? divisor : 1;
}

u32 uart_span(const struct uart *u)
{
	if (u->driver)
		return u->driver->span << u->shift;
	/* Of an unknown one all in its page: what identifies a device stands at the end. */
	return MIN(u->size, PAGE - (u->pa & (PAGE - 1)));
}

void uart_init(struct uart *u, const struct uart_driver *driver)
{
	memset(u, 0, sizeof(*u));
	u->driver = driver;
	u->access = &uart_mmio;
	u->node = -1;
	u->width = driver ? driver->width : 4;
	u->shift = driver ? driver->shift : 0;
	u->fifo = 1;
}

static bool name_is(const char *name, const char *want, size_t len)
{
	return strlen(name) == len && !memcmp(name, want, len);
}

static bool names_have(const char *const *names, unsigned int max, const char *want, size_t len)
{
	for (unsigned int i = 0; i < max && names[i]; i++)
		if (name_is(names[i], want, len))
			return true;
	return false;
}

const struct uart_driver *uart_driver_find(const char *name, size_t len, bool early)
{
	const struct uart_driver *d;

	for_each_uart_driver(d)
		if (early ? names_have(d->earlycon, ARRAY_SIZE(d->earlycon), name, len)
			  : names_have(d->compatible, ARRAY_SIZE(d->compatible), name, len))
			return d;
	return NULL;
}

/* Whose device is it, of which only the address is known? */
static const struct uart_driver *recognised(const struct uart *u)
{
	const struct uart_driver *d;

	for_each_uart_driver(d)
		if (d->probe && d->probe_span <= uart_span(u) && d->probe(u))
			return d;
	return NULL;
}

static void say_what(const struct uart *u)
{
	unsigned long long pa = u->pa;

	if (u->driver->setup && !u->driver->keeps_speed && uart_speed_known(u))
		report_line("console: %s at 0x%llx, set to %u baud", u->driver->compatible[0], pa,
			    u->baud);
	else
		report_line("console: %s at 0x%llx, as firmware set it", u->driver->compatible[0],
			    pa);
}

int uart_start(struct uart *u)
{
	if (!u->driver) {
		u->driver = recognised(u);
		if (!u->driver)
			return -ENODEV;
		u->shift = u->driver->shift;
	}
	if (u->driver->setup)
		u->driver->setup(u);
	say_what(u);
	return 0;
}

/* A byte is written even to a device that is not ready: if it is, and only its status lies. */
static void uart_put(struct uart *u, u8 byte)
{
	const struct uart_driver *d = u->driver;

	if (!u->room) {
		u->stuck = u->stuck ? (uart_read(u, d->status) & d->mask) != d->ready
				    : !uart_wait(u, d->status, d->mask, d->ready);
		u->room = u->stuck ? 1 : u->fifo;
	}
	u->room--;
	if (d->put)
		d->put(u, byte);
	else
		uart_set(u, d->data, byte);
}

void uart_write(struct uart *u, const char *s, size_t len)
{
	for (; len--; s++) {
		if (*s == '\n')
			uart_put(u, '\r');
		uart_put(u, *s);
	}
}
