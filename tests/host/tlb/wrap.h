/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before everything in mm/memory.c, pgtable_user.c and tlb_batch.c: their shoot-downs go
 * by way of the judge, who notes what each has promised when it returns.
 */
#pragma once

#define tlb_flush_range sim_flush_range
#define tlb_flush_mm	sim_flush_mm
