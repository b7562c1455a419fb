# SPDX-License-Identifier: GPL-2.0-only
# arm64: code model and what the machines boot.
# Armv8.0 without LSE, so that one image runs on every CPU; no FP or SIMD registers; strict
# alignment, because device memory knows no other; leaf functions have frames for backtraces.

ARCH_CFLAGS	:= -march=armv8-a -mgeneral-regs-only -mno-outline-atomics -mstrict-align \
	-mno-omit-leaf-frame-pointer -mbranch-protection=none
ARCH_GCC_CFLAGS	:=
ARCH_CLANG_CFLAGS := -mfix-cortex-a53-835769
# Errata of Cortex-A53 (errata.c): lld mends the first only, clang the other.
ARCH_LDFLAGS	:= -m aarch64linux --fix-cortex-a53-843419 \
	$(if $(LLVM),,--fix-cortex-a53-835769)

# The Image is a UEFI application too.
EFI		:= efi/*.c

# A flat binary with the header of Linux's Image format, for QEMU and for U-Boot's booti, and the
# device trees that QEMU's models of boards want to be given.
IMAGES		:= Image imx8mp.dtb raspi3b.dtb raspi4b.dtb zcu102.dtb

%/Image: %/fencepost.elf
	@echo "  IMAGE   $@"
	$(Q)$(OBJCOPY) -O binary $< $@

$(B)/%.dtb: boards/%.dts
	@mkdir -p $(@D)
	@echo "  DTC     $@"
	@dtc -q -I dts -O dtb -o $@ $<
