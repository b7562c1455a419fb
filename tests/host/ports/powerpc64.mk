# SPDX-License-Identifier: GPL-2.0-only
PO_UNDER_powerpc64 := $(addprefix arch/powerpc64/,console.c mce.c mend.c power.c smp.c setup.c) \
	$(PO_TREE) $(PO)/written.c
