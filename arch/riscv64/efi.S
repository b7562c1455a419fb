/* SPDX-License-Identifier: GPL-2.0-only */
/* The PE header that makes the Image a UEFI application. */
#include "../../efi/pe_header.inc"

	pe_header PE_MACHINE_RISCV64
