# SPDX-License-Identifier: GPL-2.0-only
PO_UNDER_arm64 := arch/arm64/gic.c arch/arm64/power.c lib/options.c $(PO_TREE) $(PO)/arm64_end.c
