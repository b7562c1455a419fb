# SPDX-License-Identifier: GPL-2.0-only
# Targets of libFuzzer (fuzz.h), and what is kept for each in corpus/; read by tests/host/Makefile.
# clang alone has the fuzzer. `make fuzz` runs them for long, this only what is kept.

FUZZ	:= tests/host/fuzz
FUZZ_CC	?= clang
FUZZ_TARGETS := $(filter-out common,$(basename $(notdir $(wildcard $(FUZZ)/*.c))))
FUZZ_SRCS := $(KERNEL) $(HOST) $(FUZZ)/common.c
FUZZ_OBJS := $(FUZZ_SRCS:%.c=$(B)/fuzz/%.o)

.PHONY: fuzz fuzzers
fuzzers: $(FUZZ_TARGETS:%=$(B)/fuzz/%)

# The fuzzer has a main() of its own, and what it covers must say so.
FUZZ_FLAGS = $(CFLAGS) -Wno-unknown-warning-option -fsanitize=fuzzer-no-link -Dmain=parsers_main

$(B)/fuzz/%.o: %.c tests/host/Makefile $(FUZZ)/rules.mk
	@mkdir -p $(@D)
	@echo "  FUZZCC  $<"
	@$(FUZZ_CC) $(FUZZ_FLAGS) -c $< -o $@
$(FUZZ_TARGETS:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/fuzz/$(FUZZ)/%.o $(FUZZ_OBJS)
	@$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer $^ -Wl,-T,tests/host/src/tables.ld -o $@

$(B)/fuzz/lib/%.o $(B)/fuzz/kernel/%.o $(B)/fuzz/tests/library/%.o: CFLAGS += \
	-include tests/host/src/rename.h \
	-ffreestanding -nostdinc -isystem $(shell $(FUZZ_CC) -print-resource-dir)/include \
	-D__FENCEPOST__ -DCONFIG_DEBUG
$(B)/fuzz/tests/host/%.o: CFLAGS += -D_GNU_SOURCE
# Options are a table that the linker gathers: no room between them for the sanitizer's marks.
$(B)/fuzz/$(FUZZ)/options.o: CFLAGS += -mllvm -asan-globals=0

fuzz: fuzzers
	@for t in $(filter-out mm,$(FUZZ_TARGETS)); do \
		$(B)/fuzz/$$t -runs=0 $(FUZZ)/corpus/$$t >$(B)/fuzz/$$t.log 2>&1 || \
			{ cat $(B)/fuzz/$$t.log; exit 1; }; \
		echo "ok fuzz $$t: $$(ls $(FUZZ)/corpus/$$t | wc -l) inputs"; \
	done

-include $(FUZZ_OBJS:.o=.d) $(FUZZ_TARGETS:%=$(B)/fuzz/$(FUZZ)/%.d)
