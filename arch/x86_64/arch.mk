# SPDX-License-Identifier: GPL-2.0-only
# x86_64: flags, and the images that its machines boot.

# No vector registers (nothing saves them), and no red zone: an interrupt uses the same stack.
ARCH_CFLAGS	:= -m64 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fcf-protection=none
ARCH_GCC_CFLAGS	:=
ARCH_CLANG_CFLAGS :=
ARCH_LDFLAGS	:= -m elf_x86_64

# QEMU takes an ELF file with a multiboot header for a multiboot kernel, whatever else is in it.
# The same kernel with the header's magic number away is started by the PVH note.
IMAGES		:= fencepost-pvh.elf leftovers.elf

%/fencepost-pvh.elf: %/fencepost.elf
	@echo "  LD      $(ARCH)$(FLAVOUR) $@"
	@$(LD) $(LDFLAGS) --defsym=no_multiboot=1 -T $(LDS) $(OBJS) $*/gen/ksyms.o -o $@

# A loader that leaves interrupt controllers in use: tests/machines/x86_64.toml.
%/leftovers.elf: tests/machines/x86_64_leftovers.S
	@$(CC) -m32 -c $< -o $@.o
	@$(LD) -m elf_i386 -nostdlib -Ttext 0x100000 -e start $@.o -o $@
