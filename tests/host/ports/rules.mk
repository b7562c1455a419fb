# SPDX-License-Identifier: GPL-2.0-only
# Files of the ports against firmware and chips that QEMU has none of (ports.h); read by
# tests/host/Makefile. Objects of the program are at other "physical" addresses than their own.

PO	:= tests/host/ports
PO_TREE	:= lib/fdt.c kernel/fdt_address.c kernel/boot.c lib/ranges.c tests/library/fdt_builder.c
PO_SHARED := lib/string.c lib/vsnprintf.c $(PO)/main.c
# Of each program what it tests, and where more headers are, in <isa>.mk; some are for a host of
# that ISA alone (PO_NATIVE).
include $(filter-out $(PO)/rules.mk,$(wildcard $(PO)/*.mk))
PO_ISAS	:= $(filter-out $(filter-out $(HOST_ISA),$(PO_NATIVE)),\
	$(basename $(notdir $(filter-out $(PO)/rules.mk,$(wildcard $(PO)/*.mk)))))

ports: $(PO_ISAS:%=$(B)/port-%)
	@set -e; for t in $^; do $$t; done

PO_INCLUDE = $(PO)/include/$(1) $(PO)/include $(PO_MORE_$(1)) tests/host/one_cpu \
	arch/$(1)/isa arch/$(1)/priv include

define port_rules
PO_OBJS_$(1) := $(patsubst %.c,$(B)/ports/$(1)/%.o,$(PO_SHARED) $(PO_UNDER_$(1)) $(PO)/$(1).c)
PO_OBJS	+= $$(PO_OBJS_$(1))
$(B)/port-$(1): $$(PO_OBJS_$(1)) tests/host/src/tables.ld
	@$(HOSTCC) $$(CFLAGS) $$(filter %.o,$$^) -Wl,-T,tests/host/src/tables.ld \
		-Wl,--defsym=__image_start=__executable_start,--defsym=__image_end=_end -o $$@
$(B)/ports/$(1)/%.o: %.c tests/host/Makefile $(PO)/rules.mk
	@mkdir -p $$(@D)
	@echo "  HOSTCC  $$< ($(1))"
	@$(HOSTCC) $$(filter-out -I%,$$(CFLAGS)) $(PO_INCLUDE:%=-I%) -DARCH_NAME=\"$(1)\" \
		-D__FENCEPOST__ $$(KERNELS) -c $$< -o $$@
$(B)/ports/$(1)/arch/%.o $(B)/ports/$(1)/kernel/%.o $(B)/ports/$(1)/lib/%.o \
$(B)/ports/$(1)/tests/library/%.o: KERNELS := \
	-include tests/host/src/rename.h -ffreestanding -nostdinc -isystem $(GCC_INCLUDE)
endef
$(foreach isa,$(PO_ISAS),$(eval $(call port_rules,$(isa))))

-include $(PO_OBJS:.o=.d)
