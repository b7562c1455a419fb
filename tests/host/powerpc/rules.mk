# SPDX-License-Identifier: GPL-2.0-only
# arch/powerpc64 on machine checks, of which QEMU raises none (main.c); read by
# tests/host/Makefile.

PPC	:= tests/host/powerpc
PPC_OBJS := $(patsubst %.c,$(B)/powerpc/%.o,arch/powerpc64/mce.c $(PPC)/main.c)

powerpc: $(B)/machine-checks
	@$<

$(B)/machine-checks: $(PPC_OBJS)
	@$(HOSTCC) $^ -o $@

$(B)/powerpc/%.o: %.c tests/host/Makefile
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) $(SIM_WARN) -O2 -g -Iinclude -DARCH_NAME=\"powerpc64\" -D__FENCEPOST__ \
		-D_GNU_SOURCE -MMD -MP -c $< -o $@

-include $(PPC_OBJS:.o=.d)
