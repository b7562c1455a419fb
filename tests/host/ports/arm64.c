/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64's gic.c on interrupt controllers that are other than QEMU's: versions 2 (IHI 0048) and 3
 * (IHI 0069) in the state that a former kernel left them in, slow to do what is written,
 * redistributors in several regions and with virtual LPIs, CPUs in many clusters, a secure world.
 */
#include "ports.h"

#include <kernel/smp.h>
#include <mm/kmap.h>

#include "../../../arch/arm64/port.h"
#include "../../library/fdt_builder.h"
#include "arm64.h"

const char port[] = "arm64";

#define DIST   0x08000000UL
#define CPU_IF 0x08010000UL
#define FRAME  0x10000UL
#define NR_RD  6 /* redistributors: three and three in two regions */
#define LINES  3 /* words of shared interrupts */
#define TIMER  27
#define LOOKS  3 /* at a register until what was written has had its effect */

/* Of one CPU, or the shared ones: 32 interrupts. */
struct bank {
	u32 enabled, pending, active, group;
	u8 priority[32];
};

static struct gic {
	unsigned int version;
	bool secure; /* group 0 is another world's */
	bool vlpis;  /* four frames each */
	u32 typer;   /* GICD_TYPER, the lines apart */
	u32 ctlr;
	unsigned int busy;	     /* looks until CTLR's write has its effect */
	struct bank bank[1 + LINES]; /* 0: of the CPU, in version 2 */
	struct {
		struct bank bank;
		unsigned int busy, asleep; /* the same; asleep: so many looks more */
		bool woken;
	} rd[NR_RD];
	/* Version 2. */
	u8 targets;		   /* of a private interrupt, as this CPU sees itself; */
	unsigned int first_target; /* interrupts below have none */
	u8 sgi_pending[16];
	u32 apr[4], cpu_ctlr, pmr, sgir;
	/* Version 3. */
	unsigned int pri_bits;
	bool no_sre;
	u64 sre, ap0[4], ap1[4], sgi1r, sgi0r, grp0, grp1, icc_pmr;
} gic;

static u64 mpidr;
static unsigned int this_cpu, accesses;

unsigned int smp_processor_id(void)
{
	return this_cpu;
}

/* ---- system registers of version 3 ---- */

static u64 *active_priorities(const char *name)
{
	unsigned int nr;

	if (sscanf(name, "s3_0_c12_c8_%u", &nr) == 1 && nr >= 4 && nr < 8)
		return &gic.ap0[nr - 4];
	if (sscanf(name, "s3_0_c12_c9_%u", &nr) == 1 && nr < 4)
		return &gic.ap1[nr];
	return NULL;
}

u64 host_sysreg_read(const char *name)
{
	if (!strcmp(name, "mpidr_el1"))
		return mpidr;
	if (!strcmp(name, "s3_0_c12_c12_5"))
		return gic.sre;
	if (!strcmp(name, "s3_0_c12_c12_4"))
		return (gic.pri_bits - 1) << 8;
	fail("it reads %s", name);
}

static void write_active(const char *name, u64 *ap, u64 val)
{
	unsigned int nr = ap - (ap >= gic.ap1 && ap < gic.ap1 + 4 ? gic.ap1 : gic.ap0);

	if (nr >= (gic.pri_bits <= 5 ? 1 : gic.pri_bits == 6 ? 2 : 4))
		fail("%s is undefined with %u bits of priority", name, gic.pri_bits);
	*ap = val;
}

void host_sysreg_write(const char *name, u64 val)
{
	u64 *ap = active_priorities(name);

	if (!strcmp(name, "s3_0_c12_c12_5"))
		gic.sre = gic.no_sre ? val & ~1ULL : val;
	else if (!(gic.sre & 1))
		fail("%s is written without system registers", name);
	else if (ap)
		write_active(name, ap, val);
	else if (!strcmp(name, "s3_0_c12_c11_5"))
		gic.sgi1r = val;
	else if (!strcmp(name, "s3_0_c12_c11_7"))
		gic.sgi0r = val;
	else if (!strcmp(name, "s3_0_c12_c12_6"))
		gic.grp0 = val;
	else if (!strcmp(name, "s3_0_c12_c12_7"))
		gic.grp1 = val;
	else if (!strcmp(name, "s3_0_c4_c6_0"))
		gic.icc_pmr = val;
}

/* ---- registers in memory ---- */

/* Those that are the same for 32 private and for shared interrupts. */
static void bank_write(struct bank *b, u32 reg, unsigned int bits, u32 val)
{
	switch (reg & ~0x7fU) {
	case 0x080:
		b->group = gic.secure ? 0 : val;
		return;
	case 0x100:
		b->enabled |= val;
		return;
	case 0x180:
		b->enabled &= ~val;
		return;
	case 0x280:
		b->pending &= ~val;
		return;
	case 0x380:
		b->active &= ~val;
		return;
	case 0x400:
		if (bits == 8)
			b->priority[reg & 31] = val;
		return;
	}
	fail("register %x of 32 interrupts is written", reg);
}

static u32 targets_read(u32 reg)
{
	u32 val = 0;

	for (unsigned int i = 0; i < 4; i++)
		if ((reg & 0x1f) + i >= gic.first_target)
			val |= (u32)gic.targets << 8 * i;
	return val;
}

static u64 dist_read(u32 reg)
{
	if (reg == 0)
		return gic.ctlr | (gic.busy ? (gic.busy--, 1U << 31) : 0) |
		       (gic.version == 3 && !gic.secure ? 1U << 6 : 0);
	if (reg == 4)
		return gic.typer | LINES;
	if (reg == 0x80)
		return gic.bank[0].group;
	if (reg >= 0x800 && reg < 0x820)
		return targets_read(reg);
	fail("the distributor's %x is read", reg);
}

static void dist_write(u32 reg, unsigned int bits, u32 val)
{
	unsigned int word = (reg & 0x7f) / 4;

	if (gic.version == 3 && gic.busy)
		fail("%x is written before the last had its effect", reg);
	if (reg == 0) {
		gic.ctlr = val;
		gic.busy = gic.version == 3 ? LOOKS : 0;
	} else if (reg == 0xf00) {
		gic.sgir = val;
	} else if (reg >= 0xf10 && reg < 0xf20) {
		for (unsigned int i = 0; i < 4; i++)
			gic.sgi_pending[reg - 0xf10 + i] &= ~(val >> 8 * i);
	} else if (reg >= 0x400 && reg < 0x420) {
		bank_write(&gic.bank[0], reg, bits, val);
	} else if (reg >= 0x80 && reg < 0x400 && word <= LINES) {
		if (!word && gic.version == 3)
			fail("a private interrupt is looked for in the distributor");
		bank_write(&gic.bank[word], reg & ~0x7cU, bits, val);
	} else {
		fail("the distributor's %x is written", reg);
	}
}

static u64 frames(void)
{
	return gic.vlpis ? 4 : 2;
}

/* Redistributor @n: Aff3.Aff2.Aff1.Aff0 in the upper half, the last of its region, virtual LPIs. */
static u64 rd_affinity(unsigned int n)
{
	return n == 4 ? 0x80020103 : n;
}

static u64 rd_read(unsigned int n, u32 reg)
{
	if (reg == 8)
		return rd_affinity(n) << 32 | (gic.vlpis ? 2 : 0) | (n % 3 == 2 ? 1 << 4 : 0);
	if (reg == 0)
		return gic.rd[n].busy ? (gic.rd[n].busy--, 1 << 3) : 0;
	if (reg == 0x14)
		return gic.rd[n].woken ? (gic.rd[n].asleep ? (gic.rd[n].asleep--, 4) : 0) : 6;
	if (reg == FRAME + 0x80)
		return gic.rd[n].bank.group;
	fail("the redistributor's %x is read", reg);
}

static void rd_write(unsigned int n, u32 reg, unsigned int bits, u32 val)
{
	if (reg == 0x14) {
		gic.rd[n].woken = !(val & 2);
		return;
	}
	if (!gic.rd[n].woken || gic.rd[n].asleep)
		fail("%x of a redistributor that sleeps is written", reg);
	if (reg < FRAME)
		fail("the redistributor's %x is written", reg);
	bank_write(&gic.rd[n].bank, reg - FRAME, bits, val);
	if ((reg & 0xfff) == 0x180)
		gic.rd[n].busy = LOOKS;
}

/* In which redistributor an address is; fails outside of both regions. */
static unsigned int rd_of(unsigned long addr, u32 *reg)
{
	u64 size = frames() * FRAME;

	for (unsigned int region = 0; region < 2; region++) {
		unsigned long start = 0x09000000UL + region * 0x10000000UL;

		if (addr < start || addr >= start + 3 * size)
			continue;
		*reg = (addr - start) % size;
		return region * 3 + (addr - start) / size;
	}
	fail("nothing is at %#lx", addr);
}

static void look(void)
{
	if (++accesses > 100000)
		fail("it waits for ever");
}

u64 host_mmio_read(unsigned long addr, unsigned int bits)
{
	u32 reg;
	unsigned int n;

	look();
	if (addr >= DIST && addr < DIST + FRAME)
		return dist_read(addr - DIST);
	if (addr >= PM && addr < PM_END)
		return pm_read(addr - PM);
	n = rd_of(addr, &reg);
	return rd_read(n, reg);
}

void host_mmio_write(unsigned long addr, unsigned int bits, u64 val)
{
	u32 reg;
	unsigned int n;

	look();
	if (addr >= DIST && addr < DIST + FRAME) {
		dist_write(addr - DIST, bits, val);
	} else if (addr >= PM && addr < PM_END) {
		pm_write(addr - PM, val);
	} else if (gic.version == 2 && addr >= CPU_IF && addr < CPU_IF + 0x1000) {
		reg = addr - CPU_IF;
		if (reg == 0)
			gic.cpu_ctlr = val;
		else if (reg == 4)
			gic.pmr = val;
		else if (reg >= 0xd0 && reg < 0xe0)
			gic.apr[(reg - 0xd0) / 4] = val;
	} else {
		n = rd_of(addr, &reg);
		rd_write(n, reg, bits, val);
	}
}

/* ---- what gic.c asks of others ---- */

struct fdt machine_fdt;
static int acks, ipis, ticks, nmis;

void *ioremap(phys_addr_t pa, size_t size)
{
	return (void *)pa;
}

void timer_ack(void)
{
	acks++;
}

void timer_interrupt(struct pt_regs *regs)
{
	ticks++;
}

void ipi_interrupt(struct pt_regs *regs)
{
	ipis++;
}

void nmi_interrupt(struct pt_regs *regs)
{
	nmis++;
}

/* ---- controllers as a former kernel left them ---- */

static void leave_behind(struct bank *b)
{
	b->enabled = b->pending = b->active = ~0U;
}

static void begin(const char *what, unsigned int version)
{
	now = what;
	accesses = 0;
	this_cpu = 0;
	memset(&gic, 0, sizeof(gic));
	gic.version = version;
	gic.targets = 4;
	gic.pri_bits = 5;
	gic.sre = 6;
	for (unsigned int i = 0; i <= LINES; i++)
		leave_behind(&gic.bank[i]);
	for (unsigned int n = 0; n < NR_RD; n++) {
		leave_behind(&gic.rd[n].bank);
		gic.rd[n].asleep = LOOKS;
	}
	memset(gic.sgi_pending, 0xff, sizeof(gic.sgi_pending));
	memset(gic.apr, 0xff, sizeof(gic.apr));
	memset(gic.ap0, 0xff, sizeof(gic.ap0));
	memset(gic.ap1, 0xff, sizeof(gic.ap1));
}

static int controller_node(void)
{
	static struct fdt_builder b;
	u32 size = 4 * frames() * FRAME; /* the last one says that it is the last */

	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 1, 1);
	fdtb_begin_node(&b, "intc@8000000");
	if (gic.version == 2)
		FDTB_CELLS(&b, "reg", DIST, 0x1000, CPU_IF, 0x2000);
	else
		FDTB_CELLS(&b, "reg", DIST, FRAME, 0x09000000, size, 0x19000000, size);
	FDTB_CELLS(&b, "#redistributor-regions", 2);
	fdtb_end_node(&b);
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!fdt_open(&machine_fdt, b.blob, b.len, NULL));
	return fdt_path(&machine_fdt, "/intc@8000000");
}

static int init(const struct irqchip *chip)
{
	static const u32 timer[] = { 1, TIMER - 16, 4 };

	return chip->init(controller_node(), timer, 3);
}

/* Nothing of the former life, and of ours the IPI, the timer and, if it is ours, the NMI. */
static void check_bank(const struct bank *b, bool nmi)
{
	CHECK(b->enabled == (1U << 0 | 1U << TIMER | (nmi ? 1U << 1 : 0)));
	CHECK(!b->pending && !b->active);
	CHECK(b->group == (gic.secure ? 0 : nmi ? ~2U : ~0U));
	for (unsigned int i = 0; i < 32; i++)
		CHECK(b->priority[i] == (nmi && i == 1 ? 0 : 0xa0));
}

static void check_shared(void)
{
	for (unsigned int i = 1; i <= LINES; i++)
		CHECK(!gic.bank[i].enabled && !gic.bank[i].pending && !gic.bank[i].active);
}

/* ---- version 2 ---- */

static void test_v2(bool secure, unsigned int first_target)
{
	begin("version 2", 2);
	gic.secure = secure;
	gic.first_target = first_target;
	gic.typer = 3 << 5;
	CHECK(!init(&gic_v2_chip));
	check_shared();
	gic_v2_chip.init_cpu();
	check_bank(&gic.bank[0], !secure);
	for (unsigned int i = 0; i < 16; i++)
		CHECK(!gic.sgi_pending[i]);
	for (unsigned int i = 0; i < 4; i++)
		CHECK(!gic.apr[i]);
	CHECK(gic.pmr == 0xf0 && gic.cpu_ctlr == (secure ? 1 : 0xf) && gic.ctlr == 3);
	CHECK(gic_v2_chip.reaches(3) && !gic_v2_chip.reaches(4));
	gic_v2_chip.ipi(0);
	CHECK(gic.sgir == ((u32)gic.targets << 16 | (secure ? 0 : 1 << 15)));
	CHECK(gic_v2_chip.nmi(0) == (secure ? -EOPNOTSUPP : 0));
	CHECK(secure || gic.sgir == ((u32)gic.targets << 16 | 1));
}

/* ---- version 3 ---- */

static void test_v3(unsigned int rd, bool vlpis, bool secure, unsigned int pri_bits)
{
	static const unsigned int registers[] = { 1, 1, 1, 1, 1, 1, 2, 4, 4 };

	begin("version 3", 3);
	gic.secure = secure;
	gic.vlpis = vlpis;
	gic.pri_bits = pri_bits;
	mpidr = 1ULL << 31 | (rd == 4 ? 0x8000020103ULL : rd);
	CHECK(!init(&gic_v3_chip));
	check_shared();
	gic_v3_chip.init_cpu();
	for (unsigned int n = 0; n < NR_RD; n++)
		CHECK(gic.rd[n].woken == (n == rd));
	check_bank(&gic.rd[rd].bank, !secure);
	CHECK(!gic.rd[rd].busy && !gic.busy && gic.ctlr == 0x13);
	for (unsigned int i = 0; i < registers[pri_bits]; i++)
		CHECK(!gic.ap1[i] && (secure || !gic.ap0[i]));
	CHECK(gic.icc_pmr == 0xf0 && gic.grp1 == 1 && gic.grp0 == !secure && gic.sre == 7);
}

/* ICC_SGI1R_EL1: 12.2. Ranges of sixteen at 44, Aff1 at 16, Aff2 at 32, Aff3 at 48. */
static void test_sgi(void)
{
	test_v3(1, false, false, 5);
	now = "an SGI of version 3";
	cpu_table[5].hw_id = 0x8000020133;
	gic_v3_chip.ipi(5);

	CHECK(gic.sgi1r == (0x80ULL << 48 | 3ULL << 44 | 2ULL << 32 | 1ULL << 16 | 1 << 3));
	CHECK(!gic_v3_chip.nmi(5));
	CHECK(gic.sgi0r == (gic.sgi1r | 1 << 24));
	gic.typer = 0;
	CHECK(!gic_v3_chip.reaches(5));
	gic.typer = 1U << 24;
	CHECK(!gic_v3_chip.reaches(5));
	gic.typer = 1U << 26;
	CHECK(!gic_v3_chip.reaches(5));
	gic.typer = 1U << 24 | 1U << 26;
	CHECK(gic_v3_chip.reaches(5));
	gic.typer = 0;
	cpu_table[5].hw_id = 0xff0f;
	CHECK(gic_v3_chip.reaches(5));
}

static void test_refused(void)
{
	begin("firmware that keeps the system registers", 3);
	gic.no_sre = true;
	CHECK(init(&gic_v3_chip) == -ENODEV);
	said_clear();
	begin("a CPU without a redistributor", 3);
	mpidr = 0x55;
	CHECK(!init(&gic_v3_chip));
	gic_v3_chip.init_cpu();
	CHECK(strstr(said, "no GIC redistributor for CPU 0"));
}

void test(void)
{
	test_v2(false, 0);
	test_v2(true, 0);
	/* Of private interrupts only some are there, and have targets. */
	test_v2(false, 26);
	for (unsigned int rd = 0; rd < NR_RD; rd++) {
		test_v3(rd, rd & 1, false, 5 + rd % 3);
		test_v3(rd, !(rd & 1), true, 7);
	}
	test_sgi();
	test_refused();
	test_end();
}
