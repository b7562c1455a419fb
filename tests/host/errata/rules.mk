# SPDX-License-Identifier: GPL-2.0-only
# The ports' tables of errata, on cores that are lists of numbers (errata.h); read by
# tests/host/Makefile.

ER	:= tests/host/errata
ER_ISAS	:= $(patsubst $(ER)/include/%/asm,%,$(wildcard $(ER)/include/*/asm))
ER_SHARED := kernel/errata.c lib/string.c lib/vsnprintf.c $(ER)/main.c

errata: $(ER_ISAS:%=$(B)/errata-%)
	@set -e; for t in $^; do $$t; done

ER_INCLUDE = $(ER)/include/$(1) $(ER)/include tests/host/include arch/$(1)/isa \
	arch/$(1)/priv include

define errata_rules
ER_OBJS_$(1) := $(patsubst %.c,$(B)/errata/$(1)/%.o,$(ER_SHARED) arch/$(1)/errata.c $(ER)/$(1).c)
ER_OBJS	+= $$(ER_OBJS_$(1))
$(B)/errata-$(1): $$(ER_OBJS_$(1))
	@$(HOSTCC) $$(CFLAGS) $$^ -o $$@
$(B)/errata/$(1)/%.o: %.c tests/host/Makefile
	@mkdir -p $$(@D)
	@echo "  HOSTCC  $$< ($(1))"
	@$(HOSTCC) $$(filter-out -I%,$$(CFLAGS)) $(ER_INCLUDE:%=-I%) -DARCH_NAME=\"$(1)\" \
		-D__FENCEPOST__ $$(KERNELS) -c $$< -o $$@
$(B)/errata/$(1)/arch/%.o $(B)/errata/$(1)/kernel/%.o $(B)/errata/$(1)/lib/%.o: KERNELS := \
	-include tests/host/src/rename.h -ffreestanding -nostdinc -isystem $(GCC_INCLUDE)
endef
$(foreach isa,$(ER_ISAS),$(eval $(call errata_rules,$(isa))))

-include $(ER_OBJS:.o=.d)
