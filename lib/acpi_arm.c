/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of what an Arm machine's ACPI tables say (ACPI specification 6.5): CPUs and interrupt
 * controller of the MADT (5.2.12.14 to 17), the generic timer of the GTDT (5.2.25), how CPUs are
 * started of the FADT (5.2.9.4), where they are of the PPTT, and the console.
 */
#include <lib/acpi_arm.h>
#include <lib/acpi_table.h>
#include <lib/errno.h>
#include <lib/string.h>

#define OEM_ID	     10 /* 5.2.6: of 6 characters, and a table's name of 8 */
#define OEM_ID_LEN   6
#define OEM_NAME_LEN 8

#define MADT_GICC 0xb
#define MADT_GICD 0xc
#define MADT_GICR 0xe

/* 5.2.12.14; ACPI 5.0, whose entry ends in front of the MPIDR, is too old for 64-bit machines. */
#define GICC_NUMBER   4
#define GICC_UID      8
#define GICC_FLAGS    12
#define GICC_PARKING  16 /* version of the protocol, 0: it waits otherwise */
#define GICC_MAILBOX  24
#define GICC_BASE     32
#define GICC_GICR     60
#define GICC_MPIDR    68
#define GICC_MIN_SIZE 76
#define MPIDR_AFF     0xff00ffffffULL

#define GICD_BASE    8
#define GICD_VERSION 20
#define GICD_SIZE    24

#define GICR_BASE   4
#define GICR_LENGTH 12
#define GICR_SIZE   16
#define GICR_FRAMES (128 << 10) /* IHI 0069, 12.10: of one CPU, twice as much in version 4 */

#define GTDT_TIMERS	  48 /* secure, physical, virtual, hypervisor: number and flags */
#define GTDT_NR_PLATFORM  88
#define GTDT_PLATFORM	  92
#define GTDT_MIN_SIZE	  80
#define TIMER_EDGE	  (1U << 0)
#define TIMER_LOW	  (1U << 1)
#define PLATFORM_LENGTH	  1
#define PLATFORM_WATCHDOG 1
#define WATCHDOG_REFRESH  4
#define WATCHDOG_CONTROL  12
#define WATCHDOG_SIZE	  28

#define FADT_ARM_BOOT 129
#define ARM_BOOT_PSCI (1U << 0)
#define ARM_BOOT_HVC  (1U << 1)

/* ---- MADT ---- */

/* Regions that touch are one: the next CPU's registers are then found by walking on. */
static void add_redist(const struct acpi_env *env, struct acpi_arm *info, u64 base, u64 size)
{
	unsigned int n = info->nr_redists;

	if (!base || !size || base + size < base)
		return;
	if (n && info->redist[n - 1].base + info->redist[n - 1].size == base) {
		info->redist[n - 1].size += size;
	} else if (n < ARRAY_SIZE(info->redist)) {
		info->redist[n].base = base;
		info->redist[n].size = size;
		info->nr_redists++;
	} else {
		acpi_err(env, "redistributors at %llx are left out: more than %u regions",
			 (unsigned long long)base, n);
	}
}

static void add_gicc(const struct acpi_env *env, const struct acpi_table *t, u32 off,
		     struct acpi_arm *info)
{
	struct acpi_arm_cpu *cpu = info->cpu + info->nr_cpus;

	/* One that is only "online capable" is a place for a CPU to be plugged into. */
	if (!(acpi_field32(t, off + GICC_FLAGS) & MADT_ENABLED))
		return;
	if (info->nr_cpus == ARRAY_SIZE(info->cpu)) {
		acpi_err(env, "more than %u CPUs: the others are left out", info->nr_cpus);
		return;
	}
	cpu->mpidr = acpi_field64(t, off + GICC_MPIDR) & MPIDR_AFF;
	cpu->cpu_interface = acpi_field32(t, off + GICC_NUMBER);
	cpu->uid = acpi_field32(t, off + GICC_UID);
	if (acpi_field32(t, off + GICC_PARKING))
		cpu->mailbox = acpi_field64(t, off + GICC_MAILBOX);
	info->nr_cpus++;
	if (!info->cpu_interface)
		info->cpu_interface = acpi_field64(t, off + GICC_BASE);
}

static void add_gicd(const struct acpi_table *t, u32 off, struct acpi_arm *info)
{
	info->distributor = acpi_field64(t, off + GICD_BASE);
	info->gic = acpi_field8(t, off + GICD_VERSION);
}

/* An entry of the MADT; -EBADMSG for one that ends too early. */
static int read_entry(const struct acpi_env *env, const struct acpi_table *t, u32 off, u32 len,
		      struct acpi_arm *info)
{
	u32 type = acpi_field8(t, off);
	u32 least = type == MADT_GICC	? GICC_MIN_SIZE
		    : type == MADT_GICD ? GICD_SIZE
		    : type == MADT_GICR ? GICR_SIZE
					: 0;

	if (len < least) {
		acpi_err(env, "MADT entry of type %u at offset %u has %u bytes, less than %u", type,
			 off, len, least);
		return -EBADMSG;
	}
	if (type == MADT_GICC)
		add_gicc(env, t, off, info);
	else if (type == MADT_GICD)
		add_gicd(t, off, info);
	else if (type == MADT_GICR)
		add_redist(env, info, acpi_field64(t, off + GICR_BASE),
			   acpi_field32(t, off + GICR_LENGTH));
	return 0;
}

/* Machines whose redistributors are not all in regions name each with its CPU (5.2.12.14). */
static void redists_of_cpus(const struct acpi_env *env, const struct acpi_table *t,
			    struct acpi_arm *info)
{
	u32 off, size = GICR_FRAMES * (info->gic == 4 ? 2 : 1);

	for (off = MADT_ENTRIES; off < t->len; off += acpi_field8(t, off + 1))
		if (acpi_field8(t, off) == MADT_GICC &&
		    acpi_field32(t, off + GICC_FLAGS) & MADT_ENABLED)
			add_redist(env, info, acpi_field64(t, off + GICC_GICR), size);
}

/* Version 0: what is there tells. */
static int settle_gic(const struct acpi_env *env, const struct acpi_table *t, struct acpi_arm *info)
{
	if (info->gic != 2 && !info->nr_redists)
		redists_of_cpus(env, t, info);
	if (!info->gic)
		info->gic = info->nr_redists ? 3 : 2;
	if (info->gic == 4)
		info->gic = 3;
	if (!info->distributor || info->gic < 2 || info->gic > 3 ||
	    (info->gic == 2 ? !info->cpu_interface : !info->nr_redists)) {
		acpi_err(env, "MADT names no interrupt controller that can be used");
		return -ENODATA;
	}
	return 0;
}

static int read_madt(const struct acpi_env *env, const struct acpi_table *t, struct acpi_arm *info)
{
	u32 off, len;

	for (off = MADT_ENTRIES; off < t->len; off += len) {
		len = acpi_madt_entry(env, t, off);
		if (!len || read_entry(env, t, off, len, info))
			return -EBADMSG;
	}
	if (!info->nr_cpus) {
		acpi_err(env, "MADT names no CPU that can be used");
		return -ENODATA;
	}
	return settle_gic(env, t, info);
}

/* ---- GTDT ---- */

static void read_watchdog(const struct acpi_table *t, struct acpi_arm *info)
{
	u32 off = acpi_field32(t, GTDT_PLATFORM), n = acpi_field32(t, GTDT_NR_PLATFORM), len;

	for (; n && off < t->len; n--, off += len) {
		len = acpi_field16(t, off + PLATFORM_LENGTH);
		if (!len || len > t->len - off)
			return;
		if (acpi_field8(t, off) != PLATFORM_WATCHDOG || len < WATCHDOG_SIZE)
			continue;
		info->watchdog_refresh = acpi_field64(t, off + WATCHDOG_REFRESH);
		info->watchdog_control = acpi_field64(t, off + WATCHDOG_CONTROL);
		return;
	}
}

static void read_gtdt(const struct acpi_env *env, const struct acpi_table *t, struct acpi_arm *info)
{
	if (t->len < GTDT_MIN_SIZE) {
		acpi_err(env, "no usable GTDT: the timer is unknown");
		return;
	}
	for (u32 i = 0; i < ACPI_ARM_TIMERS; i++) {
		u32 flags = acpi_field32(t, GTDT_TIMERS + 8 * i + 4);

		info->timer[i].gsiv = acpi_field32(t, GTDT_TIMERS + 8 * i);
		info->timer[i].edge = flags & TIMER_EDGE;
		info->timer[i].low = flags & TIMER_LOW;
	}
	read_watchdog(t, info);
}

/* ---- the rest ---- */

static bool any_is_parked(const struct acpi_arm *info)
{
	for (unsigned int i = 0; i < info->nr_cpus; i++)
		if (info->cpu[i].mailbox)
			return true;
	return false;
}

static void read_fadt(const struct acpi_env *env, const struct acpi_table *t, struct acpi_arm *info)
{
	u32 flags = acpi_field16(t, FADT_ARM_BOOT);

	info->psci = flags & ARM_BOOT_PSCI;
	info->psci_by_hvc = flags & ARM_BOOT_HVC;
	if (!info->psci && !any_is_parked(info))
		acpi_err(env, "neither PSCI in the FADT nor CPUs that are parked: only the CPU "
			      "that booted can be used");
}

/* "ACME SERVER": the two names that each table has, in front of blanks. */
static void read_model(const struct acpi_table *t, struct acpi_arm *info)
{
	char *end;

	str_copy_printable(info->model, sizeof(info->model), (const char *)t->data + OEM_ID,
			   OEM_ID_LEN + OEM_NAME_LEN);
	for (end = info->model + strlen(info->model); end > info->model && end[-1] == ' '; end--)
		end[-1] = '\0';
}

int acpi_read_arm(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_arm *info)
{
	enum { MADT, GTDT, FADT, SPCR, DBG2, PPTT };
	struct acpi_wanted found[] = { { "APIC" }, { "GTDT" }, { "FACP" },
				       { "SPCR" }, { "DBG2" }, { "PPTT" } };
	int ret;

	memset(info, 0, sizeof(*info));
	ret = acpi_find_tables(env, rsdp, found, ARRAY_SIZE(found));
	if (!ret)
		ret = read_madt(env, &found[MADT].table, info);
	if (ret) {
		memset(info, 0, sizeof(*info));
		return ret;
	}
	read_model(&found[MADT].table, info);
	read_gtdt(env, &found[GTDT].table, info);
	read_fadt(env, &found[FADT].table, info);
	acpi_read_spcr(&found[SPCR].table, &info->console);
	if (!info->console.addr)
		acpi_read_dbg2(&found[DBG2].table, &info->console);
	for (unsigned int i = 0; i < info->nr_cpus; i++)
		info->cpu[i].place = acpi_find_place(&found[PPTT].table, info->cpu[i].uid);
	return 0;
}
