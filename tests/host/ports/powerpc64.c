/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * powerpc64 above an OPAL that is busy, takes text piecemeal, keeps it back, cannot power off or
 * refuses a CPU; what it mends and what not; and what it says in its device tree of cores and their
 * threads (skiboot, doc/opal-api and doc/device-tree).
 */
#include "ports.h"

#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/errata.h>
#include <arch/pgtable_user.h>
#include <arch/power.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <asm/opal.h>
#include <mm/address.h>
#include <mm/boot_map.h>

#include "../../../arch/powerpc64/mce.h"
#include "../../../arch/powerpc64/port.h"
#include "../../library/fdt_builder.h"

const char port[] = "powerpc64";

extern bool cpu_has_threads; /* in asm/cpu.h */

#define SUCCESS	    0
#define PARAMETER   -1
#define BUSY	    -2
#define PARTIAL	    -3
#define HARDWARE    -6
#define BUSY_EVENT  -12
#define CALLS_MAX   200000
#define TIMEBASE_HZ 512000000

enum {
	WRITE = 1,
	POWER_DOWN = 5,
	REBOOT = 6,
	POLL = 10,
	START_CPU = 41,
	REINIT = 70,
	HANDLE_HMI = 98,
	FLUSH = 117,
};

static struct firmware {
	unsigned int piece; /* characters that a call takes; 0: it refuses */
	bool whole;	    /* it says so, too, where it has not taken all */
	unsigned int busy;  /* until it has been polled so often, of each call */
	s64 busy_word;	    /* which of the two it says then */
	unsigned int keeps; /* of its own buffer: flushes that are needed */
	s64 power_down, start_cpu, handle_hmi;
} fw;

static unsigned int calls, polls, waits, unflushed, power_downs, reboots, reinits;
static u64 started[2];

/* Busy for the first calls, each time; polled, it gets on. */
static bool is_busy(void)
{
	if (waits < fw.busy)
		return true;
	waits = 0;
	return false;
}

static s64 console_write(u64 terminal, uint64_t len_at, uint64_t text_at)
{
	u64 *len = at_phys(len_at, 8);
	size_t n = *len < fw.piece ? *len : fw.piece;
	const char *s = at_phys(text_at, *len);

	CHECK(!terminal && *len);
	if (!fw.piece)
		return HARDWARE;
	if (sent + n > sizeof(line))
		fail("too much text");
	memcpy(line + sent, s, n);
	sent += n;
	unflushed = fw.keeps;
	if (n == *len || fw.whole) {
		*len = n;
		return SUCCESS;
	}
	*len = n;
	return PARTIAL;
}

static s64 flush(void)
{
	if (!unflushed)
		return SUCCESS;
	return --unflushed ? PARTIAL : SUCCESS;
}

s64 opal_call(u64 token, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	if (++calls > CALLS_MAX)
		fail("it calls firmware for ever");
	if (token == POLL) {
		polls++;
		waits++;
		return SUCCESS;
	}
	if (token != FLUSH && is_busy())
		return fw.busy_word;
	switch (token) {
	case WRITE:
		return console_write(a0, a1, a2);
	case FLUSH:
		return flush();
	case POWER_DOWN:
		if (unflushed)
			fail("the machine goes off with text that is kept back");
		power_downs++;
		return fw.power_down;
	case REBOOT:
		reboots++;
		return PARAMETER;
	case START_CPU:
		started[0] = a0;
		started[1] = a1;
		return fw.start_cpu;
	case REINIT:
		CHECK(a0 == 0x9);
		reinits++;
		return SUCCESS;
	case HANDLE_HMI:
		return fw.handle_hmi;
	}
	fail("it calls %llu", (unsigned long long)token);
}

/* ---- what the port's files ask of others ---- */

static u64 time_base, pir, pvr = 0x004e1202;
static int ipis;

u64 host_spr(unsigned int nr);
u64 host_spr(unsigned int nr)
{
	if (nr == 268)
		return time_base += 1000000;
	if (nr == 287)
		return pvr;
	if (nr == 1023)
		return pir;
	fail("it reads SPR %u", nr);
}

u64 arch_clock_hz(void)
{
	return machine.timebase_hz;
}

char secondary_entry[8];

void arch_trap_init_cpu(void)
{
}

void secondary_start(unsigned int cpu)
{
	host_halt();
}

static unsigned int this_cpu;

unsigned int smp_processor_id(void)
{
	return this_cpu;
}

void arch_ipi_send(unsigned int cpu)
{
	ipis++;
}

struct opal_entry opal;
phys_addr_t boot_fdt;

int boot_map_linear(phys_addr_t pa, u64 size, enum pgprot prot)
{
	return 0;
}

void boot_map_memory(void)
{
}

void smp_set_boot_cpu(u64 hw_id)
{
	cpu_table[0].hw_id = hw_id;
	nr_cpus_found = 1;
}

int smp_add_cpu(u64 hw_id, u32 enable_method, u64 release_addr)
{
	if (hw_id != cpu_table[0].hw_id)
		cpu_table[nr_cpus_found++].hw_id = hw_id;
	return 0;
}

void smp_set_place(u64 hw_id, struct cpu_place place)
{
	for (unsigned int i = 0; i < nr_cpus_found; i++)
		if (cpu_table[i].hw_id == hw_id)
			cpu_table[i].place = place;
}

static void clear(const char *what)
{
	now = what;
	calls = polls = waits = unflushed = power_downs = reboots = reinits = ipis = 0;
	sent = 0;
	said_clear();
}

/* ---- text ---- */

static void write_all_sorts(void)
{
	static char text[700];

	for (size_t len = 1; len < sizeof(text); len += len < 240 || len > 520 ? 47 : 1) {
		memset(text, 'a', sizeof(text));
		text[len - 1] = '\n';
		sent = calls = 0;
		write_and_expect(text, len);
		memset(text, '\n', sizeof(text));
		sent = calls = 0;
		write_and_expect(text, len);
	}
}

static void test_text(void)
{
	static const struct firmware kinds[] = {
		{ .piece = 4096 },
		{ .piece = 16 },
		{ .piece = 16, .whole = true },
		{ .piece = 100, .busy = 3, .busy_word = BUSY_EVENT },
		{ .piece = 100, .busy = 2, .busy_word = BUSY },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		clear("text");
		fw = kinds[i];
		write_all_sorts();
	}
	clear("a console that refuses");
	fw = (struct firmware){ .piece = 0 };
	arch_console_write("lost\n", 5);
	CHECK(!sent);
}

/* ---- the end ---- */

static void power_off(void)
{
	if (!setjmp(halted))
		arch_power_off(RUN_PASS);
}

static void test_end(void)
{
	clear("text that firmware keeps back");
	fw = (struct firmware){ .piece = 4096, .keeps = 5 };
	arch_console_write("the end\n", 8);
	power_off();
	/* It acts on the request when it is polled, for some time; then it is not believed. */
	CHECK(power_downs == 1 && polls > 100 && reboots == 1);
	clear("firmware that cannot power off");
	fw = (struct firmware){ .piece = 4096, .power_down = HARDWARE };
	power_off();
	CHECK(power_downs == 1 && reboots == 1);
	CHECK(strstr(said, "does not power off (-6)"));
	clear("firmware that is busy");
	fw = (struct firmware){ .piece = 4096, .busy = 3, .busy_word = BUSY_EVENT };
	power_off();
	CHECK(power_downs == 1 && reboots == 1);
	clear("a reset");
	arch_reset();
	CHECK(reboots == 1 && !power_downs);
}

/* ---- how often firmware is polled ---- */

static void test_heartbeat(void)
{
	clear("the heartbeat");
	fw = (struct firmware){ .piece = 4096 };
	machine.timebase_hz = TIMEBASE_HZ;
	machine.heartbeat_ms = 200;
	opal_heartbeat();
	polls = 0;
	/* A look at the clock takes a million ticks here: 103 of them are 200 ms. */
	for (int i = 0; i < 1030; i++)
		opal_heartbeat();
	if (polls < 9 || polls > 11)
		fail("polled %u times in two seconds, not 10", polls);
	polls = 0;
	this_cpu = 1;
	for (int i = 0; i < 1030; i++)
		opal_heartbeat();
	CHECK(!polls);
	this_cpu = 0;
}

/* ---- what is mended ---- */

static int translations_dropped;
static const char *noted;

void arch_tlb_flush_everything_local(void)
{
	translations_dropped++;
}

void errata_note(const char *what)
{
	noted = what;
}

static bool is_noted(const char *what)
{
	bool is = what ? noted && !strcmp(noted, what) : !noted;

	noted = NULL;
	return is;
}

/* Power ISA 3.0B, Book III, "Machine Check Interrupt": SRR1 says that DSISR has the reason. */
#define LOAD_STORE (1 << 21)

static void test_mended(void)
{
	clear("what is mended");
	CHECK(mce_mend(LOAD_STORE, 0x0400) && translations_dropped == 1);
	CHECK(is_noted("machine-check"));
	CHECK(!mce_mend(LOAD_STORE, 0x8000) && translations_dropped == 1 && is_noted(NULL));
	CHECK(hmi_mend() && is_noted("hypervisor-maintenance"));
	fw.handle_hmi = HARDWARE;
	CHECK(!hmi_mend() && is_noted(NULL));
	fw.handle_hmi = SUCCESS;
}

/* ---- other CPUs ---- */

/* What boot.S reads: the number it looks for and one, the stack, the per-CPU offset, the CPU. */
extern u64 cpu_start_table[][4];

static void test_cpus(void)
{
	static char stack[16] __aligned(16);

	clear("CPUs whose numbers have holes");
	fw = (struct firmware){ .piece = 4096, .busy = 2, .busy_word = BUSY_EVENT };
	nr_cpus_found = 3;
	cpu_table[0].hw_id = 0x48;
	cpu_table[1].hw_id = 0;
	cpu_table[2].hw_id = 0x80c;
	smp_fetch_cpus();
	CHECK(started[0] == 0x80c && at_phys(started[1], 8) == secondary_entry);
	CHECK(!cpu_start_table[0][0] && cpu_start_table[1][0] == 1);
	CHECK(cpu_start_table[2][0] == 0x80d && !cpu_start_table[2][1]);
	CHECK(!arch_cpu_start(2, stack, 0x5000) && ipis == 1);
	CHECK(cpu_start_table[2][1] == (u64)stack && cpu_start_table[2][2] == 0x5000);
	CHECK(cpu_start_table[2][3] == 2);

	clear("a CPU that firmware does not hand over");
	fw.start_cpu = PARAMETER;
	smp_fetch_cpus();
	CHECK(strstr(said, "PIR 2060: -1"));
	CHECK(arch_cpu_start(2, stack, 0x5000) == -EIO && !ipis);
}

/* ---- the device tree ---- */

static struct fdt_builder b;

static void add_core(u32 core, u32 chip, unsigned int threads, const char *status, u32 dec_bits)
{
	char name[32];

	snprintf(name, sizeof(name), "PowerPC,POWER9@%x", core);
	fdtb_begin_node(&b, name);
	fdtb_add_string(&b, "device_type", "cpu");
	if (status)
		fdtb_add_string(&b, "status", status);
	FDTB_CELLS(&b, "reg", core);
	FDTB_CELLS(&b, "ibm,chip-id", chip);
	FDTB_CELLS(&b, "timebase-frequency", TIMEBASE_HZ);
	FDTB_CELLS(&b, "d-cache-line-size", 128);
	if (dec_bits)
		FDTB_CELLS(&b, "ibm,dec-bits", dec_bits);
	fdtb_add_cells(&b, "ibm,ppc-interrupt-server#s", threads,
		       (u32[]){ core, core + 1, core + 2, core + 3 });
	fdtb_end_node(&b);
}

static void begin_tree(void)
{
	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 2, 2);
	fdtb_begin_node(&b, "memory@0");
	fdtb_add_string(&b, "device_type", "memory");
	FDTB_CELLS(&b, "reg", 0, 0, 0, 0x40000000);
	fdtb_end_node(&b);
	fdtb_begin_node(&b, "ibm,opal");
	FDTB_CELLS(&b, "opal-base-address", 0x1, 0x30000000);
	FDTB_CELLS(&b, "opal-entry-address", 0x2, 0x30008000);
	FDTB_CELLS(&b, "ibm,heartbeat-ms", 1234);
	fdtb_begin_node(&b, "firmware");
	fdtb_add_string(&b, "version", "skiboot-v7");
	fdtb_end_node(&b);
	fdtb_end_node(&b);
	fdtb_begin_node(&b, "cpus");
	fdtb_add_cell_sizes(&b, 1, 0);
}

static int discover(u64 runs_on)
{
	fdtb_end_node(&b);
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	memset(cpu_table, 0, sizeof(cpu_table));
	memset(&boot_info, 0, sizeof(boot_info));
	boot_fdt = (u64)b.blob;
	pir = runs_on;
	return arch_discover();
}

static bool placed(unsigned int cpu, u64 hw_id, u32 socket, u32 core, u32 thread)
{
	const struct cpu_place *p = &cpu_table[cpu].place;

	return cpu_table[cpu].hw_id == hw_id && p->socket == socket && !p->cluster &&
	       p->core == core && p->thread == thread;
}

static void expect_dec_bits(u32 says, u32 want)
{
	begin_tree();
	add_core(8, 0, 1, NULL, says);
	CHECK(!discover(8));
	if (machine.dec_bits != want)
		fail("a decrementer of %u bits has %u", says, machine.dec_bits);
}

static void test_threads(void)
{
	clear("cores without threads, and with two");
	begin_tree();
	add_core(4, 0, 1, NULL, 0);
	CHECK(!discover(4) && !cpu_has_threads);
	begin_tree();
	add_core(4, 0, 2, NULL, 0);
	CHECK(!discover(4) && cpu_has_threads);
}

static void test_tree(void)
{
	clear("cores of two chips, with threads, one switched off, and OPAL in the tree");
	fw = (struct firmware){ .piece = 4096 };
	opal = (struct opal_entry){ 0, 0 };
	begin_tree();
	add_core(0x4, 0, 4, NULL, 56);
	add_core(0x8, 0, 4, "bad", 56);
	add_core(0x10c, 8, 2, "okay", 56);
	CHECK(!discover(0x10d));
	CHECK(nr_cpus_found == 6);
	CHECK(placed(0, 0x10d, 8, 0xc, 1) && placed(1, 4, 0, 4, 0) && placed(4, 7, 0, 4, 3));
	CHECK(placed(5, 0x10c, 8, 0xc, 0));
	CHECK(opal.base == 0x130000000 && opal.entry == 0x230008000 && reinits == 1);
	CHECK(machine.heartbeat_ms == 1234 && machine.timebase_hz == TIMEBASE_HZ);
	CHECK(!strcmp(machine.cpu_model, "POWER9 PVR 0x004e1202"));
	CHECK(!strcmp(boot_info.firmware, "opal skiboot-v7"));
	CHECK(arch_cache_line_size() == 128);

	clear("OPAL's entry in the registers");
	opal = (struct opal_entry){ 0x30000000, 0x30008000 };
	begin_tree();
	add_core(0, 0, 1, NULL, 0);
	CHECK(!discover(0) && opal.entry == 0x30008000 && !reinits);

	clear("the decrementer");
	expect_dec_bits(0, 32);
	expect_dec_bits(31, 32);
	expect_dec_bits(56, 56);
	expect_dec_bits(64, 64);
	expect_dec_bits(65, 32);

	clear("a tree without the CPU that runs this");
	begin_tree();
	add_core(4, 0, 4, NULL, 0);
	CHECK(discover(0x20) == -ENODEV && strstr(said, "no CPU with PIR 32"));
}

void test(void)
{
	test_text();
	test_end();
	test_heartbeat();
	test_mended();
	test_cpus();
	test_threads();
	test_tree();
}
