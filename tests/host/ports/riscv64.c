/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64 above an SBI firmware that is less obliging than OpenSBI in QEMU: it takes text piecemeal
 * or not at all, cannot shut down, refuses a hart. SBI 2.0; chapters are its.
 */
#include "ports.h"

#include <arch/console.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <asm/sbi.h>
#include <drivers/screen.h>
#include <drivers/uart.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

#include "../../../arch/riscv64/port.h"
#include "../../library/fdt_builder.h"

const char port[] = "riscv64";

#define NOT_SUPPORTED -2
#define DENIED	      -4
#define CALLS_MAX     10000

static struct firmware {
	bool dbcn, legacy;
	bool old;	    /* version 0.1: the base extension is not there */
	unsigned int piece; /* characters that a call takes; 0: it refuses */
	long starts;	    /* what it answers who wants to start a hart */
} fw;

static unsigned int calls;
static struct {
	unsigned long type, reason;
} resets[32];
static unsigned int nr_resets;
static unsigned long started[3]; /* hart, address, argument */

static struct sbi_ret ok(long value)
{
	return (struct sbi_ret){ 0, value };
}

static struct sbi_ret no(long error)
{
	return (struct sbi_ret){ error, 0 };
}

static void send(const char *s, size_t n)
{
	if (n > sizeof(line) - sent)
		fail("too much text");
	memcpy(line + sent, s, n);
	sent += n;
}

/* 12.1: the number of bytes, and where they are, the address in two halves. */
static struct sbi_ret console_write(size_t n, uint64_t lo, uint64_t hi)
{
	const char *s = at_phys(lo, n);

	if (hi)
		fail("the upper half of an address is %#llx", (unsigned long long)hi);
	if (!n)
		fail("it writes nothing");
	if (!fw.piece)
		return no(DENIED);
	n = n < fw.piece ? n : fw.piece;
	send(s, n);
	return ok(n);
}

/* 4.4: 1 if the extension is there. */
static bool has(unsigned long eid)
{
	return (eid == 0x4442434e && fw.dbcn) || (eid == 1 && fw.legacy);
}

struct sbi_ret sbi_call(unsigned long eid, unsigned long fid, unsigned long arg0,
			unsigned long arg1, unsigned long arg2, unsigned long arg3)
{
	if (++calls > CALLS_MAX)
		fail("it calls firmware for ever");
	switch (eid) {
	case 0x10:
		if (fw.old)
			return no(NOT_SUPPORTED);
		return fid == 3 ? ok(has(arg0)) : ok(0x2000000);
	case 0x4442434e:
		return fid ? no(NOT_SUPPORTED) : console_write(arg0, arg1, arg2);
	case 1:
		if (arg0 > 255)
			fail("a character of %#lx", arg0);
		send((char[]){ arg0 }, 1);
		return ok(0);
	case 0x53525354: /* 10.1 */
		resets[nr_resets].type = arg0;
		resets[nr_resets++].reason = arg1;
		return no(NOT_SUPPORTED);
	case 8:
		resets[nr_resets].type = 8;
		resets[nr_resets++].reason = 0;
		return no(NOT_SUPPORTED);
	case 0x48534d: /* 9.1 */
		if (fid)
			fail("a hart's state management is asked for %lu", fid);
		started[0] = arg0;
		started[1] = arg1;
		started[2] = arg2;
		return no(fw.starts);
	}
	return no(NOT_SUPPORTED);
}

static void clear(const char *what)
{
	now = what;
	calls = sent = nr_resets = 0;
	memset(line, 0, sizeof(line));
	said_clear();
}

/* ---- what the port's files ask of others ---- */

unsigned long linear_map_offset = LINEAR_MAP_START;
phys_addr_t kernel_root = IMAGE_PHYS + 0x1000;
static u32 finisher, finisher_early;
static bool is_final;

u64 mmu_satp(phys_addr_t root)
{
	return root | 1;
}

bool mmu_is_final(void)
{
	return is_final;
}

void secondary_entry(void)
{
}

void arch_trap_init_cpu(void)
{
}

void secondary_start(unsigned int cpu)
{
	host_halt();
}

void *early_map(phys_addr_t pa, u64 size, enum pgprot prot)
{
	CHECK(pa == 0x12100000 && size == 4 && prot == PROT_DEVICE);
	return &finisher_early;
}

void *ioremap(phys_addr_t pa, size_t size)
{
	CHECK(pa == 0x12100000 && size == 4);
	return &finisher;
}

/* No serial port, no screen. */
int uart_console_find(struct uart *u, const struct fdt *f, const char *text,
		      int (*map)(struct uart *u))
{
	return -ENODEV;
}

int uart_console_named(struct uart *u, const struct fdt *f, const char *text,
		       int (*map)(struct uart *u))
{
	return -ENODEV;
}

u32 uart_span(const struct uart *u)
{
	return 0;
}

void uart_write(struct uart *u, const char *s, size_t len)
{
}

const char *earlycon_line(const struct fdt *f, const char *text)
{
	return "";
}

const char *boot_early_line(void)
{
	return NULL;
}

bool screen_is_asked_for(const char *text)
{
	return false;
}

int screen_console_start(const struct framebuffer *known, const struct screen_tree *tree,
			 screen_map_fn map)
{
	return -ENODEV;
}

int screen_console_map(screen_map_fn map)
{
	return 0;
}

void screen_console_write(const char *text, size_t len)
{
}

void *boot_map_framebuffer(unsigned long va, const struct framebuffer *fb)
{
	return NULL;
}

void *kmap_framebuffer(const struct framebuffer *fb)
{
	return NULL;
}

/* ---- text ---- */

/* Long and short, and lines that end just where a buffer of theirs may. */
static void write_all_sorts(const char *what)
{
	static char text[700];

	for (size_t len = 1; len < sizeof(text); len += len < 240 || len > 520 ? 47 : 1) {
		memset(text, 'a', sizeof(text));
		text[0] = (char)0xff;
		text[len - 1] = '\n';
		clear(what);
		write_and_expect(text, len);
		memset(text, '\n', sizeof(text));
		clear(what);
		write_and_expect(text, len);
	}
}

static void test_text(void)
{
	static const unsigned int pieces[] = { 1, 7, 255, 256, 4096 };

	for (unsigned int i = 0; i < ARRAY_SIZE(pieces); i++) {
		fw = (struct firmware){ .dbcn = true, .legacy = true, .piece = pieces[i] };
		CHECK(!arch_console_init());
		write_all_sorts("a debug console that takes text piecemeal");
	}
	fw.piece = 0;
	clear("a debug console that refuses");
	arch_console_write("lost\n", 5);
	CHECK(!sent);
	fw = (struct firmware){ .legacy = true };
	CHECK(!arch_console_init());
	write_all_sorts("the legacy console");
	fw = (struct firmware){ .old = true };
	CHECK(!arch_console_init());
	write_all_sorts("firmware of version 0.1");
	fw = (struct firmware){ .dbcn = false };
	CHECK(arch_console_init() == -ENODEV);
}

/* ---- the end ---- */

/* Types and reasons (10.1): shutdown 0, cold reboot 1, warm reboot 2; none 0, failure 1. */
static void expect_resets(unsigned int n, const unsigned long (*want)[2])
{
	if (nr_resets != n)
		fail("it asks for %u resets, not %u", nr_resets, n);
	for (unsigned int i = 0; i < n; i++)
		if (resets[i].type != want[i][0] || resets[i].reason != want[i][1])
			fail("it asks for reset %lu because of %lu, and not for %lu because of %lu",
			     resets[i].type, resets[i].reason, want[i][0], want[i][1]);
}

static void power_off(enum run_verdict v)
{
	if (!setjmp(halted))
		arch_power_off(v);
}

static void test_end(void)
{
	static const unsigned long pass[][2] = { { 0, 0 }, { 1, 0 }, { 8, 0 } };
	static const unsigned long failed[][2] = { { 0, 1 }, { 1, 1 }, { 8, 0 } };
	static const unsigned long reset[][2] = { { 2, 0 }, { 1, 0 } };

	clear("a machine that can do nothing of it");
	power_off(RUN_PASS);
	expect_resets(3, pass);
	clear("the same, after a failure");
	power_off(RUN_CRASH);
	expect_resets(3, failed);
	clear("a warm reboot that firmware does not have");
	arch_reset();
	expect_resets(2, reset);
}

/* A device that ends an emulator with a status: SiFive's test finisher. */
static void test_finisher(void)
{
	static struct fdt_builder b;
	struct fdt f;

	clear("a test finisher");
	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 2, 2);
	fdtb_begin_node(&b, "test@12100000");
	fdtb_add_string(&b, "compatible", "sifive,test0");
	FDTB_CELLS(&b, "reg", 0, 0x12100000, 0, 0x1000);
	fdtb_end_node(&b);
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!fdt_open(&f, b.blob, b.len, NULL) && !power_discover(&f));
	power_off(RUN_FAIL);
	CHECK(finisher_early == 0x13333 && !finisher);
	CHECK(!power_map_device());
	is_final = true;
	power_off(RUN_PASS);
	CHECK(finisher == 0x5555 && finisher_early == 0x13333);
	power_off(RUN_CRASH);
	CHECK(finisher == 0x23333);
}

/* ---- other harts ---- */

/* What boot.S reads, word by word. */
static void test_harts(void)
{
	const uint64_t *args;
	static char stack[16] __aligned(16);

	clear("harts whose numbers have holes");
	cpu_table[2].hw_id = 0x105;
	CHECK(!arch_cpu_start(2, stack, 0x5000));
	CHECK(started[0] == 0x105 && at_phys(started[1], 1) == (void *)secondary_entry);
	args = at_phys(started[2], 40);
	CHECK(args[0] == (kernel_root | 1) && args[1] == (u64)stack && args[2] == 0x5000);
	CHECK(args[3] == 2 && args[4] == 0x105);
	clear("a hart that firmware does not start");
	fw.starts = DENIED;
	CHECK(arch_cpu_start(2, stack, 0x5000) == -EIO);
	CHECK(strstr(said, "hart 261"));
}

void test(void)
{
	test_text();
	test_end();
	test_finisher();
	test_harts();
}
