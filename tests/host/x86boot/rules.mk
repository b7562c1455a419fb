# SPDX-License-Identifier: GPL-2.0-only
# What loaders and firmware hand over on x86_64 (memory.h); read by tests/host/Makefile.

XB	:= tests/host/x86boot
XB_UNDER := arch/x86_64/loader.c arch/x86_64/firmware.c arch/x86_64/pci.c \
	lib/acpi.c lib/acpi_serial.c lib/acpi_table.c lib/mptable.c lib/multiboot2.c \
	lib/framebuffer.c lib/ranges.c lib/string.c lib/vsnprintf.c kernel/boot.c
XB_OBJS	:= $(patsubst %.c,$(B)/x86boot/%.o,$(XB_UNDER) $(wildcard $(XB)/*.c))

x86boot: $(B)/x86-boot
	@$<

$(B)/x86-boot: $(XB_OBJS)
	@$(HOSTCC) $(CFLAGS) $^ -o $@

$(B)/x86boot/%.o: %.c tests/host/Makefile
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) -I$(XB)/include $(CFLAGS) -D__FENCEPOST__ $(KERNELS) -c $< -o $@
$(B)/x86boot/arch/%.o $(B)/x86boot/lib/%.o $(B)/x86boot/kernel/%.o: KERNELS := \
	-include tests/host/src/rename.h -ffreestanding -nostdinc -isystem $(GCC_INCLUDE)

-include $(XB_OBJS:.o=.d)
