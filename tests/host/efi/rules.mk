# SPDX-License-Identifier: GPL-2.0-only
# The images as UEFI applications, under a firmware that watches them (firmware.h); read by
# tests/host/Makefile. The one of x86_64 enters its kernel by machine code of the host's.

EFI	:= tests/host/efi
EFI_FIRMWARE := lib/string.c $(EFI)/firmware.c $(EFI)/main.c
EFI_STUB := $(patsubst %.c,$(B)/%.o,efi/stub.c efi/text.c efi/graphics.c \
	lib/framebuffer.c lib/fdt.c lib/ranges.c $(EFI_FIRMWARE) $(EFI)/stub.c)
EFI_X86	:= $(patsubst %.c,$(B)/%.o,arch/x86_64/efi/main.c efi/text.c efi/graphics.c \
	lib/framebuffer.c $(EFI_FIRMWARE) $(EFI)/x86.c)

EFI_ENTERS := $(if $(filter x86_64,$(HOST_ISA)),$(B)/efi-x86)

efi: $(B)/efi-stub $(EFI_ENTERS)
	@$(B)/efi-stub
	@$(or $(EFI_ENTERS),echo "skip efi-x86 # the host's ISA is another")

$(B)/efi-stub: $(EFI_STUB)
	@$(HOSTCC) $(CFLAGS) $^ -o $@

$(B)/efi-x86: $(EFI_X86)
	@$(HOSTCC) $(CFLAGS) $^ -o $@

# Firmware's calling convention, as the host's compiler has it.
EFIAPI	:= $(if $(filter x86_64,$(HOST_ISA)),-DEFIAPI='__attribute__((ms_abi))')
$(B)/efi/%.o $(B)/arch/x86_64/efi/%.o: CFLAGS += -include tests/host/src/rename.h \
	-ffreestanding -nostdinc -isystem $(GCC_INCLUDE) -D__FENCEPOST__ $(EFIAPI)
$(B)/$(EFI)/%.o: CFLAGS += $(EFIAPI)

-include $(EFI_STUB:.o=.d) $(EFI_X86:.o=.d)
