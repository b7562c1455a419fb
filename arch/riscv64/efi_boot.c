/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UEFI's way to boot.S. UEFI Specification 2.10, section 2.3.7: supervisor mode, memory mapped
 * where it is, if at all. Which hart this is only the firmware knows.
 */
#include "../../efi/efi.h"

#define IMAGE_ALIGNMENT (2 << 20)

/* RISC-V UEFI Protocols 1.0, chapter 2: RISCV_EFI_BOOT_PROTOCOL */
struct boot_protocol {
	u64 revision;
	efi_status (*get_boot_hartid)(struct boot_protocol *self, u64 *hart);
};

static const struct efi_guid boot_protocol_guid = {
	0xccd15fec, 0x6f73, 0x4eec, { 0x83, 0x95, 0x3e, 0x69, 0xe4, 0xb9, 0x40, 0xbf }
};

const u8 efi_port_reads_acpi; /* no */

static u64 boot_hart;

const char *efi_port_prepare(struct efi_system_table *st, u64 *alignment)
{
	struct boot_protocol *boot;

	*alignment = IMAGE_ALIGNMENT;
	if (st->boot->locate_protocol(&boot_protocol_guid, NULL, (void **)&boot) ||
	    boot->get_boot_hartid(boot, &boot_hart))
		return "UEFI does not say which hart it runs on";
	return NULL;
}

/* The image may have been copied: fence.i, Unprivileged ISA 20191213, chapter 3. */
void efi_port_enter(u64 base, u64 size, const void *fdt, u64 fdt_size)
{
	register u64 a0 __asm__("a0") = boot_hart;
	register u64 a1 __asm__("a1") = (u64)fdt;
	register u64 entry __asm__("t0") = base;

	__asm__ __volatile__("csrci	sstatus, 2\n" /* SIE */
			     "csrw	sie, zero\n"
			     "fence	rw, rw\n"
			     "fence.i\n"
			     "csrw	satp, zero\n"
			     "sfence.vma\n"
			     "jr	t0\n"
			     :
			     : "r"(a0), "r"(a1), "r"(entry)
			     : "memory");
	__builtin_unreachable();
}
