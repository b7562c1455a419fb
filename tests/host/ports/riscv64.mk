# SPDX-License-Identifier: GPL-2.0-only
PO_UNDER_riscv64 := $(addprefix arch/riscv64/,console.c power.c smp.c) $(PO_TREE) \
	$(PO)/written.c
PO_MORE_riscv64 := tests/host/errata/include/riscv64
