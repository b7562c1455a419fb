/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text on a frame buffer: every pixel of it is as the font says, or black, whatever its size, its
 * pixels' and its lines' length; and nothing beside it is touched.
 */
#include <drivers/screen.h>
#include <lib/fdt.h>
#include <string.h>

#include "../../library/fdt_builder.h"
#include "model.h"

#define ROOM	(1200 * 1024)
#define BESIDE	64
#define JUNK	0xa5
#define ADDRESS 0x80000000u

static u8 room[BESIDE + ROOM + BESIDE] __attribute__((__aligned__(64)));
static u8 *const memory = room + BESIDE;
static struct screen screen;
static struct framebuffer fb;

/* ---- the font ---- */

static bool same_glyph(char a, char b)
{
	for (unsigned int y = 0; y < FONT_ROWS; y++)
		for (unsigned int x = 0; x < FONT_WIDTH; x++)
			if (screen_font_lit(a, y, x) != screen_font_lit(b, y, x))
				return false;
	return true;
}

static bool is_dark(char c, unsigned int y, unsigned int x)
{
	for (unsigned int i = 0; y == FONT_ROWS && i < FONT_WIDTH; i++)
		if (screen_font_lit(c, y, i))
			return false;
	return !screen_font_lit(c, y, x);
}

/* Each can be told from all others, and from its neighbours' pixels. */
static void test_font(void)
{
	for (int a = ' '; a <= 127; a++) {
		for (int b = ' '; b < a; b++)
			if (same_glyph(a, b))
				fail("%c and %c look alike", a, b);
		for (unsigned int y = 0; y < FONT_HEIGHT; y++)
			CHECK(is_dark(a, y, FONT_WIDTH - 1) && is_dark(a, y, FONT_WIDTH));
		CHECK(is_dark(a, FONT_ROWS, 0));
	}
	for (int c = -128; c < ' '; c++)
		CHECK(same_glyph(c, 127));
}

/* ---- what stands on the screen ---- */

static u32 pixel(unsigned int y, unsigned int x)
{
	u32 val = 0;

	memcpy(&val, memory + y * fb.pitch + x * fb.bytes, fb.bytes);
	return val;
}

static char cell_char(const char *const *want, unsigned int nr, unsigned int line, unsigned int at)
{
	return line < nr && at < strlen(want[line]) ? want[line][at] : ' ';
}

/* Is the pixel lit if these lines stand on the screen? */
static bool is_lit(const char *const *want, unsigned int nr, unsigned int y, unsigned int x)
{
	unsigned int scale = MAX(fb.width / 640, 1), line = y / (9 * scale), at = x / (6 * scale);

	if (line >= MIN(fb.height / (9 * scale), 96) || at >= MIN(fb.width / (6 * scale), 160))
		return false;
	return screen_font_lit(cell_char(want, nr, line, at), y / scale % 9, x / scale % 6);
}

static void check_beside(void)
{
	unsigned int used = framebuffer_size(&fb);

	for (unsigned int i = 0; i < BESIDE; i++)
		CHECK(room[i] == JUNK);
	for (unsigned int i = used; i < used + BESIDE; i++)
		CHECK(memory[i] == JUNK);
	for (unsigned int y = 0; y < fb.height - 1; y++)
		for (unsigned int i = fb.width * fb.bytes; i < fb.pitch; i++)
			CHECK(memory[y * fb.pitch + i] == JUNK);
}

static void check_screen(const char *const *want, unsigned int nr)
{
	for (unsigned int y = 0; y < fb.height; y++)
		for (unsigned int x = 0; x < fb.width; x++)
			if (pixel(y, x) != (is_lit(want, nr, y, x) ? fb.white : 0))
				fail("%ux%u, %u bytes: pixel %u of line %u is %x", fb.width,
				     fb.height, fb.bytes, x, y, pixel(y, x));
	check_beside();
}

static void start(u32 width, u32 height, u32 pitch, u8 bytes, u32 white)
{
	fb = (struct framebuffer){ ADDRESS, width, height, pitch, white, bytes };
	CHECK(framebuffer_is_usable(&fb) && framebuffer_size(&fb) <= ROOM);
	memset(room, JUNK, sizeof(room));
	screen_init(&screen, &fb, memory);
}

static void say(const char *s)
{
	screen_write(&screen, s, strlen(s));
}

static void check_text(u32 width, u32 height, u32 pitch, u8 bytes, u32 white)
{
	static const char *const lines[] = { "", "!\"#$%& all that", "is 0123456789@AZ",
					     "[az{|}~" };

	start(width, height, pitch, bytes, white);
	check_screen(NULL, 0);
	say("\n!\"#$%& all that\nis 0123456789@AZ\n");
	say("[az{|}~\n");
	check_screen(lines, 4);
}

static void test_layouts(void)
{
	check_text(640, 400, 640 * 3, 3, 0xffffff);
	check_text(129, 67, 129 * 4, 4, 0xffffff);
	check_text(700, 405, 1408, 2, 0xffff);
	check_text(1279, 130, 5200, 4, 0x3fffffff);
	check_text(1280, 230, 5120, 4, 0xffffff);
	check_text(1921, 199, 5763, 3, 0xffffff);
	check_text(100, 64, 256, 2, 0x7fff);
}

/* More lines than fit: the last ones stand, the first behind those that have gone. */
static void test_scrolling(void)
{
	const char *want[SCREEN_LINES_MAX];
	char text[300][16];
	unsigned int fit, shown;

	start(240, 200, 960, 4, 0xffffff);
	fit = 200 / 9;
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(text[i], sizeof(text[i]), "line %u", i);
		say(text[i]);
		say("\n");
		if (i % 37 && i != 299)
			continue;
		/* Lines that stand: by an eighth and one fewer after each move up. */
		shown = i < fit - 1 ? i + 1 : fit - (fit / 8 + 1) + (i - (fit - 1)) % (fit / 8 + 1);
		for (unsigned int n = 0; n < shown; n++)
			want[n] = text[i + 1 - shown + n];
		check_screen(want, shown);
	}
}

/* A line that just fits takes one, a longer one two; what is no text is a block. */
static void test_long_lines(void)
{
	static const char *const want[] = { "1234567890123456", "after", "1234567890123456", "7",
					    "\x7f\x7f\x7f" };

	start(101, 70, 404, 4, 0xffffff);
	say("1234567890123456\nafter\n12345678901234567\n\x01\x80\xff");
	check_screen(want, 5);
}

/* A screen has no more columns and lines than there is room to remember, however large it is. */
static void test_largest(void)
{
	static const char *want[SCREEN_LINES_MAX];
	static char line[SCREEN_COLUMNS_MAX + 1];

	memset(line, 'w', SCREEN_COLUMNS_MAX);
	start(1279, 130, 1279 * 4, 4, 0xffffff);
	say(line);
	say("x");
	want[0] = line;
	want[1] = "x";
	check_screen(want, 2);
	start(64, 900, 128, 2, 0xffff);
	for (unsigned int i = 0; i < SCREEN_LINES_MAX; i++) {
		want[i] = "";
		say("\n");
	}
	say("end");
	want[SCREEN_LINES_MAX - (SCREEN_LINES_MAX / 8 + 1)] = "end";
	check_screen(want, SCREEN_LINES_MAX);
}

/* Only where a character has changed is anything drawn. */
static void test_draws_changes(void)
{
	static const char *const want[] = { "same", "same", "same" };

	start(120, 90, 480, 4, 0xffffff);
	say("same\nsame\nsame\n");
	check_screen(want, 3);
	memset(memory, 0x11, 9 * 480); /* the first line's pixels, which nobody draws again */
	for (unsigned int i = 0; i < 7; i++)
		say("same\n");
	CHECK(pixel(0, 0) == 0x11111111 && pixel(8, 23) == 0x11111111);
}

/* ---- what can be one ---- */

static void test_usable(void)
{
	const struct framebuffer good = { ADDRESS, 64, 64, 256, 0xffffff, 4 };
	static const struct framebuffer bad[] = {
		{ 0, 64, 64, 256, 0xffffff, 4 },
		{ ADDRESS, 63, 64, 256, 0xffffff, 4 },
		{ ADDRESS, 64, 63, 256, 0xffffff, 4 },
		{ ADDRESS, 65, 64, 256, 0xffffff, 4 },
		{ ADDRESS, 16385, 64, 65540, 0xffffff, 4 },
		{ ADDRESS, 64, 16385, 256, 0xffffff, 4 },
		{ ADDRESS, 64, 64, (256 << 20) / 64 + 4, 0xffffff, 4 },
		{ ADDRESS, 64, 64, 256, 0, 4 },
		{ ADDRESS, 64, 64, 256, 0xff, 1 },
		{ ADDRESS, 64, 64, 512, 0xffffff, 5 },
		{ ADDRESS + 2, 64, 64, 256, 0xffffff, 4 },
		{ ADDRESS, 64, 64, 258, 0xffffff, 4 },
		{ ADDRESS + 1, 64, 64, 256, 0xffff, 2 },
		{ -0x3000ULL, 64, 64, 256, 0xffffff, 4 },
		{ ADDRESS, 0x40000040, 64, 256, 0xffffff, 4 },
	};

	CHECK(framebuffer_is_usable(&good) && framebuffer_size(&good) == 64 * 256);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		if (framebuffer_is_usable(&bad[i]))
			fail("bad frame buffer %u is usable", i);
	CHECK(framebuffer_mask(0, 32) == 0xffffffff && framebuffer_mask(8, 8) == 0xff00);
	CHECK(framebuffer_mask(31, 1) == 1u << 31 && framebuffer_mask(0, 1) == 1);
	CHECK(!framebuffer_mask(5, 0) && !framebuffer_mask(25, 8) && !framebuffer_mask(0, 33));
	CHECK(!framebuffer_mask(255, 255));
}

/* ---- in the device tree ---- */

static struct fdt_builder b;
static struct fdt tree;

struct node {
	const char *compatible, *status, *format;
	u32 reg, size, width, height, stride;
};

static const struct node usual = {
	"simple-framebuffer", NULL, "x8r8g8b8", 0x1000, 0x10000, 100, 64, 512
};

/* What is 0 in @n is not there. */
static void put_node(const struct node *n)
{
	char name[32];

	snprintf(name, sizeof(name), "framebuffer@%x", n->reg);
	fdtb_begin_node(&b, name);
	fdtb_add_string(&b, "compatible", n->compatible);
	if (n->status)
		fdtb_add_string(&b, "status", n->status);
	if (n->format)
		fdtb_add_string(&b, "format", n->format);
	if (n->reg)
		FDTB_CELLS(&b, "reg", n->reg, n->size);
	else
		FDTB_CELLS(&b, "memory-region", 77);
	if (n->width)
		FDTB_CELLS(&b, "width", n->width);
	if (n->height)
		FDTB_CELLS(&b, "height", n->height);
	if (n->stride)
		FDTB_CELLS(&b, "stride", n->stride);
	fdtb_end_node(&b);
}

/* The frame buffer of a tree with the nodes @n and @m; @region: its reserved memory's handle. */
static int find(const struct node *n, const struct node *m, u32 region)
{
	const char *why;

	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 1, 1);
	fdtb_begin_node(&b, "reserved");
	FDTB_CELLS(&b, "phandle", region);
	FDTB_CELLS(&b, "reg", 0x3000, 0x8000);
	fdtb_end_node(&b);
	put_node(n);
	if (m)
		put_node(m);
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!fdt_open(&tree, b.blob, b.len, &why));
	memset(&fb, JUNK, sizeof(fb));
	return screen_find_in_tree(&(struct screen_tree){ &tree, fdt_reg_phys }, &fb);
}

static void refused(const struct node *n)
{
	struct node second = usual;

	CHECK(find(n, NULL, 77) && !fb.width);
	second.reg = 0x5000;
	CHECK(!find(n, &second, 77) && fb.pa == 0x5000);
}

static void test_formats(void)
{
	static const struct {
		const char *name;
		u32 white;
		u8 bytes;
	} formats[] = {
		{ "r5g6b5", 0xffff, 2 },	  { "r5g5b5a1", 0xfffe, 2 },
		{ "x1r5g5b5", 0x7fff, 2 },	  { "a1r5g5b5", 0x7fff, 2 },
		{ "r8g8b8", 0xffffff, 3 },	  { "x8r8g8b8", 0xffffff, 4 },
		{ "a8r8g8b8", 0xffffff, 4 },	  { "a8b8g8r8", 0xffffff, 4 },
		{ "x2r10g10b10", 0x3fffffff, 4 }, { "a2r10g10b10", 0x3fffffff, 4 },
		{ "x8b8g8r8", 0xffffff, 4 },
	};
	struct node n = usual;

	for (unsigned int i = 0; i < ARRAY_SIZE(formats); i++) {
		n.format = formats[i].name;
		CHECK(!find(&n, NULL, 77));
		CHECK(fb.pa == 0x1000 && fb.width == 100 && fb.height == 64 && fb.pitch == 512);
		CHECK(fb.bytes == formats[i].bytes && fb.white == formats[i].white && !fb.cached);
	}
}

static void test_nodes(void)
{
	static const char name[] = "simple-framebuffer", format[] = "x8r8g8b8";
	static const struct node bad[] = {
		{ "simple-framebuffer2", NULL, format, 0x1000, 0x10000, 100, 64, 512 },
		{ name, "disabled", format, 0x1000, 0x10000, 100, 64, 512 },
		{ name, NULL, NULL, 0x1000, 0x10000, 100, 64, 512 },
		{ name, NULL, "x8r8g8b", 0x1000, 0x10000, 100, 64, 512 },
		{ name, NULL, format, 0x1000, 0x10000, 0, 64, 512 },
		{ name, NULL, format, 0x1000, 0x10000, 100, 0, 512 },
		{ name, NULL, format, 0x1000, 0x10000, 100, 64, 0 },
		{ name, NULL, format, 0x1000, 0x10000, 100, 64, 396 },
		{ name, NULL, format, 0x1000, 63 * 512 + 399, 100, 64, 512 },
	};
	struct node n = usual;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		refused(&bad[i]);
	n.size = 63 * 512 + 400; /* just so large */
	n.status = "okay";
	CHECK(!find(&n, NULL, 77));
	n.reg = 0;
	CHECK(find(&n, NULL, 78)); /* no such memory */
	CHECK(!find(&n, NULL, 77) && fb.pa == 0x3000);
	n.stride = 520;
	CHECK(find(&n, NULL, 77)); /* 0x8000 bytes are not enough */
}

/* ---- the boot line ---- */

static void test_asked_for(void)
{
	CHECK(screen_is_asked_for("earlycon=efifb"));
	CHECK(screen_is_asked_for("seed=1 earlycon=simplefb,any secs=2"));
	CHECK(screen_is_asked_for("earlycon=pl011,0x9000000 earlycon=efifb"));
	CHECK(!screen_is_asked_for("earlycon=efifb earlycon=pl011,0x9000000"));
	CHECK(!screen_is_asked_for("earlycon=efifbs"));
	CHECK(!screen_is_asked_for("earlycon=simplefc"));
	CHECK(!screen_is_asked_for("earlycon= efifb"));
	CHECK(!screen_is_asked_for("xearlycon=efifb"));
	CHECK(!screen_is_asked_for(""));
}

/* ---- the console ---- */

static unsigned int maps;

static void *map(const struct framebuffer *f)
{
	CHECK(f->pa == ADDRESS);
	return maps++ ? memory : NULL;
}

static u8 elsewhere[64 * 256];

static void *map_elsewhere(const struct framebuffer *f)
{
	return maps++ ? elsewhere : NULL;
}

static bool is_all(const u8 *p, size_t n, u8 want)
{
	for (; n && *p == want; n--)
		p++;
	return !n;
}

static void test_console(void)
{
	const struct framebuffer good = { ADDRESS, 64, 64, 256, 0xffffff, 4 }, none = { 0 };
	const struct screen_tree none_there = { &tree, NULL }; /* which is not looked at */

	screen_console_write("lost", 4);
	CHECK(screen_console_start(&none, NULL, map) && !maps);
	CHECK(screen_console_start(&good, NULL, map) && !screen_console_is_on());
	CHECK(!screen_console_map(map_elsewhere) && maps == 1);
	CHECK(!screen_console_start(&good, &none_there, map) && screen_console_is_on());
	CHECK(strstr(reported, "a screen of 64x64 pixels at 0x80000000"));
	screen_console_write("#", 1);
	CHECK(!is_all(memory, sizeof(elsewhere), 0));
	maps = 0;
	CHECK(screen_console_map(map_elsewhere) && !screen_console_map(map_elsewhere));
	memset(memory, JUNK, sizeof(elsewhere));
	screen_console_activate();
	screen_console_write("#", 1);
	CHECK(is_all(memory, sizeof(elsewhere), JUNK) && !is_all(elsewhere, sizeof(elsewhere), 0));
}

void test_framebuffers(void)
{
	test_font();
	test_layouts();
	test_scrolling();
	test_long_lines();
	test_largest();
	test_draws_changes();
	test_usable();
	test_formats();
	test_nodes();
	test_asked_for();
	test_console();
}
