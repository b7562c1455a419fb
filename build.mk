# SPDX-License-Identifier: GPL-2.0-only
# Build one ISA's image: make -f build.mk ARCH=arm64 [BUILD=native] [LLVM=1] [DEBUG=0] [BUSTED=mb]
# SAN=undefined adds what the compiler can check.
# V=1 shows the commands; CROSS_COMPILE= is another compiler's prefix.
# Every .c and .S of arch/$(ARCH), lib, kernel, mm and tests belongs to the image: no lists to edit.
#
# Of the directories kernel/*/ with a file build.mk one is chosen, BUILD=: it gives time,
# scheduling, interrupts and waiting. Its file may set
#	LEAVE_OUT	sources of elsewhere that do not belong to it (patterns: tests/litmus/%)
#	CFLAGS_mm	flags of a directory more (CFLAGS_tests/litmus), say to instrument it

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := image
.DELETE_ON_ERROR:
SHELL	:= /bin/bash
comma	:= ,
Q	:= $(if $(filter 1,$(V)),,@)
PYTHON	?= /usr/bin/python3
include isa.mk
include flavour.mk
# A port has two halves (docs/porting.md). ARCH=hosted has but the second, for a Linux process of
# the ISA that HOST= names.
ISA	:= $(if $(filter hosted,$(ARCH)),$(HOST),$(ARCH))
PORT	:= $(ARCH)$(if $(filter hosted,$(ARCH)),-$(HOST))
TARGET	:= $(PORT)$(FLAVOUR)
B	:= build/$(TARGET)
.PHONY: image litmus_deps file_deps primitives alone compile_commands.json

# One build of a flavour at a time: two would write the same objects. The lock ends with the last
# process of the build, which may outlive an interrupted make.
ifndef LOCKED
BUSY	:= 99
FILES	:= $(filter build/%,$(MAKECMDGOALS))
.PHONY: $(FILES)
image litmus_deps file_deps primitives alone compile_commands.json $(FILES):
	@$(if $(BUSTED)$(LITMUS),$(MAKE) --no-print-directory -f build.mk BUSTED= LITMUS= image)
	@mkdir -p $(B); build="$(MAKE) --no-print-directory -f build.mk LOCKED=1 $@"; \
		flock -n -E $(BUSY) $(B)/lock $$build; status=$$?; \
		[ $$status = $(BUSY) ] || exit $$status; \
		echo "  WAIT    $(TARGET): another build is at work there"; \
		flock $(B)/lock $$build
else

# Set by arch.mk: ARCH_CFLAGS, ARCH_GCC_CFLAGS, ARCH_CLANG_CFLAGS, ARCH_LDFLAGS, IMAGES (what a
# machine boots, made from fencepost.elf by rules there); DRIVERS, if not all of drivers/; EFI, for
# a UEFI application; PORT_SRCS, PORT_INCLUDE, if the port has sources and headers elsewhere
DRIVERS	:= drivers/*.c
include arch/$(ARCH)/arch.mk

# On a host of the ISA its own compiler may do.
HOST_GCC := $(call isa,host_gcc,$(ISA))
IS_HOST	:= $(and $(HOST_GCC),$(filter $(HOST_GCC),$(shell uname -m)))
CROSS	:= $(or $(CROSS_COMPILE),$(if $(IS_HOST),,$(call cross,$(ISA))))
CLANG_TARGET := $(call isa,clang_target,$(ISA))

ifdef LLVM
CC	:= clang --target=$(CLANG_TARGET)
LD	:= ld.lld
NM	:= llvm-nm
OBJCOPY	:= llvm-objcopy
CFLAGS_CC := $(ARCH_CLANG_CFLAGS)
else
CC	:= $(CROSS)gcc
LD	:= $(CROSS)ld
NM	:= $(CROSS)nm
OBJCOPY	:= $(CROSS)objcopy
CFLAGS_CC := $(ARCH_GCC_CFLAGS)
endif

GIT_ID	:= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
BUILD_ID := $(GIT_ID)$(FLAVOUR)

# The halves of a port (docs/porting.md): what every program of the ISA may do, and what takes
# privilege, in whose place another half may stand.
ISA_HALF := arch/$(ISA)/isa
PRIV_HALF := arch/$(ARCH)
PRIV_INCLUDE := -I$(PRIV_HALF)/priv $(PORT_INCLUDE)

CPPFLAGS := -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
	-Iinclude $(PRIV_INCLUDE) -I$(ISA_HALF) -I$(B)/gen -D__FENCEPOST__ \
	-DARCH_NAME=\"$(ISA)\" \
	$(if $(filter 1,$(DEBUG)),-DCONFIG_DEBUG) $(if $(filter mb,$(BUSTED)),-DBUSTED_MB)
CFLAGS	:= -std=gnu11 -ffreestanding -O2 -g -fno-omit-frame-pointer -fno-optimize-sibling-calls \
	-fno-strict-aliasing -fno-common -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-delete-null-pointer-checks \
	-fwrapv -ffunction-sections \
	-Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wvla \
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare \
	$(ARCH_CFLAGS) $(CFLAGS_CC)
LDFLAGS	:= -nostdlib -static --no-dynamic-linker -z noexecstack -z max-page-size=4096 \
	--build-id=none $(ARCH_LDFLAGS)

# SAN=: what the compiler adds to everything but the sanitizers' own run time (kernel/debug/san/),
# what lives on memory that nobody may touch, and the port, which runs before anything can be said.
# Sizes of objects are left out: a variable of another CPU lies outside the one that the compiler
# knows. So is alignment: a loop over a list ends at its head, taken for a member of an entry.
SAN_HAS	= $(filter $(1),$(subst $(comma), ,$(SAN)))
SAN_CFLAGS := $(if $(call SAN_HAS,address),-fsanitize=kernel-address \
	-fsanitize-address-use-after-scope -fasan-shadow-offset=$(ASAN_SHADOW_OFFSET) \
	--param asan-globals=1 --param asan-stack=1 \
	--param asan-instrumentation-with-call-threshold=0) \
	$(if $(call SAN_HAS,undefined),-fsanitize=undefined \
		-fno-sanitize=object-size$(comma)alignment) \
	$(if $(call SAN_HAS,coverage),-fsanitize-coverage=trace-pc) \
	$(if $(SAN),-Wno-maybe-uninitialized)
SAN_NOT	:= kernel/debug/san/% $(PRIV_HALF)/% mm/slab_debug.c
SAN_SRCS := $(foreach s,address coverage undefined,\
	$(if $(call SAN_HAS,$(s)),kernel/debug/san/$(s).c))
CPPFLAGS += $(if $(call SAN_HAS,address),-DCONFIG_ASAN) \
	$(if $(call SAN_HAS,undefined),-DCONFIG_UBSAN) \
	$(if $(call SAN_HAS,coverage),-DCONFIG_COVERAGE)
$(if $(and $(call SAN_HAS,address),$(if $(ASAN_SHADOW_OFFSET),,no)),$(error \
	SAN=address: $(ARCH) has no room for a shadow of memory; ARCH=hosted has))
$(if $(and $(SAN),$(LLVM)),$(error \
	SAN= is for gcc alone: what clang asks for has other names, and no run time here))

include kernel/$(BUILD)/build.mk
SRCS	:= $(sort $(wildcard $(PRIV_HALF)/*.[cS] $(PORT_SRCS) lib/*.c $(DRIVERS) $(EFI) kernel/*.c \
	kernel/debug/*.c $(SAN_SRCS) \
	kernel/$(BUILD)/*.c mm/*.c tests/*.c tests/*/*.c tests/rmap/variants/*.c))
SRCS	:= $(filter-out $(LEAVE_OUT),$(SRCS))
GEN_SRCS := $(B)/gen/litmus_gen.c $(B)/gen/translation_gen.c
# The mistake of BUSTED= is in the litmus tests alone, and their runner says so; all else is taken
# from the sound build, so that what fails is what should. LITMUS= adds the sources of its directory
# to the sound build.
OWN	:= $(if $(BUSTED),$(filter tests/litmus/% tests/runner.c,$(SRCS)),$(if $(LITMUS),,$(SRCS)))
SOUND_B	:= build/$(PORT)$(SOUND)
GEN_SRCS := $(if $(BUSTED),$(GEN_SRCS),$(GEN_SRCS:$(B)/%=$(SOUND_B)/%))
FILE_SRCS := $(if $(LITMUS),$(sort $(wildcard $(LITMUS:/=)/*.c)))
# An object keeps the .S of its source: trap.c and trap.S stand side by side.
objects = $(patsubst %.S,$(1)/%.S.o,$(filter %.S,$(2))) $(patsubst %.c,$(1)/%.o,$(filter %.c,$(2)))
OBJS	:= $(call objects,$(B),$(OWN)) $(call objects,$(SOUND_B),$(filter-out $(OWN),$(SRCS))) \
	$(patsubst %.c,%.o,$(GEN_SRCS)) $(FILE_SRCS:$(LITMUS:/=)/%.c=$(B)/file/%.o)
LDS	:= $(B)/gen/$(ARCH).lds

image: $(B)/fencepost.elf $(addprefix $(B)/,$(IMAGES)) $(B)/gen/isa_half.o

# Objects depend on the flags, so that a change of this file or of the commit id is noticed.
DIRS	:= $(sort $(patsubst %/,%,$(dir $(SRCS))))
FLAGS_TEXT := $(CC) $(CPPFLAGS) $(CFLAGS) $(SAN_CFLAGS) $(LDFLAGS) \
	$(foreach d,$(DIRS),$(CFLAGS_$(d)))
$(B)/flags: force
	@mkdir -p $(@D)
	@echo '$(FLAGS_TEXT)' | cmp -s - $@ || echo '$(FLAGS_TEXT)' > $@
$(B)/gen/build_id.h: force
	@mkdir -p $(@D)
	@echo '#define BUILD_ID "$(BUILD_ID)"' > $@.new
	@cmp -s $@.new $@ || cp $@.new $@
# What is linked: a source that has gone leaves no object behind that is newer.
$(B)/objects: force
	@mkdir -p $(@D)
	@echo '$(OBJS)' | cmp -s - $@ || echo '$(OBJS)' > $@
.PHONY: force
force:

$(B)/%.o: %.c $(B)/flags | $(B)/gen/build_id.h $(B)/gen/litmus_models.h
	@mkdir -p $(@D)
	@echo "  CC      $(TARGET) $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(if $(filter $(SAN_NOT),$<),,$(SAN_CFLAGS)) \
		$(CFLAGS_$(patsubst %/,%,$(dir $<))) -MMD -MP -c $< -o $@

$(B)/%.S.o: %.S $(B)/flags
	@mkdir -p $(@D)
	@echo "  AS      $(TARGET) $<"
	$(Q)$(CC) $(CPPFLAGS) -D__ASSEMBLY__ $(filter-out -std=% -W%,$(CFLAGS)) -MMD -MP -c $< -o $@

$(B)/gen/%.o: $(B)/gen/%.c $(B)/flags | $(B)/gen/litmus_models.h
	@echo "  CC      $(TARGET) $<"
	$(Q)$(CC) $(CPPFLAGS) -Itests/litmus $(CFLAGS) -MMD -MP -c $< -o $@

# Hundreds of them: what a debugger would want to know is left out.
$(B)/file/%.o: $(LITMUS:/=)/%.c $(B)/flags | $(B)/gen/litmus_models.h
	@mkdir -p $(@D)
	@echo "  CC      $(ARCH)$(FLAVOUR) $<"
	$(Q)$(CC) $(CPPFLAGS) -Itests/litmus $(filter-out -g,$(CFLAGS)) -w -MMD -MP -c $< -o $@

GEN_DEPS := $(addprefix tests/litmus/,gen.py perpetual_gen.py shapes.tsv) \
	$(addprefix tools/fp/litmusfile/,deps.py emit.py emit_body.py emit_key.py ir.py packed.py \
		primitives.py sc.py)
$(B)/gen/litmus_models.h: $(GEN_DEPS) arch/$(ISA)/isa.toml
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tests/litmus/gen.py --expect tests/litmus/shapes.tsv \
		--models '$(call isa,model,$(ISA))' -o $@

$(B)/gen/litmus_gen.c: $(GEN_DEPS)
	@mkdir -p $(@D)
	@echo "  GEN     $(TARGET) $@"
	$(Q)$(PYTHON) tests/litmus/gen.py --expect tests/litmus/shapes.tsv -o $@ \
		--bodies $(@D)/litmus_bodies.json

TRANSLATION_DEPS := $(addprefix tests/translation/,gen.py shapes.tsv sources.tsv hosted.tsv)
$(B)/gen/translation_gen.c: $(TRANSLATION_DEPS)
	@mkdir -p $(@D)
	@echo "  GEN     $(TARGET) $@"
	$(Q)$(PYTHON) $< $(wordlist 2,3,$^) -o $@ \
		$(if $(filter hosted,$(ARCH)),--hosted $(word 4,$^) $(call isa,model,$(ISA)))

# For clangd and other readers of C: how each source is compiled, without compiling it.
json	= $(subst ",\",$(subst \,\\,$(1)))
entry	= {"directory":"$(CURDIR)","file":"$(1)","command":"$(call json,\
	$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(patsubst %/,%,$(dir $(1)))) -c $(1))"}
compile_commands.json: $(GEN_SRCS) $(B)/gen/litmus_models.h $(B)/gen/build_id.h
	$(file >$@,[)
	$(foreach s,$(filter %.c,$(SRCS)),$(file >>$@,$(call entry,$(s))$(comma)))
	$(file >>$@,$(call entry,$(GEN_SRCS))])
	@echo "  JSON    $@"

# Not part of the image: the ISA's half of the contract, which must compile without the other half.
ISA_HEADERS := $(notdir $(wildcard $(ISA_HALF)/asm/*.h))
$(B)/gen/isa_half.c: force
	@mkdir -p $(@D)
	@printf '#include <arch/%s>\n' $(ISA_HEADERS) > $@.new
	@cmp -s $@.new $@ || cp $@.new $@
$(B)/gen/isa_half.o: CPPFLAGS := $(filter-out $(PRIV_INCLUDE),$(CPPFLAGS))

# Not part of the image: every dependency broken, for the self-test of both checks of object code.
$(B)/gen/litmus_broken.c: $(GEN_DEPS)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tests/litmus/gen.py --expect tests/litmus/shapes.tsv --break-deps -o $@
litmus_deps: $(B)/gen/litmus_gen.o $(B)/gen/litmus_broken.o
	$(Q)$(PYTHON) tools/check_deps.py $(B)/gen/litmus_gen.o
	$(Q)$(PYTHON) tools/check_deps.py --broken $(B)/gen/litmus_broken.o
	$(Q)$(PYTHON) tools/check_file_deps.py $(B)/gen/litmus_bodies.json $(B)/gen/litmus_gen.o
	$(Q)$(PYTHON) tools/check_file_deps.py --folded $(B)/gen/litmus_bodies.json \
		$(B)/gen/litmus_broken.o

# Not part of the image: the sample of litmus files, held against what the compiler makes of it.
FILES_GEN := $(B)/gen/files
$(FILES_GEN)/bodies.json: $(sort $(wildcard tests/litmus/files/*.litmus)) $(GEN_DEPS) \
		tools/check_file_deps.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/check_file_deps.py --write $(ISA) $@ $(filter %.litmus,$^)
file_deps: $(FILES_GEN)/bodies.json $(B)/flags | $(B)/gen/litmus_models.h
	@echo "  CC      $(TARGET) $(FILES_GEN)"
	$(Q)for c in $(FILES_GEN)/*.c; do \
		$(CC) $(CPPFLAGS) -Itests/litmus $(filter-out -g,$(CFLAGS)) -w \
			-c $$c -o $${c%.c}.o || exit; done
	$(Q)$(PYTHON) tools/check_file_deps.py $< $(FILES_GEN)/*.o

# Not part of the image: each primitive of the contract in a function of its own, and weaker twins.
PRIMITIVES := $(B)/gen/primitives $(B)/gen/primitives_twins
CONTRACT := $(wildcard include/arch/*.h $(ISA_HALF)/asm/*.h)
$(B)/gen/isa_half.i: $(B)/gen/isa_half.c $(CONTRACT) $(B)/flags
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -E $< -o $@
$(PRIMITIVES:=.c): $(B)/gen/%.c: $(B)/gen/isa_half.i tools/check_primitives.py
	$(Q)$(PYTHON) tools/check_primitives.py --source $(if $(findstring twins,$*),--twins) \
		$< -o $@
$(PRIMITIVES:=.elf): %.elf: %.o
	$(Q)$(LD) $(LDFLAGS) -e 0 --unresolved-symbols=ignore-all $< -o $@
primitives: $(PRIMITIVES:=.elf)
	$(Q)$(PYTHON) tools/check_primitives.py $(B)/gen/primitives.elf
	$(Q)$(PYTHON) tools/check_primitives.py --twins $(B)/gen/primitives_twins.elf

$(LDS): linker/$(ARCH).ld linker/sections.inc $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -D__ASSEMBLY__ -D__LINKER__ -E -P -x c -Ilinker -MMD -MP -MF $@.d \
		-MT $@ $< -o $@

# Linked twice: the second time with the symbol table for backtraces, which stands behind all code.
$(B)/pass1.elf: $(OBJS) $(B)/objects $(LDS) $(B)/gen/ksyms_empty.o
	$(Q)$(LD) $(LDFLAGS) -T $(LDS) $(OBJS) $(B)/gen/ksyms_empty.o -o $@
$(B)/gen/ksyms_empty.S: tools/ksyms.py $(B)/flags
	$(Q)$(PYTHON) tools/ksyms.py --empty -o $@
$(B)/gen/ksyms.S: $(B)/pass1.elf tools/ksyms.py
	$(Q)$(NM) -n $(B)/pass1.elf | $(PYTHON) tools/ksyms.py -o $@
$(B)/gen/%.o: $(B)/gen/%.S
	$(Q)$(CC) $(CPPFLAGS) -D__ASSEMBLY__ $(filter-out -std=% -W%,$(CFLAGS)) -c $< -o $@
$(B)/fencepost.elf: $(OBJS) $(LDS) $(B)/gen/ksyms.o
	@echo "  LD      $(TARGET) $@"
	$(Q)$(LD) $(LDFLAGS) -T $(LDS) $(OBJS) $(B)/gen/ksyms.o -o $@

# What stands below the tests, without them: nothing there may name what is theirs. And with a
# second one of each table of which there is one: the linker script must refuse that.
TABLES	:= lib/report.h:REPORT_OPS kernel/debug_ops.h:DEBUG_OPS kernel/run.h:RUN_OPS
SECOND	:= $(foreach t,$(TABLES),$(B)/gen/second_$(lastword $(subst :, ,$t)))
.SECONDARY: $(SECOND:%=%.c) $(SECOND:%=%.o)
alone: $(B)/alone.elf $(SECOND:%=%.refused)
$(B)/alone.elf: $(filter-out $(B)/tests/% $(B)/gen/%,$(OBJS)) $(LDS) $(B)/gen/ksyms_empty.o
	$(Q)$(LD) $(LDFLAGS) -T $(LDS) $(filter %.o,$^) -o $@
$(SECOND:%=%.c): $(B)/gen/second_%.c: build.mk
	@mkdir -p $(@D)
	@printf '#include <%s>\n$*(second) = { 0 };\n' \
		$(firstword $(subst :, ,$(filter %:$*,$(TABLES)))) > $@
$(B)/gen/second_%.refused: $(B)/gen/second_%.o $(OBJS) $(LDS) $(B)/gen/ksyms_empty.o
	@! $(LD) $(LDFLAGS) -T $(LDS) $(filter %.o,$^) -o $(@:refused=elf) 2> $@
	@grep -q 'one $*() .* be linked' $@ || { cat $@; rm $@; false; }

-include $(OBJS:.o=.d) $(B)/gen/isa_half.d $(B)/gen/litmus_broken.d $(PRIMITIVES:=.d) $(LDS).d

endif
