/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of ACPI tables (ACPI specification 6.5): CPUs from the MADT; the power-off registers, the
 * PM timer and the \_S5 sleep types from the FADT and the DSDT; where the HPET is.
 *
 * AML is not interpreted; \_S5 is found as the bytes that every compiler makes of a constant
 * package. Fields are read through a bounds check, though a table is there as a whole; every entry
 * that is stepped over has a length, so damaged tables cannot make it run long.
 */
#include <lib/acpi_table.h>
#include <lib/errno.h>
#include <lib/string.h>

/* 5.2.9: fields of the FADT. */
#define FADT_DSDT	 40
#define FADT_SMI_CMD	 48
#define FADT_ACPI_ENABLE 52
#define FADT_PM1A_CNT	 64
#define FADT_PM1B_CNT	 68
#define FADT_PM_TMR	 76
#define FADT_PM_TMR_LEN	 91
#define FADT_X_DSDT	 140
#define FADT_X_PM1A_CNT	 172
#define FADT_X_PM1B_CNT	 184
#define FADT_X_PM_TMR	 208
#define FADT_TMR_VAL_EXT (1U << 8)

/* IA-PC HPET Specification 1.0a, section 3.2.4: the base address, a GAS. */
#define HPET_BASE     40
#define HPET_MIN_SIZE 56

/* 5.2.12: entries of the MADT. */
#define MADT_LAPIC_ADDR	    36
#define MADT_LAPIC	    0
#define MADT_IOAPIC	    1
#define MADT_LAPIC_OVERRIDE 5
#define MADT_X2APIC	    9

/* 20.2: the little AML that \_S5 needs. */
#define AML_ZERO_OP	0x00
#define AML_ONE_OP	0x01
#define AML_NAME_OP	0x08
#define AML_BYTE_PREFIX 0x0a
#define AML_PACKAGE_OP	0x12
#define SLP_TYP_MAX	7 /* 4.8.3.2.1: a field of three bits */

/* ---- MADT ---- */

static void add_cpu(const struct acpi_env *env, struct acpi_info *info, u32 id, u32 invalid_id,
		    u32 flags)
{
	unsigned int i;

	/* 5.2.12.2: one that is only "online capable" is a place for a CPU to be plugged into. */
	if (!(flags & MADT_ENABLED) || id == invalid_id)
		return;
	if (id > env->cpu_id_max) {
		info->nr_beyond++;
		acpi_err(env, "the CPU with APIC id %u is left out: ids end at %u in this mode", id,
			 env->cpu_id_max);
		return;
	}
	/* Some firmware lists a CPU both as local APIC and as x2APIC. */
	for (i = 0; i < info->nr_cpus && i < ARRAY_SIZE(info->lapic_id); i++)
		if (info->lapic_id[i] == id)
			return;
	if (info->nr_cpus < ARRAY_SIZE(info->lapic_id))
		info->lapic_id[info->nr_cpus] = id;
	info->nr_cpus++;
}

void acpi_add_ioapic(struct acpi_info *info, u32 addr)
{
	if (addr && info->nr_ioapics < ARRAY_SIZE(info->ioapic))
		info->ioapic[info->nr_ioapics++] = addr;
}

static int read_madt(const struct acpi_env *env, const struct acpi_table *t, struct acpi_info *info)
{
	u32 off, len;

	if (t->len < MADT_ENTRIES) {
		acpi_err(env, "MADT ends inside its header");
		return -EBADMSG;
	}
	info->lapic_addr = acpi_field32(t, MADT_LAPIC_ADDR);
	for (off = MADT_ENTRIES; off < t->len; off += len) {
		u32 type = acpi_field8(t, off), want;

		len = acpi_madt_entry(env, t, off);
		if (!len)
			return -EBADMSG;
		want = type == MADT_LAPIC	     ? 8
		       : type == MADT_IOAPIC	     ? 12
		       : type == MADT_LAPIC_OVERRIDE ? 12
		       : type == MADT_X2APIC	     ? 16
						     : len;
		if (len != want) {
			acpi_err(env, "MADT entry of type %u at offset %u has %u bytes, not %u",
				 type, off, len, want);
			return -EBADMSG;
		}
		if (type == MADT_LAPIC)
			add_cpu(env, info, acpi_field8(t, off + 3), 0xff, acpi_field32(t, off + 4));
		else if (type == MADT_X2APIC)
			add_cpu(env, info, acpi_field32(t, off + 4), 0xffffffff,
				acpi_field32(t, off + 8));
		else if (type == MADT_IOAPIC)
			acpi_add_ioapic(info, acpi_field32(t, off + 4));
		else if (type == MADT_LAPIC_OVERRIDE)
			info->lapic_addr = acpi_field64(t, off + 4);
	}
	if (info->nr_cpus > ARRAY_SIZE(info->lapic_id))
		acpi_err(env, "MADT names %u CPUs, the last %u are left out", info->nr_cpus,
			 info->nr_cpus - (unsigned int)ARRAY_SIZE(info->lapic_id));
	if (!info->nr_cpus) {
		acpi_err(env, "MADT names no CPU that can be used");
		return -ENODATA;
	}
	return 0;
}

/* ---- FADT and DSDT ---- */

/*
 * I/O port of a register block: the extended field where it is an I/O address, else the old one.
 * 0 if there is none.
 */
static u16 io_port(const struct acpi_table *t, u32 extended, u32 old)
{
	u64 port = 0;

	if (t->len >= extended + ACPI_GAS_SIZE && acpi_field8(t, extended) == ACPI_GAS_SPACE_IO)
		port = acpi_field64(t, extended + 4);
	if (!port || port > 0xffff)
		port = acpi_field32(t, old);
	return port <= 0xffff ? port : 0;
}

/*
 * PkgLength (20.2.4) at @off: the length counts from its own first byte. Returns where the content
 * starts and sets *end, or 0 if it does not fit the table.
 */
static u32 read_pkg_length(const struct acpi_table *t, u32 off, u32 *end)
{
	u32 lead = acpi_field8(t, off), extra = lead >> 6, i;
	u32 len = extra ? lead & 0xf : lead & 0x3f;

	for (i = 0; i < extra; i++)
		len |= acpi_field8(t, off + 1 + i) << (4 + 8 * i);
	if (off >= t->len || len < 1 + extra || len > t->len - off)
		return 0;
	*end = off + len;
	return off + 1 + extra;
}

/* A small constant at *@off, below @end; moves *@off behind it. */
static bool read_constant(const struct acpi_table *t, u32 *off, u32 end, u8 *val)
{
	u32 op;

	if (*off >= end)
		return false;
	op = acpi_field8(t, (*off)++);
	if (op == AML_ZERO_OP || op == AML_ONE_OP) {
		*val = op;
		return true;
	}
	if (op != AML_BYTE_PREFIX || *off >= end)
		return false;
	*val = acpi_field8(t, (*off)++);
	return *val <= SLP_TYP_MAX;
}

/* Is there Name(_S5_, Package(){a, b, ...}) with its name at @off? */
static bool read_s5_at(const struct acpi_table *t, u32 off, struct acpi_info *info)
{
	u8 typa, typb;
	u32 end = 0;

	if (t->data[off - 1] != AML_NAME_OP &&
	    !(t->data[off - 1] == '\\' && t->data[off - 2] == AML_NAME_OP))
		return false;
	off += 4;
	if (acpi_field8(t, off) != AML_PACKAGE_OP)
		return false;
	off = read_pkg_length(t, off + 1, &end);
	/* The number of elements; SLP_TYPa and SLP_TYPb are the first two (7.4.2). */
	if (!off || off >= end || acpi_field8(t, off) < 2)
		return false;
	off++;
	if (!read_constant(t, &off, end, &typa) || !read_constant(t, &off, end, &typb))
		return false;
	info->s5_typa = typa;
	info->s5_typb = typb;
	info->have_s5 = true;
	return true;
}

static void read_dsdt(const struct acpi_env *env, phys_addr_t addr, struct acpi_info *info)
{
	struct acpi_table t;
	u32 off;

	if (acpi_open_table(env, addr, "DSDT", &t))
		return;
	for (off = ACPI_HEADER_SIZE + 1; t.len >= 4 && off <= t.len - 4; off++)
		if (!memcmp(t.data + off, "_S5_", 4) && read_s5_at(&t, off, info))
			return;
}

static void read_fadt(const struct acpi_env *env, const struct acpi_table *t,
		      struct acpi_info *info)
{
	u64 dsdt;

	if (t->len < FADT_MIN_SIZE) {
		acpi_err(env, "FADT has only %u bytes", t->len);
		return;
	}
	/* Hardware-reduced machines have none of these registers (4.1). */
	if (!(acpi_field32(t, FADT_FLAGS) & FADT_HW_REDUCED)) {
		info->smi_cmd = acpi_field32(t, FADT_SMI_CMD);
		info->acpi_enable = acpi_field8(t, FADT_ACPI_ENABLE);
		info->pm1a_cnt = io_port(t, FADT_X_PM1A_CNT, FADT_PM1A_CNT);
		info->pm1b_cnt = io_port(t, FADT_X_PM1B_CNT, FADT_PM1B_CNT);
		if (acpi_field8(t, FADT_PM_TMR_LEN) == 4)
			info->pm_timer = io_port(t, FADT_X_PM_TMR, FADT_PM_TMR);
		info->pm_timer_32bit = acpi_field32(t, FADT_FLAGS) & FADT_TMR_VAL_EXT;
	}
	dsdt = acpi_field64(t, FADT_X_DSDT);
	read_dsdt(env, dsdt ? dsdt : acpi_field32(t, FADT_DSDT), info);
}

/* ---- HPET ---- */

static void read_hpet(const struct acpi_env *env, const struct acpi_table *t,
		      struct acpi_info *info)
{
	if (t->len < HPET_MIN_SIZE || acpi_field8(t, HPET_BASE) != ACPI_GAS_SPACE_MEMORY)
		acpi_err(env, "the HPET's registers are nowhere in memory");
	else
		info->hpet = acpi_field64(t, HPET_BASE + 4);
}

/* ---- the whole ---- */

int acpi_read(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_info *info)
{
	enum { MADT, FADT, HPET, SPCR };
	struct acpi_wanted found[] = { { "APIC" }, { "FACP" }, { "HPET" }, { "SPCR" } };
	int ret;

	memset(info, 0, sizeof(*info));
	ret = acpi_find_tables(env, rsdp, found, ARRAY_SIZE(found));
	if (ret)
		return ret;
	ret = read_madt(env, &found[MADT].table, info);
	if (ret) {
		memset(info, 0, sizeof(*info));
		return ret;
	}
	if (found[FADT].table.len)
		read_fadt(env, &found[FADT].table, info);
	else
		acpi_err(env, "no usable FADT: power-off and the PM timer are unknown");
	if (found[HPET].table.len)
		read_hpet(env, &found[HPET].table, info);
	acpi_read_spcr(&found[SPCR].table, &info->console);
	/* Of the other kinds a PC has none. */
	if (!acpi_serial_is_16550(&info->console))
		memset(&info->console, 0, sizeof(info->console));
	return 0;
}
