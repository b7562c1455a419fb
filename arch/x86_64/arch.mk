# SPDX-License-Identifier: GPL-2.0-only
# x86_64: flags, and the images that its machines boot.

# No vector registers (nothing saves them), and no red zone: an interrupt uses the same stack.
ARCH_CFLAGS	:= -m64 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fcf-protection=none
ARCH_GCC_CFLAGS	:=
ARCH_CLANG_CFLAGS :=
ARCH_LDFLAGS	:= -m elf_x86_64

# QEMU takes an ELF file with a multiboot header for a multiboot kernel, whatever else is in it.
# The same kernel with the header's magic number away is started by the PVH note.
IMAGES		:= fencepost-pvh.elf fencepost.efi leftovers.elf

%/fencepost-pvh.elf: %/fencepost.elf
	@echo "  LD      $(ARCH)$(FLAVOUR) $@"
	$(Q)$(LD) $(LDFLAGS) --defsym=no_multiboot=1 -T $(LDS) $(OBJS) $*/gen/ksyms.o -o $@

# The kernel's flat image behind a loader that is a UEFI application. That runs wherever firmware
# loads it, is called by firmware's convention, and is linked alone.
EFI_CFLAGS	= $(filter-out -fno-pic -mcmodel=kernel,$(CFLAGS)) -fpie \
	-DEFIAPI='__attribute__((ms_abi))'
EFI_SRCS	:= arch/x86_64/efi/main.c efi/text.c efi/graphics.c lib/framebuffer.c \
	lib/string.c

%/fencepost.efi: %/fencepost.elf $(EFI_SRCS) arch/x86_64/efi/start.S efi/pe_header.inc efi/efi.h \
		linker/x86_64_efi.ld
	@echo "  EFI     $(ARCH)$(FLAVOUR) $@"
	@mkdir -p $*/efi
	$(Q)$(OBJCOPY) -O binary $< $*/efi/payload.bin
	@for src in $(EFI_SRCS); do \
		$(CC) $(CPPFLAGS) $(EFI_CFLAGS) -c $$src -o $*/efi/$$(basename $$src).o || exit; \
	done
	$(Q)$(CC) $(CPPFLAGS) -D__ASSEMBLY__ -DPAYLOAD='"$*/efi/payload.bin"' -m64 \
		-c arch/x86_64/efi/start.S -o $*/efi/start.S.o
	$(Q)$(LD) $(LDFLAGS) -T linker/x86_64_efi.ld $*/efi/*.o -o $*/efi/linked.elf
	$(Q)$(OBJCOPY) -O binary $*/efi/linked.elf $@

# A loader that leaves interrupt controllers in use: tests/machines/x86_64.toml.
%/leftovers.elf: tests/machines/x86_64_leftovers.S
	$(Q)$(CC) -m32 -c $< -o $@.o
	$(Q)$(LD) -m elf_i386 -nostdlib -Ttext 0x100000 -e start $@.o -o $@
