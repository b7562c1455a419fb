/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm's generic interrupt controller, version 2 (IHI 0048) and version 3 (IHI 0069). We use two
 * software-generated interrupts and the timer's private one.
 *
 * The NMI is a group 0 interrupt, which arrives as FIQ, and PSTATE.F is never masked for long.
 * Group 0 is ours only where no secure world has taken it: then a write to IGROUPR0 sticks. Where
 * it does not (it reads as zero to the non-secure side), all interrupts are group 1, and there is
 * no NMI.
 */
#include <arch/barrier.h>
#include <arch/cpu.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <mm/kmap.h>

#include "port.h"

enum { SGI_IPI = 0, SGI_NMI = 1 };

/* Distributor, and the SGI page of a redistributor, which has the same offsets for the first 32. */
#define GICD_CTLR	0x000
#define GICD_TYPER	0x004
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_ICPENDR	0x280
#define GICD_ICACTIVER	0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR	0x800
#define GICD_SGIR	0xf00
#define GICD_CPENDSGIR	0xf10

#define GICD_TYPER_CPUS(t) (((t) >> 5 & 7) + 1) /* version 2: interfaces */
#define GICD_TYPER_A3V	   (1U << 24)		/* version 3: Aff3 may be other than 0 ... */
#define GICD_TYPER_RSS	   (1U << 26)		/* ... and Aff0 above 15 in an SGI */

#define GICD_CTLR_GRP0	(1U << 0)
#define GICD_CTLR_GRP1	(1U << 1)
#define GICD_CTLR_ARE	(1U << 4)
#define GICD_CTLR_DS	(1U << 6)
#define GICD_CTLR_RWP	(1U << 31)
#define GICD_SGIR_NSATT (1U << 15)

/* CPU interface of version 2 */
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_APR  0xd0 /* four of them: active priorities */

#define GICC_CTLR_GRP0	 (1U << 0)
#define GICC_CTLR_GRP1	 (1U << 1)
#define GICC_CTLR_ACKCTL (1U << 2)
#define GICC_CTLR_FIQEN	 (1U << 3)

/* Redistributor: two pages of 64 KiB, four with virtual LPIs */
#define GICR_CTLR	  0x00
#define GICR_TYPER	  0x08
#define GICR_WAKER	  0x14
#define GICR_SGI	  0x10000
#define GICR_CTLR_RWP	  (1U << 3)
#define GICR_TYPER_VLPIS  (1U << 1)
#define GICR_TYPER_LAST	  (1U << 4)
#define GICR_WAKER_SLEEP  (1U << 1)
#define GICR_WAKER_ASLEEP (1U << 2)

/* Priorities: lower is more urgent; of 8 bits at least the upper 4 exist. */
#define PRIO_NMI    0x00
#define PRIO_NORMAL 0xa0
#define PRIO_ALL    0xf0

#define INTID_SPECIAL 1020 /* and above: nothing to handle */

/* CPU interface of version 3 (IHI 0069, 12.2), by encoding: not all assemblers know the names. */
#define ICC_PMR		      s3_0_c4_c6_0
#define ICC_IAR0	      s3_0_c12_c8_0
#define ICC_EOIR0	      s3_0_c12_c8_1
#define ICC_BPR0	      s3_0_c12_c8_3
#define ICC_AP0R(n)	      s3_0_c12_c8_##n /* n: the register's number and 4 */
#define ICC_AP1R(n)	      s3_0_c12_c9_##n
#define ICC_SGI1R	      s3_0_c12_c11_5
#define ICC_SGI0R	      s3_0_c12_c11_7
#define ICC_IAR1	      s3_0_c12_c12_0
#define ICC_EOIR1	      s3_0_c12_c12_1
#define ICC_BPR1	      s3_0_c12_c12_3
#define ICC_CTLR	      s3_0_c12_c12_4
#define ICC_SRE		      s3_0_c12_c12_5
#define ICC_IGRPEN0	      s3_0_c12_c12_6
#define ICC_IGRPEN1	      s3_0_c12_c12_7
#define gic_read(reg)	      gic_read_1(reg)
#define gic_read_1(reg)	      arm64_read_sysreg(reg)
#define gic_write(val, reg)   gic_write_1(val, reg)
#define gic_write_1(val, reg) arm64_write_sysreg(val, reg)

#define REDIST_REGIONS 8

/* All constant after init, but for target[]. */
static char *dist;
static char *cpu_if;		     /* version 2 */
static char *redist[REDIST_REGIONS]; /* version 3 */
static u64 redist_size[REDIST_REGIONS];
static u64 redist_stride;
static u32 timer_intid;
static bool have_nmi;
static u8 target[NR_CPUS]; /* version 2: a CPU's bit in SGIR; its own, or who wakes it, writes it */

static char *gic_map(int node, u32 index, u64 *size)
{
	phys_addr_t pa;

	if (fdt_reg_phys(&machine_fdt, node, index, &pa, size))
		return NULL;
	return ioremap(pa, *size);
}

/* Specifier (Linux, arm,gic.yaml): kind (1: private), number, flags. Private ones begin at 16. */
static int timer_decode(const u32 *timer, u32 cells)
{
	if (cells < 3 || timer[0] != 1 || timer[1] > 15) {
		pr_err("the timer's interrupt is not a private one of the GIC\n");
		return -EBADMSG;
	}
	timer_intid = 16 + timer[1];
	return 0;
}

/*
 * Interrupts of word @i: off, and nothing left of what a kernel before us, or firmware, had begun:
 * one that was never ended lets none of its priority through.
 */
static void gic_quench(char *base, u32 i)
{
	mmio_write32(base + GICD_ICENABLER + 4 * i, ~0U);
	mmio_write32(base + GICD_ICPENDR + 4 * i, ~0U);
	mmio_write32(base + GICD_ICACTIVER + 4 * i, ~0U);
}

/*
 * The 32 interrupts that each CPU has for itself, at @base: all off but ours. Finds out, on the
 * boot CPU, whether group 0 is ours. @try_group0: it may be.
 */
static void gic_init_private(char *base, bool try_group0)
{
	u32 group1 = ~(try_group0 ? 1U << SGI_NMI : 0);

	gic_quench(base, 0);
	mmio_write32(base + GICD_IGROUPR, group1);
	if (!smp_processor_id())
		have_nmi = try_group0 && mmio_read32(base + GICD_IGROUPR) == group1;
	for (u32 i = 0; i < 32; i++)
		mmio_write8(base + GICD_IPRIORITYR + i,
			    have_nmi && i == SGI_NMI ? PRIO_NMI : PRIO_NORMAL);
	mmio_write32(base + GICD_ISENABLER,
		     1U << SGI_IPI | 1U << timer_intid | (have_nmi ? 1U << SGI_NMI : 0));
}

/* Shared interrupts, which nobody here handles: off, whatever firmware left. */
static void gic_disable_shared(void)
{
	u32 lines = mmio_read32(dist + GICD_TYPER) & 31;

	for (u32 i = 1; i <= lines; i++)
		gic_quench(dist, i);
}

static void gic_dispatch(struct pt_regs *regs, u32 intid)
{
	if (intid == SGI_IPI)
		ipi_interrupt(regs);
	else if (intid == timer_intid)
		timer_interrupt(regs);
	else if (intid == SGI_NMI)
		nmi_interrupt(regs);
}

/* ---- version 2 ---- */

static int gic_v2_init(int node, const u32 *timer, u32 cells)
{
	u64 size;

	dist = gic_map(node, 0, &size);
	cpu_if = gic_map(node, 1, &size);
	if (!dist || !cpu_if) {
		pr_err("the GIC has no registers in the device tree\n");
		return -EBADMSG;
	}
	mmio_write32(dist + GICD_CTLR, 0);
	gic_disable_shared();
	mmio_write32(dist + GICD_CTLR, GICD_CTLR_GRP0 | GICD_CTLR_GRP1);
	return timer_decode(timer, cells);
}

/* Its own number for a CPU is known to that CPU alone; so many there are. */
static bool gic_v2_reaches(unsigned int cpu)
{
	return cpu < GICD_TYPER_CPUS(mmio_read32(dist + GICD_TYPER));
}

static void gic_v2_init_cpu(void)
{
	u32 mask = 0;

	/* Banked: a CPU reads the targets of its private interrupts, which is itself. */
	for (u32 i = 0; i < 8 && !mask; i++)
		mask = mmio_read32(dist + GICD_ITARGETSR + 4 * i);
	mask |= mask >> 16;
	mask |= mask >> 8;
	/* A GIC for a single CPU has no targets, and wants none. */
	WRITE_ONCE(target[smp_processor_id()], mask ? (u8)mask : 1);
	gic_init_private(dist, true);
	for (u32 i = 0; i < 4; i++) {
		mmio_write32(dist + GICD_CPENDSGIR + 4 * i, ~0U);
		mmio_write32(cpu_if + GICC_APR + 4 * i, 0);
	}
	mmio_write32(cpu_if + GICC_PMR, PRIO_ALL);
	mmio_write32(cpu_if + GICC_BPR, 0);
	/* Without the second security state bit 0 is all there is to the non-secure side. */
	mmio_write32(cpu_if + GICC_CTLR,
		     have_nmi ? GICC_CTLR_GRP0 | GICC_CTLR_GRP1 | GICC_CTLR_ACKCTL | GICC_CTLR_FIQEN
			      : GICC_CTLR_GRP0);
}

static void gic_v2_send(unsigned int cpu, u32 sgi, u32 nsatt)
{
	/* dsb: pairs with the rmb() in gic_v2_ack(); the sender's stores before the interrupt is
	 * taken; tests: kernel.call_single */
	arm64_dsb(ishst);
	mmio_write32(dist + GICD_SGIR, (u32)READ_ONCE(target[cpu]) << 16 | nsatt | sgi);
}

static void gic_v2_ipi(unsigned int cpu)
{
	gic_v2_send(cpu, SGI_IPI, have_nmi ? GICD_SGIR_NSATT : 0);
}

/* In both groups, where both are ours: nobody says which one firmware takes it from. */
static void gic_v2_wake(unsigned int cpu, u32 nr)
{
	WRITE_ONCE(target[cpu], 1U << (nr & 7));
	gic_v2_send(cpu, SGI_IPI, 0);
	if (have_nmi)
		gic_v2_send(cpu, SGI_IPI, GICD_SGIR_NSATT);
}

static int gic_v2_nmi(unsigned int cpu)
{
	if (!have_nmi)
		return -EOPNOTSUPP;
	gic_v2_send(cpu, SGI_NMI, 0);
	return 0;
}

static u32 gic_v2_ack(void)
{
	u32 ack = mmio_read32(cpu_if + GICC_IAR);

	/*
	 * rmb: the acknowledgement, which may be of an interrupt that came after we were entered,
	 * before the handler's loads; pairs with the dsb in gic_v2_send(); tests: kernel.call_storm
	 */
	rmb();
	return ack;
}

/*
 * IAR gives interrupts of both groups (AckCtl; the aliased registers for group 1 would be the newer
 * way, but QEMU lacks them). An NMI that comes while we are here may so be found by the loop, and
 * its FIQ then finds nothing.
 */
static void gic_v2_irq(struct pt_regs *regs)
{
	for (;;) {
		u32 ack = gic_v2_ack();
		u32 intid = ack & 0x3ff;

		if (intid >= INTID_SPECIAL)
			return;
		if (intid == timer_intid)
			timer_ack();
		mmio_write32(cpu_if + GICC_EOIR, ack);
		gic_dispatch(regs, intid);
	}
}

/* A FIQ means that the most urgent interrupt is of group 0, and only the NMI is. */
static void gic_v2_fiq(struct pt_regs *regs)
{
	u32 ack = gic_v2_ack();

	if ((ack & 0x3ff) >= INTID_SPECIAL)
		return;
	mmio_write32(cpu_if + GICC_EOIR, ack);
	gic_dispatch(regs, ack & 0x3ff);
}

/* ---- version 3 ---- */

/* Until what was written has had its effect (IHI 0069, 12.9.4 GICD_CTLR.RWP, 12.11.2 GICR_CTLR). */
static void gic_v3_wait(char *ctlr, u32 rwp)
{
	while (mmio_read32(ctlr) & rwp)
		cpu_relax();
}

/*
 * Does this CPU have the interface of system registers? Firmware at EL3 or EL2 may forbid it, and
 * then the bit does not stick (IHI 0069, 12.2 ICC_SRE_EL1).
 */
static bool gic_v3_enable_sysregs(void)
{
	gic_write(gic_read(ICC_SRE) | 1, ICC_SRE);
	arm64_isb();
	if (gic_read(ICC_SRE) & 1)
		return true;
	pr_err("firmware forbids the GIC's system registers to CPU %u\n", smp_processor_id());
	return false;
}

#define gic_clear_active(ap, r0, r1, r2, r3) \
	do { \
		gic_write(0, ap(r0)); \
		if (pri_bits >= 6) \
			gic_write(0, ap(r1)); \
		if (pri_bits >= 7) { \
			gic_write(0, ap(r2)); \
			gic_write(0, ap(r3)); \
		} \
	} while (0)

/* Priorities that were active in a former life; so many registers as there are levels. */
static void gic_v3_clear_active(void)
{
	u32 pri_bits = (gic_read(ICC_CTLR) >> 8 & 7) + 1;

	if (have_nmi)
		gic_clear_active(ICC_AP0R, 4, 5, 6, 7);
	gic_clear_active(ICC_AP1R, 0, 1, 2, 3);
	arm64_isb();
}

/* Bytes from one redistributor to the next; 0: as the one says itself (Linux, arm,gic-v3.yaml). */
static u64 gic_v3_stride(int node)
{
	u32 hi, lo;

	if (fdt_prop_cell(&machine_fdt, node, "redistributor-stride", 0, &hi))
		return 0;
	if (fdt_prop_cell(&machine_fdt, node, "redistributor-stride", 1, &lo))
		return hi;
	return (u64)hi << 32 | lo;
}

static int gic_v3_init(int node, const u32 *timer, u32 cells)
{
	u32 regions = 1;
	u64 size;

	dist = gic_map(node, 0, &size);
	fdt_prop_u32(&machine_fdt, node, "#redistributor-regions", &regions);
	for (u32 i = 0; i < MIN(regions, (u32)REDIST_REGIONS); i++)
		redist[i] = gic_map(node, 1 + i, &redist_size[i]);
	if (!dist || !redist[0]) {
		pr_err("the GIC has no registers in the device tree\n");
		return -EBADMSG;
	}
	if (!gic_v3_enable_sysregs())
		return -ENODEV;
	redist_stride = gic_v3_stride(node);
	mmio_write32(dist + GICD_CTLR, 0);
	gic_v3_wait(dist + GICD_CTLR, GICD_CTLR_RWP);
	gic_disable_shared();
	gic_v3_wait(dist + GICD_CTLR, GICD_CTLR_RWP);
	/* Affinity routing and both groups; to the non-secure side the bits mean group 1 alike. */
	mmio_write32(dist + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1 | GICD_CTLR_GRP0);
	gic_v3_wait(dist + GICD_CTLR, GICD_CTLR_RWP);
	return timer_decode(timer, cells);
}

/* Aff3.Aff2.Aff1.Aff0 of an MPIDR, packed as in GICR_TYPER. */
static u32 affinity(u64 mpidr)
{
	return (mpidr >> 32 & 0xff) << 24 | (mpidr & 0xffffff);
}

static bool gic_v3_reaches(unsigned int cpu)
{
	u32 typer = mmio_read32(dist + GICD_TYPER), id = affinity(cpu_table[cpu].hw_id);

	return (!(id >> 24) || typer & GICD_TYPER_A3V) &&
	       ((id & 0xff) < 16 || typer & GICD_TYPER_RSS);
}

/* This CPU's redistributor, or NULL. */
static char *gic_v3_find_redist(void)
{
	u32 self = affinity(arm64_read_sysreg(mpidr_el1));

	for (unsigned int i = 0; i < REDIST_REGIONS && redist[i]; i++) {
		u64 typer, step;

		for (u64 off = 0; off + 2 * GICR_SGI <= redist_size[i]; off += step) {
			typer = mmio_read64(redist[i] + off + GICR_TYPER);
			if (typer >> 32 == self)
				return redist[i] + off;
			if (typer & GICR_TYPER_LAST)
				break;
			step = typer & GICR_TYPER_VLPIS ? 4 * GICR_SGI : 2 * GICR_SGI;
			if (redist_stride)
				step = redist_stride;
		}
	}
	return NULL;
}

static void gic_v3_init_cpu(void)
{
	char *rd = gic_v3_find_redist();

	if (!rd) {
		pr_err("no GIC redistributor for CPU %u: it takes no interrupts\n",
		       smp_processor_id());
		return;
	}
	mmio_write32(rd + GICR_WAKER, mmio_read32(rd + GICR_WAKER) & ~GICR_WAKER_SLEEP);
	while (mmio_read32(rd + GICR_WAKER) & GICR_WAKER_ASLEEP)
		cpu_relax();
	gic_init_private(rd + GICR_SGI, mmio_read32(dist + GICD_CTLR) & GICD_CTLR_DS);
	gic_v3_wait(rd + GICR_CTLR, GICR_CTLR_RWP);
	if (!gic_v3_enable_sysregs())
		return;
	gic_v3_clear_active();
	gic_write(PRIO_ALL, ICC_PMR);
	gic_write(0, ICC_BPR1);
	gic_write(0, ICC_CTLR);
	if (have_nmi) {
		gic_write(0, ICC_BPR0);
		gic_write(1, ICC_IGRPEN0);
	}
	gic_write(1, ICC_IGRPEN1);
	arm64_isb();
}

/* ICC_SGIxR_EL1: Aff3 at 48, range selector at 44, Aff2 at 32, number at 24, Aff1 at 16, list. */
static u64 gic_v3_sgi(unsigned int cpu, u32 sgi)
{
	u64 id = cpu_table[cpu].hw_id;
	u64 aff0 = id & 0xff;

	/* The sender's stores before the interrupt is taken; tests: kernel.call_single */
	arm64_dsb(ishst);
	return (id >> 32 & 0xff) << 48 | (aff0 >> 4) << 44 | (id >> 16 & 0xff) << 32 |
	       (u64)sgi << 24 | (id >> 8 & 0xff) << 16 | 1ULL << (aff0 & 15);
}

static void gic_v3_ipi(unsigned int cpu)
{
	gic_write(gic_v3_sgi(cpu, SGI_IPI), ICC_SGI1R);
	arm64_isb();
}

/* In both groups, as for version 2; here a CPU is known by its affinity. */
static void gic_v3_wake(unsigned int cpu, u32 nr)
{
	gic_v3_ipi(cpu);
	if (have_nmi)
		gic_write(gic_v3_sgi(cpu, SGI_IPI), ICC_SGI0R);
	arm64_isb();
}

static int gic_v3_nmi(unsigned int cpu)
{
	if (!have_nmi)
		return -EOPNOTSUPP;
	gic_write(gic_v3_sgi(cpu, SGI_NMI), ICC_SGI0R);
	arm64_isb();
	return 0;
}

static void gic_v3_irq(struct pt_regs *regs)
{
	for (;;) {
		u32 intid = gic_read(ICC_IAR1);

		/* The acknowledgement before all that follows (IHI 0069, 4.1.1). */
		arm64_dsb(sy);
		if (intid >= INTID_SPECIAL)
			return;
		if (intid == timer_intid)
			timer_ack();
		gic_write(intid, ICC_EOIR1);
		arm64_isb();
		gic_dispatch(regs, intid);
	}
}

static void gic_v3_fiq(struct pt_regs *regs)
{
	u32 intid = gic_read(ICC_IAR0);

	arm64_dsb(sy);
	if (intid >= INTID_SPECIAL)
		return;
	gic_write(intid, ICC_EOIR0);
	arm64_isb();
	gic_dispatch(regs, intid);
}

#define GIC_V2(name) \
	{ \
		.compatible = name, .init = gic_v2_init, .init_cpu = gic_v2_init_cpu, \
		.reaches = gic_v2_reaches, .ipi = gic_v2_ipi, .wake = gic_v2_wake, \
		.nmi = gic_v2_nmi, .irq = gic_v2_irq, .fiq = gic_v2_fiq, \
	}

const struct irqchip gic_v2_chip = GIC_V2("arm,cortex-a15-gic");
const struct irqchip gic_400_chip = GIC_V2("arm,gic-400");
const struct irqchip gic_v3_chip = {
	.compatible = "arm,gic-v3",
	.init = gic_v3_init,
	.init_cpu = gic_v3_init_cpu,
	.reaches = gic_v3_reaches,
	.ipi = gic_v3_ipi,
	.wake = gic_v3_wake,
	.nmi = gic_v3_nmi,
	.irq = gic_v3_irq,
	.fiq = gic_v3_fiq,
};
