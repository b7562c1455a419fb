/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serial ports, for polled output of text. A driver is one file of drivers/: a family of devices,
 * registered by UART_DRIVER(). Where a device is, uart_console_find() takes from the boot line and
 * the device tree; how its registers are reached, a port says.
 *
 * No lock: who writes holds the console's, or is alone.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

struct fdt;
struct uart;

/* How registers are reached: memory, I/O ports, a model that a test makes. @width: 1, 2, 4. */
struct uart_access {
	u32 (*read)(unsigned long addr, unsigned int width);
	void (*write)(unsigned long addr, unsigned int width, u32 val);
};

extern const struct uart_access uart_mmio;

#define UART_NAMES_MAX 20

struct uart_driver {
	const char *compatible[UART_NAMES_MAX]; /* in the device tree; the first is its name */
	const char *earlycon[4];		/* on the boot line, as Linux calls it */
	u32 span;				/* bytes of registers that are used */
	u8 width, shift;			/* of a register, where nobody says */
	bool keeps_speed;			/* setup() leaves it as firmware set it */
	bool spread; /* registers are numbers, whose distance the tree may change (reg-shift) */
	/* A byte may be written to @data if (@status & @mask) == @ready. */
	u32 data, status, mask, ready;
	/* In the place of a write of @data, if not NULL. */
	void (*put)(const struct uart *u, u8 byte);
	/* Make it transmit, at u->baud if u->clock_hz is known too; else as firmware set it. */
	void (*setup)(struct uart *u);
	/* Is it one? Asked of a device whose name nobody knows; reads probe_span bytes at most. */
	bool (*probe)(const struct uart *u);
	u32 probe_span;
};

#define UART_DRIVER(name) \
	static const struct uart_driver name __used __section(".uart_drivers") __aligned(8)

extern const struct uart_driver __uart_drivers_start[], __uart_drivers_end[]; /* linker symbols */

#define for_each_uart_driver(d) for ((d) = __uart_drivers_start; (d) < __uart_drivers_end; (d)++)

struct uart {
	const struct uart_driver *driver; /* NULL: unknown, to be probed */
	const struct uart_access *access;
	unsigned long base; /* address of register 0, as access takes it */
	phys_addr_t pa;	    /* of the boot line; of a node the port finds it, */
	u64 size;	    /* and how much of it there is */
	int node;	    /* in the device tree, or -1 */
	u32 offset;	    /* of the registers in the node's range */
	bool io_port;	    /* pa is an I/O port */
	u8 width, shift;    /* bytes of a register, log2 of their distance */
	bool big_endian;
	u32 clock_hz, baud; /* 0: not known */
	unsigned int fifo;  /* bytes that fit in once it is ready */
	unsigned int room;  /* of these, not used yet */
	bool stuck;	    /* did not get ready in time */
};

#define UART_BAUD_DEFAULT 115200

/* ---- for the port ---- */

/*
 * Find the console's UART and set it up: as earlycon= of @line says (the boot line; NULL: that of
 * the tree), or stdout-path, or the alias serial0 of the tree @f (or NULL), else the first device
 * of the tree that is known. @map makes the registers of @u reachable, uart_span() bytes, where the
 * node says or, without one, pa: sets pa and size, base, and access if it is not memory; 0 or
 * -errno. Returns 0, or -ENODEV.
 */
int uart_console_find(struct uart *u, const struct fdt *f, const char *line,
		      int (*map)(struct uart *u));

/* The same of the boot line alone. */
int uart_console_named(struct uart *u, const struct fdt *f, const char *line,
		       int (*map)(struct uart *u));

/* How far the registers of @u reach from their first one, in bytes. */
u32 uart_span(const struct uart *u);

/* The driver that has @name in its compatible list or, @early, among its names of the boot line. */
const struct uart_driver *uart_driver_find(const char *name, size_t len, bool early);

/* An UART of @driver with nothing known of it but that. */
void uart_init(struct uart *u, const struct uart_driver *driver);
/*
 * base and access are set: recognise it, if its driver is NULL, by registers of 32 bits, and set it
 * up. 0 or -ENODEV.
 */
int uart_start(struct uart *u);

/*
 * Write text, "\r\n" for '\n'. Never waits for ever: a device that does not get ready in about a
 * second (of what reading its status takes) is then looked at once a byte. Any context.
 */
void uart_write(struct uart *u, const char *s, size_t len);

/*
 * Linux's syntax of earlycon=: name[,io|mmio|mmio16|mmio32|mmio32be|mmio32native],address
 * [,baud[,clock]]. 0 or -EINVAL.
 */
int uart_parse_earlycon(const char *value, struct uart *u);
/* The same of the word earlycon= of a whole boot line; -ENOENT if it has none. */
int uart_from_line(const char *line, struct uart *u);

/* Of what has no boot line of its own (@line NULL): that of the tree @f. "" if there is none. */
const char *earlycon_line(const struct fdt *f, const char *line);

/* ---- for drivers ---- */

u32 uart_read(const struct uart *u, u32 reg);
void uart_set(const struct uart *u, u32 reg, u32 val);
/* Clear bits of @reg and set others. */
void uart_change(const struct uart *u, u32 reg, u32 clear, u32 set);
/* Wait until (@reg & @mask) == @want, but not for ever. Was it so? */
bool uart_wait(const struct uart *u, u32 reg, u32 mask, u32 want);

/* Are both known that a divisor is made of? */
static inline bool uart_speed_known(const struct uart *u)
{
	return u->clock_hz && u->baud;
}

/* The clock divided by @per * baud, rounded to the nearest, at least 1. */
u32 uart_divisor(const struct uart *u, u32 per);
