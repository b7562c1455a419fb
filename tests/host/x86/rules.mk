# SPDX-License-Identifier: GPL-2.0-only
# arch/x86_64 on CPUs that QEMU does not emulate (main.c); read by tests/host/Makefile.

X86	:= tests/host/x86
X86_OBJS := $(patsubst %.c,$(B)/x86/%.o,arch/x86_64/tsc_rate.c arch/x86_64/tsc_sync.c \
	$(X86)/main.c $(X86)/tsc.c)

x86: $(B)/x86-cpus
	@$<

$(B)/x86-cpus: $(X86_OBJS)
	@$(HOSTCC) $^ -pthread -o $@

$(B)/x86/%.o: %.c tests/host/Makefile
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) $(SIM_WARN) -O2 -g -I$(X86)/include -Iinclude -DARCH_NAME=\"x86_64\" \
		-D__FENCEPOST__ -D_GNU_SOURCE -pthread \
		-MMD -MP -c $< -o $@

-include $(X86_OBJS:.o=.d)
