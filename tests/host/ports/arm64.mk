# SPDX-License-Identifier: GPL-2.0-only
PO_UNDER_arm64 := arch/arm64/gic.c $(PO_TREE)
