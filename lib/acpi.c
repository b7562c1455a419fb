/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of ACPI tables (ACPI specification 6.5): CPUs from the MADT; the power-off registers, the
 * PM timer and the \_S5 sleep types from the FADT and the DSDT; where the HPET is.
 *
 * A table is used only as a whole: its length is bounded, all of it is mapped, its checksum is
 * right. Fields are then read through a bounds check all the same. AML is not interpreted; \_S5 is
 * found as the bytes that every compiler makes of a constant package.
 * Loops are over tables of bounded number and size, and every entry that is stepped over has a
 * length, so damaged tables cannot make it run long.
 */
#include <lib/acpi.h>
#include <lib/errno.h>
#include <lib/report.h>
#include <lib/string.h>

#define SDT_HEADER_SIZE	 36	    /* 5.2.6 */
#define SDT_MAX_SIZE	 (1U << 20) /* bounds of our own: what is larger is damage */
#define ROOT_MAX_ENTRIES 128

#define RSDP_V1_SIZE	20 /* 5.2.5.3: checksum covers this much ... */
#define RSDP_V2_SIZE	36 /* ... the extended one as much as it says, at least this */
#define RSDP_MAX_SIZE	4096
#define RSDP_SCAN_LIMIT (128U << 10)

/* 5.2.9: fields of the FADT. */
#define FADT_DSDT	 40
#define FADT_SMI_CMD	 48
#define FADT_ACPI_ENABLE 52
#define FADT_PM1A_CNT	 64
#define FADT_PM1B_CNT	 68
#define FADT_PM_TMR	 76
#define FADT_PM_TMR_LEN	 91
#define FADT_FLAGS	 112
#define FADT_MIN_SIZE	 116 /* of ACPI 1.0 */
#define FADT_X_DSDT	 140
#define FADT_X_PM1A_CNT	 172
#define FADT_X_PM1B_CNT	 184
#define FADT_X_PM_TMR	 208
#define FADT_TMR_VAL_EXT (1U << 8)
#define FADT_HW_REDUCED	 (1U << 20)
#define GAS_SIZE	 12 /* 5.2.3.2 */
#define GAS_SPACE_MEMORY 0
#define GAS_SPACE_IO	 1

/* IA-PC HPET Specification 1.0a, section 3.2.4: the base address, a GAS. */
#define HPET_BASE     40
#define HPET_MIN_SIZE 56

/* Microsoft's Serial Port Console Redirection Table 1.10; types: its DBG2, table 3. */
#define SPCR_TYPE	  36
#define SPCR_BASE	  40 /* a GAS */
#define SPCR_BAUD	  58
#define SPCR_MIN_SIZE	  80
#define SPCR_CLOCK	  76
#define SPCR_BAUD_PRECISE 80
#define SPCR_16550	  0
#define SPCR_16450	  1
#define SPCR_16550_GAS	  0x12

/* 5.2.12: the MADT. */
#define MADT_LAPIC_ADDR	    36
#define MADT_ENTRIES	    44
#define MADT_LAPIC	    0
#define MADT_IOAPIC	    1
#define MADT_LAPIC_OVERRIDE 5
#define MADT_X2APIC	    9
#define MADT_ENABLED	    (1U << 0)

/* 20.2: the little AML that \_S5 needs. */
#define AML_ZERO_OP	0x00
#define AML_ONE_OP	0x01
#define AML_NAME_OP	0x08
#define AML_BYTE_PREFIX 0x0a
#define AML_PACKAGE_OP	0x12
#define SLP_TYP_MAX	7 /* 4.8.3.2.1: a field of three bits */

struct table {
	const u8 *data;
	u32 len;
};

#define acpi_err(env, fmt, ...) \
	do { \
		if (!(env)->quiet) \
			report_err("ACPI: " fmt, ##__VA_ARGS__); \
	} while (0)

static u32 read_le32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static u64 read_le64(const u8 *p)
{
	return read_le32(p) | (u64)read_le32(p + 4) << 32;
}

/* Fields of a table; what lies behind its end reads as 0, which always means "absent". */
static u32 field8(const struct table *t, u32 off)
{
	return off < t->len ? t->data[off] : 0;
}

static u32 field32(const struct table *t, u32 off)
{
	return t->len >= 4 && off <= t->len - 4 ? read_le32(t->data + off) : 0;
}

static u64 field64(const struct table *t, u32 off)
{
	return t->len >= 8 && off <= t->len - 8 ? read_le64(t->data + off) : 0;
}

static const u8 *map_bytes(const struct acpi_env *env, phys_addr_t addr, size_t len)
{
	if (!addr || addr + len < addr)
		return NULL;
	return env->map(env->ctx, addr, len);
}

/* All bytes of a sound table add up to 0. */
static bool checksum_ok(const u8 *p, u32 len)
{
	u8 sum = 0;

	while (len--)
		sum += *p++;
	return sum == 0;
}

/*
 * Map the table @sig at @addr and check it. 0, -ENOENT when the signature is another one, -EFAULT
 * or -EBADMSG, printed.
 */
static int open_table(const struct acpi_env *env, phys_addr_t addr, const char *sig,
		      struct table *t)
{
	const u8 *header = map_bytes(env, addr, SDT_HEADER_SIZE);
	unsigned long long where = addr;
	u32 len;

	if (!header) {
		acpi_err(env, "no memory at %llx, where %s may be", where, sig);
		return -EFAULT;
	}
	if (memcmp(header, sig, 4))
		return -ENOENT;
	len = read_le32(header + 4);
	if (len < SDT_HEADER_SIZE || len > SDT_MAX_SIZE) {
		acpi_err(env, "%s at %llx says that it has %u bytes", sig, where, len);
		return -EBADMSG;
	}
	t->data = map_bytes(env, addr, len);
	t->len = len;
	if (!t->data) {
		acpi_err(env, "%s at %llx of %u bytes is not all in memory", sig, where, len);
		return -EFAULT;
	}
	if (!checksum_ok(t->data, len)) {
		acpi_err(env, "%s at %llx has a wrong checksum", sig, where);
		return -EBADMSG;
	}
	return 0;
}

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

static int read_madt(const struct acpi_env *env, const struct table *t, struct acpi_info *info)
{
	u32 off, len;

	if (t->len < MADT_ENTRIES) {
		acpi_err(env, "MADT ends inside its header");
		return -EBADMSG;
	}
	info->lapic_addr = field32(t, MADT_LAPIC_ADDR);
	for (off = MADT_ENTRIES; off < t->len; off += len) {
		u32 type = field8(t, off), want;

		len = field8(t, off + 1);
		if (len < 2 || len > t->len - off) {
			acpi_err(env, "MADT entry at offset %u does not fit", off);
			return -EBADMSG;
		}
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
			add_cpu(env, info, field8(t, off + 3), 0xff, field32(t, off + 4));
		else if (type == MADT_X2APIC)
			add_cpu(env, info, field32(t, off + 4), 0xffffffff, field32(t, off + 8));
		else if (type == MADT_IOAPIC)
			acpi_add_ioapic(info, field32(t, off + 4));
		else if (type == MADT_LAPIC_OVERRIDE)
			info->lapic_addr = field64(t, off + 4);
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
static u16 io_port(const struct table *t, u32 extended, u32 old)
{
	u64 port = 0;

	if (t->len >= extended + GAS_SIZE && field8(t, extended) == GAS_SPACE_IO)
		port = field64(t, extended + 4);
	if (!port || port > 0xffff)
		port = field32(t, old);
	return port <= 0xffff ? port : 0;
}

/*
 * PkgLength (20.2.4) at @off: the length counts from its own first byte. Returns where the content
 * starts and sets *end, or 0 if it does not fit the table.
 */
static u32 read_pkg_length(const struct table *t, u32 off, u32 *end)
{
	u32 lead = field8(t, off), extra = lead >> 6, i;
	u32 len = extra ? lead & 0xf : lead & 0x3f;

	for (i = 0; i < extra; i++)
		len |= field8(t, off + 1 + i) << (4 + 8 * i);
	if (off >= t->len || len < 1 + extra || len > t->len - off)
		return 0;
	*end = off + len;
	return off + 1 + extra;
}

/* A small constant at *@off, below @end; moves *@off behind it. */
static bool read_constant(const struct table *t, u32 *off, u32 end, u8 *val)
{
	u32 op;

	if (*off >= end)
		return false;
	op = field8(t, (*off)++);
	if (op == AML_ZERO_OP || op == AML_ONE_OP) {
		*val = op;
		return true;
	}
	if (op != AML_BYTE_PREFIX || *off >= end)
		return false;
	*val = field8(t, (*off)++);
	return *val <= SLP_TYP_MAX;
}

/* Is there Name(_S5_, Package(){a, b, ...}) with its name at @off? */
static bool read_s5_at(const struct table *t, u32 off, struct acpi_info *info)
{
	u8 typa, typb;
	u32 end = 0;

	if (t->data[off - 1] != AML_NAME_OP &&
	    !(t->data[off - 1] == '\\' && t->data[off - 2] == AML_NAME_OP))
		return false;
	off += 4;
	if (field8(t, off) != AML_PACKAGE_OP)
		return false;
	off = read_pkg_length(t, off + 1, &end);
	/* The number of elements; SLP_TYPa and SLP_TYPb are the first two (7.4.2). */
	if (!off || off >= end || field8(t, off) < 2)
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
	struct table t;
	u32 off;

	if (open_table(env, addr, "DSDT", &t))
		return;
	for (off = SDT_HEADER_SIZE + 1; t.len >= 4 && off <= t.len - 4; off++)
		if (!memcmp(t.data + off, "_S5_", 4) && read_s5_at(&t, off, info))
			return;
}

static void read_fadt(const struct acpi_env *env, const struct table *t, struct acpi_info *info)
{
	u64 dsdt;

	if (t->len < FADT_MIN_SIZE) {
		acpi_err(env, "FADT has only %u bytes", t->len);
		return;
	}
	/* Hardware-reduced machines have none of these registers (4.1). */
	if (!(field32(t, FADT_FLAGS) & FADT_HW_REDUCED)) {
		info->smi_cmd = field32(t, FADT_SMI_CMD);
		info->acpi_enable = field8(t, FADT_ACPI_ENABLE);
		info->pm1a_cnt = io_port(t, FADT_X_PM1A_CNT, FADT_PM1A_CNT);
		info->pm1b_cnt = io_port(t, FADT_X_PM1B_CNT, FADT_PM1B_CNT);
		if (field8(t, FADT_PM_TMR_LEN) == 4)
			info->pm_timer = io_port(t, FADT_X_PM_TMR, FADT_PM_TMR);
		info->pm_timer_32bit = field32(t, FADT_FLAGS) & FADT_TMR_VAL_EXT;
	}
	dsdt = field64(t, FADT_X_DSDT);
	read_dsdt(env, dsdt ? dsdt : field32(t, FADT_DSDT), info);
}

/* ---- HPET ---- */

static void read_hpet(const struct acpi_env *env, const struct table *t, struct acpi_info *info)
{
	if (t->len < HPET_MIN_SIZE || field8(t, HPET_BASE) != GAS_SPACE_MEMORY)
		acpi_err(env, "the HPET's registers are nowhere in memory");
	else
		info->hpet = field64(t, HPET_BASE + 4);
}

/* ---- SPCR ---- */

/* The speed, of a number or, since revision 4, in full. */
static u32 spcr_baud(const struct table *t)
{
	u32 precise = field8(t, 8) >= 4 ? field32(t, SPCR_BAUD_PRECISE) : 0;

	if (precise)
		return precise;
	switch (field8(t, SPCR_BAUD)) {
	case 3:
		return 9600;
	case 4:
		return 19200;
	case 6:
		return 57600;
	case 7:
		return 115200;
	}
	return 0;
}

static void read_spcr(const struct table *t, struct acpi_serial *s)
{
	u32 type = field8(t, SPCR_TYPE), space = field8(t, SPCR_BASE);
	u32 access = field8(t, SPCR_BASE + 3);

	if (t->len < SPCR_MIN_SIZE ||
	    (type != SPCR_16550 && type != SPCR_16450 && type != SPCR_16550_GAS))
		return;
	if (space != GAS_SPACE_MEMORY && space != GAS_SPACE_IO)
		return;
	s->addr = field64(t, SPCR_BASE + 4);
	s->io_port = space == GAS_SPACE_IO;
	s->width = access == 2 || access == 3 ? 1 << (access - 1) : 1;
	s->baud = spcr_baud(t);
	s->clock_hz = field8(t, 8) >= 3 ? field32(t, SPCR_CLOCK) : 0;
}

/* ---- the root tables ---- */

struct found {
	struct table madt, fadt, hpet, spcr; /* len 0: not found */
};

/* Keep the table at @addr if it is the first good one called @sig; false: it has another name. */
static bool keep(const struct acpi_env *env, phys_addr_t addr, const u8 *name, const char *sig,
		 struct table *kept)
{
	struct table t;

	if (kept->len || memcmp(name, sig, 4))
		return false;
	if (!open_table(env, addr, sig, &t))
		*kept = t;
	return true;
}

static void look_at(const struct acpi_env *env, phys_addr_t addr, struct found *found)
{
	const u8 *sig = map_bytes(env, addr, 4);

	if (!sig)
		return; /* some other table, out of our reach */
	if (!keep(env, addr, sig, "APIC", &found->madt) &&
	    !keep(env, addr, sig, "FACP", &found->fadt) &&
	    !keep(env, addr, sig, "HPET", &found->hpet))
		keep(env, addr, sig, "SPCR", &found->spcr);
}

/* Go through the root table @sig, whose entries have @width bytes. */
static int read_root(const struct acpi_env *env, phys_addr_t addr, const char *sig, u32 width,
		     struct found *found)
{
	struct table t;
	u32 n, i;
	int ret;

	ret = open_table(env, addr, sig, &t);
	if (ret == -ENOENT)
		acpi_err(env, "there is no %s at %llx", sig, (unsigned long long)addr);
	if (ret)
		return ret;
	n = (t.len - SDT_HEADER_SIZE) / width;
	if (n > ROOT_MAX_ENTRIES) {
		acpi_err(env, "%s names %u tables, only %d are looked at", sig, n,
			 ROOT_MAX_ENTRIES);
		n = ROOT_MAX_ENTRIES;
	}
	for (i = 0; i < n; i++) {
		u32 off = SDT_HEADER_SIZE + i * width;

		look_at(env, width == 8 ? field64(&t, off) : field32(&t, off), found);
	}
	return found->madt.len ? 0 : -ENODATA;
}

/* Is this a root pointer that can be trusted? */
static bool rsdp_ok(const u8 *rsdp)
{
	return !memcmp(rsdp, "RSD PTR ", 8) && checksum_ok(rsdp, RSDP_V1_SIZE);
}

/* The extended root pointer, or NULL when it is damaged. */
static const u8 *map_rsdp_v2(const struct acpi_env *env, phys_addr_t addr)
{
	const u8 *rsdp = map_bytes(env, addr, RSDP_V2_SIZE);
	u32 len;

	if (!rsdp)
		return NULL;
	len = read_le32(rsdp + 20);
	if (len < RSDP_V2_SIZE || len > RSDP_MAX_SIZE)
		return NULL;
	rsdp = map_bytes(env, addr, len);
	return rsdp && checksum_ok(rsdp, len) ? rsdp : NULL;
}

int acpi_read(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_info *info)
{
	const u8 *v1 = map_bytes(env, rsdp, RSDP_V1_SIZE), *v2;
	struct found found = { 0 };
	int ret = -ENODATA;
	u32 rsdt;

	memset(info, 0, sizeof(*info));
	if (!v1 || !rsdp_ok(v1)) {
		acpi_err(env, "no root pointer at %llx", (unsigned long long)rsdp);
		return v1 ? -EBADMSG : -EFAULT;
	}
	rsdt = read_le32(v1 + 16);
	/* Revision 2 has the XSDT, which is preferred; one that is damaged leaves the RSDT. */
	if (v1[15] >= 2) {
		v2 = map_rsdp_v2(env, rsdp);
		if (v2)
			ret = read_root(env, read_le64(v2 + 24), "XSDT", 8, &found);
		else
			acpi_err(env, "the root pointer's extended part is damaged");
	}
	if (ret && rsdt)
		ret = read_root(env, rsdt, "RSDT", 4, &found);
	if (!found.madt.len) {
		acpi_err(env, "no usable MADT");
		return ret ? ret : -ENODATA;
	}
	ret = read_madt(env, &found.madt, info);
	if (ret) {
		memset(info, 0, sizeof(*info));
		return ret;
	}
	if (found.fadt.len)
		read_fadt(env, &found.fadt, info);
	else
		acpi_err(env, "no usable FADT: power-off and the PM timer are unknown");
	if (found.hpet.len)
		read_hpet(env, &found.hpet, info);
	if (found.spcr.len)
		read_spcr(&found.spcr, &info->console);
	return 0;
}

phys_addr_t acpi_find_rsdp(const struct acpi_env *env, phys_addr_t start, size_t len)
{
	size_t off;

	if (len > RSDP_SCAN_LIMIT)
		len = RSDP_SCAN_LIMIT;
	/* 5.2.5.1: on a 16-byte boundary. */
	for (off = -start & 15; len >= RSDP_V1_SIZE && off <= len - RSDP_V1_SIZE; off += 16) {
		const u8 *p = map_bytes(env, start + off, RSDP_V1_SIZE);

		if (p && rsdp_ok(p))
			return start + off;
	}
	return 0;
}
