# SPDX-License-Identifier: GPL-2.0-only
# Runs that nobody watches, from boot to boot (main.c), and what they say; read by
# tests/host/Makefile.

UN	:= tests/host/unattended
UN_UNDER := tests/unattended.c tests/keep.c tests/record.c mm/survivor.c lib/crc32.c lib/options.c \
	lib/string.c lib/vsnprintf.c
UN_OBJS	:= $(patsubst %.c,$(B)/unattended/%.o,$(UN_UNDER) $(UN)/main.c)
# In the place of these headers stands sim.h.
UN_INSTEAD := arch/cpu arch/irq arch/power arch/this_cpu kernel/clock kernel/panic \
	kernel/printk kernel/run kernel/smp mm/address mm/gfp mm/page mm/page_alloc test/test

unattended: $(B)/unattended-runs
	@$<

$(B)/unattended-runs: $(UN_OBJS) tests/host/src/tables.ld
	@$(HOSTCC) $(CFLAGS) $(UN_OBJS) -Wl,-T,tests/host/src/tables.ld -o $@

$(B)/un-instead/made: tests/host/Makefile $(UN)/rules.mk
	@mkdir -p $(addprefix $(@D)/,$(dir $(UN_INSTEAD)))
	@for h in $(UN_INSTEAD); do echo '#include "sim.h"' >$(@D)/$$h.h; done
	@echo '#define BUILD_ID "host"' >$(@D)/build_id.h
	@touch $@

$(UN_OBJS): $(B)/un-instead/made
$(B)/unattended/%.o: %.c tests/host/Makefile
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) -I$(B)/un-instead -I$(UN) $(CFLAGS) -D__FENCEPOST__ $(KERNELS) -c $< -o $@
$(B)/unattended/tests/unattended.o $(B)/unattended/tests/keep.o $(B)/unattended/tests/record.o \
$(B)/unattended/mm/%.o $(B)/unattended/lib/%.o: KERNELS := \
	-include tests/host/src/rename.h -ffreestanding -nostdinc -isystem $(GCC_INCLUDE)

-include $(UN_OBJS:.o=.d)
