/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console that the boot line names, in Linux's syntax (Documentation/admin-guide/
 * kernel-parameters.txt, earlycon=):
 *	earlycon=uart8250,mmio32,0xfe660000,1500000n8
 *	earlycon=uart8250,io,0x2f8,115200n8
 *	earlycon=pl011,0x9000000
 *	earlycon=efifb
 * Of what follows the speed (parity, bits, flow control) nothing is used: it is 8n1 always.
 */
#include <drivers/screen.h>
#include <drivers/uart.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/options.h>
#include <lib/string.h>

/* How registers lie: of the type that the line may name. */
struct io_type {
	const char *name;
	u8 width, shift;
	bool big_endian, io_port;
};

static const struct io_type io_types[] = {
	{ "io", 1, 0, false, true },
	{ "mmio", 1, 0 },
	{ "mmio16", 2, 1 },
	{ "mmio32be", 4, 2, true },
	{ "mmio32", 4, 2 },
	{ "mmio32native", 4, 2 }, /* native is little-endian, on each ISA that has UARTs here */
};

/* Length of the field that starts at @s. */
static size_t field_length(const char *s)
{
	size_t n = 0;

	while (s[n] && s[n] != ',' && s[n] != ' ')
		n++;
	return n;
}

/* The field behind the one at @s, or its end. */
static const char *next_field(const char *s)
{
	s += field_length(s);
	return *s == ',' ? s + 1 : s;
}

static const struct io_type *find_io_type(const char *s)
{
	size_t len = field_length(s);

	for (unsigned int i = 0; i < ARRAY_SIZE(io_types); i++)
		if (strlen(io_types[i].name) == len && !memcmp(io_types[i].name, s, len))
			return &io_types[i];
	return NULL;
}

static int use_io_type(struct uart *u, const struct io_type *t)
{
	if (t->io_port && !u->driver->spread)
		return -EINVAL;
	u->io_port = t->io_port;
	u->width = t->width;
	u->big_endian = t->big_endian;
	if (u->driver->spread)
		u->shift = t->shift;
	else if (u->width < u->driver->width)
		u->width = u->driver->width; /* "mmio" says no more than that it is memory */
	return 0;
}

/* A number that fits 32 bits at the start of a field, and what may follow it there. */
static int parse_number(const char *s, const char **end, u32 *val)
{
	u64 v;
	int err = parse_u64(s, end, &v);

	if (err || v > UINT32_MAX)
		return -EINVAL;
	*val = v;
	return 0;
}

static bool field_ends(const char *s)
{
	return !*s || *s == ' ' || *s == ',';
}

/* "115200n8", and the clock behind it. */
static int parse_speed(const char *s, struct uart *u)
{
	const char *end;

	if (!*s || *s == ' ')
		return 0;
	if (parse_number(s, &end, &u->baud))
		return -EINVAL;
	s = next_field(s);
	if (field_ends(s))
		return 0;
	return parse_number(s, &end, &u->clock_hz) || !field_ends(end) ? -EINVAL : 0;
}

int uart_parse_earlycon(const char *value, struct uart *u)
{
	const struct uart_driver *d = uart_driver_find(value, field_length(value), true);
	const struct io_type *type;
	const char *end;

	if (!d)
		return -EINVAL;
	uart_init(u, d);
	value = next_field(value);
	type = find_io_type(value);
	if (type) {
		if (use_io_type(u, type))
			return -EINVAL;
		value = next_field(value);
	}
	if (parse_u64(value, &end, &u->pa) || !field_ends(end))
		return -EINVAL;
	if (u->io_port && u->pa > 0xffff)
		return -EINVAL;
	return parse_speed(next_field(value), u);
}

/* The value of the last earlycon= on the line, or NULL: as with every option, the last counts. */
static const char *last_value(const char *line)
{
	static const char name[] = "earlycon=";
	const char *value = NULL;

	for (; *line; line++) {
		if (!strncmp(line, name, sizeof(name) - 1))
			value = line + sizeof(name) - 1;
		while (*line && *line != ' ')
			line++;
		if (!*line)
			break;
	}
	return value;
}

int uart_from_line(const char *line, struct uart *u)
{
	const char *value = last_value(line);

	return value ? uart_parse_earlycon(value, u) : -ENOENT;
}

static bool is_screen(const char *value)
{
	size_t len = field_length(value);

	return (len == 5 && !memcmp(value, "efifb", len)) ||
	       (len == 8 && !memcmp(value, "simplefb", len));
}

bool screen_is_asked_for(const char *line)
{
	const char *value = last_value(line);

	return value && is_screen(value);
}

const char *earlycon_line(const struct fdt *f, const char *line)
{
	int chosen = line || !f ? -1 : fdt_path(f, "/chosen");

	if (chosen >= 0)
		line = fdt_prop_string(f, chosen, "bootargs");
	return line ? line : "";
}

/* Read before the other options, by last_value(); here it is found to be right or wrong. */
static bool is_earlycon(const char *value)
{
	struct uart u;

	return is_screen(value) || !uart_parse_earlycon(value, &u);
}

static char earlycon[OPT_STRING_MAX];
OPTION_CHECKED(earlycon, "earlycon", earlycon, is_earlycon,
	       "driver[,io|mmio|mmio32...],address[,baud[,clock]] or efifb, as Linux has it");
