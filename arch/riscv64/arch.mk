# SPDX-License-Identifier: GPL-2.0-only
# riscv64: code model and the boot image.
# medany: code and data within 2 GiB of one another, at any address. tp holds the per-CPU offset,
# so there is no thread-local storage; gp is unused: no linker relaxation, no small data. No F, D.

ARCH_CFLAGS	:= -mabi=lp64 -mcmodel=medany -mno-relax -msmall-data-limit=0
ARCH_GCC_CFLAGS	:= -march=rv64imac_zicsr_zifencei -mstrict-align
# clang 14 counts the CSR instructions and fence.i among the base ISA.
ARCH_CLANG_CFLAGS := -march=rv64imac
ARCH_LDFLAGS	:= -m elf64lriscv

# The Image is a UEFI application too.
EFI		:= efi/*.c

# A flat binary with the header of the Linux Image format, for QEMU and for U-Boot's booti.
IMAGES		:= Image mute_sbi.elf

%/Image: %/fencepost.elf
	@echo "  IMAGE   $@"
	$(Q)$(OBJCOPY) -O binary $< $@

# Firmware without a console, for a machine of tests/machines/.
%/mute_sbi.elf: tests/machines/mute_sbi.S
	@mkdir -p $(@D)
	@echo "  AS      $@"
	$(Q)$(CC) $(ARCH_CFLAGS) $(CFLAGS_CC) -c $< -o $(@:.elf=.o)
	$(Q)$(LD) $(ARCH_LDFLAGS) -Ttext=0x80000000 $(@:.elf=.o) -o $@
