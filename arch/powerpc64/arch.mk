# SPDX-License-Identifier: GPL-2.0-only
# powerpc64: big-endian, ELFv2, POWER9 and later; code model and the boot image.
# medium: code and data within 2 GiB of the TOC pointer, which boot.S computes from where it runs.
# r13 holds the per-CPU offset; the ABI keeps it for thread-local storage, of which there is none.

ARCH_CFLAGS	:= -m64 -mbig-endian -mabi=elfv2 -mcpu=power9 -mcmodel=medium \
		   -msoft-float -mno-altivec -mno-vsx
ARCH_GCC_CFLAGS	:= -ffixed-r13 -mtraceback=no
ARCH_CLANG_CFLAGS :=
ARCH_LDFLAGS	:= -m elf64ppc -z max-page-size=65536

# OPAL's terminal is the console, whatever device that is.
DRIVERS		:=

# A flat binary, which skiboot runs where it finds it. So it does with the ELF file, which it takes
# from its flash chip: there, too, the code stands at a multiple of 64 KiB. And, for a test, the
# binary 4 KiB behind a branch to it.
IMAGES		:= fencepost.bin unaligned.bin

%/fencepost.bin: %/fencepost.elf
	@echo "  IMAGE   $@"
	$(Q)$(OBJCOPY) -O binary $< $@

%/unaligned.bin: %/fencepost.bin
	@{ printf '\110\0\020\0'; head -c 4092 /dev/zero; cat $<; } >$@
