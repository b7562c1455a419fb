# SPDX-License-Identifier: GPL-2.0-only
# The hosted MMU (arch/hosted/mmu.h) by itself, and the kernel's own tests that hold mm/ against it;
# read by tests/host/Makefile.

HM	:= tests/host/hosted
HM_UNDER := $(addprefix arch/hosted/,tlb.c walk.c access.c mmu_user.c)
HM_OBJS	:= $(patsubst %.c,$(B)/hosted/%.o,$(HM_UNDER) $(wildcard $(HM)/*.c))
# In the place of these headers stands sim.h.
HM_INSTEAD := arch/irq arch/trap kernel/panic kernel/percpu

hosted: $(if $(HOST_ISA),$(B)/hosted-mmu)
	@$(if $(HOST_ISA),$(B)/hosted-mmu,echo "skip hosted-mmu # no port has the host's ISA")

$(B)/hosted-mmu: $(HM_OBJS)
	@$(HOSTCC) $(CFLAGS) $(HM_OBJS) -o $@

$(B)/hm-instead/made: tests/host/Makefile $(HM)/rules.mk
	@mkdir -p $(addprefix $(@D)/,$(dir $(HM_INSTEAD)))
	@for h in $(HM_INSTEAD); do echo '#include "sim.h"' >$(@D)/$$h.h; done
	@touch $@

$(HM_OBJS): $(B)/hm-instead/made
$(B)/hosted/%.o: %.c tests/host/Makefile
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) -I$(B)/hm-instead -I$(HM) -Iarch/hosted -Iarch/hosted/priv \
		-Iarch/$(HOST_ISA)/isa $(filter-out -Itests/host/include,$(CFLAGS)) \
		-D__FENCEPOST__ \
		-DARCH_NAME=\"hosted\" $(KERNELS) -c $< -o $@
$(B)/hosted/arch/%.o: KERNELS := -ffreestanding -nostdinc -isystem $(GCC_INCLUDE)
$(B)/hosted/tests/%.o: KERNELS := -D_GNU_SOURCE

# The kernel as a process, for mutants: what no emulated MMU shows. Early walks find freed tables.
hosted-tlb: HOSTED_LINE := 'tests=tlb.*' secs=0.05
hosted-mm: HOSTED_LINE := 'tests=mm.*,torture.mm' secs=0.3 mmu_early=4
HOSTED	:= build/hosted-$(HOST_ISA)/fencepost

.PHONY: hosted-program hosted-tlb hosted-mm hosted-process
hosted-program:
	@$(if $(HOST_ISA),$(MAKE) --no-print-directory -f build.mk ARCH=hosted HOST=$(HOST_ISA),\
		echo "skip $@ # no port has the host's ISA")
hosted-tlb hosted-mm: hosted-program
	@$(if $(HOST_ISA),if out=$$($(HOSTED) -smp 2 $(HOSTED_LINE)); then echo "ok $@"; else \
		echo "$$out" | grep -a -m1 '^not ok\|panic: '; exit 1; fi)

# What Linux sees of it; and a way in which it goes wrong on purpose (tools/fencepost selftest).
hosted-process: hosted-program
	@/usr/bin/python3 -m pytest -q -x -p no:cacheprovider $(HM)/test_process.py
hosted-selftest-%: hosted-program
	@$(if $(HOST_ISA),tools/fencepost selftest --arch $(HOST_ISA) --machine hosted --only $*)

# The kernel that fuzzers feed: its sanitizers see what they are there for, its coverage counts, and
# a finding that nobody provokes is the end of the run.
SANITIZED := build/hosted-$(HOST_ISA)-san-address-coverage-undefined/fencepost
SANS	:= address,coverage,undefined
SAN_ENDS := address:address-sanitizer undefined:undefined-behaviour unreachable:undefined-behaviour

.PHONY: hosted-san
hosted-san:
	@$(if $(HOST_ISA),$(MAKE) --no-print-directory -f build.mk ARCH=hosted HOST=$(HOST_ISA) \
		SAN=$(SANS) image,echo "skip $@ # no port has the host's ISA")
	@$(if $(HOST_ISA),out=$$($(SANITIZED) -smp 2 'tests=san.*') || \
		{ echo "$$out" | grep -a -m1 '^not ok\|panic: '; exit 1; })
	@$(if $(HOST_ISA),for end in $(SAN_ENDS); do \
		out=$$($(SANITIZED) -smp 2 tests=self.san_$${end%:*}); status=$$?; \
		echo "$$status $$out" | tr -d '\n' | grep -qa "^2 .*panic: $${end#*:}: " || { \
			echo "not ok $@ # self.san_$${end%:*} ends with $$status"; exit 1; }; \
	done; echo "ok $@")

-include $(HM_OBJS:.o=.d)
