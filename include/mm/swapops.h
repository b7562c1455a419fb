/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of page tables that are neither none nor present. */
#pragma once

#include <arch/pgtable_user.h>
#include <lib/types.h>

enum swp_kind { SWP_SLOT, SWP_MIGRATE_READ, SWP_MIGRATE_WRITE };
#define SWP_KIND_BITS 2

static inline pteval_t swp_pte(enum swp_kind kind, u64 value)
{
	return pte_make_swap(value << SWP_KIND_BITS | kind);
}

static inline enum swp_kind swp_kind(pteval_t pte)
{
	return (enum swp_kind)(pte_swap_entry(pte) & ((1U << SWP_KIND_BITS) - 1));
}

/* Number of the slot, or of the page's frame. */
static inline u64 swp_value(pteval_t pte)
{
	return pte_swap_entry(pte) >> SWP_KIND_BITS;
}

static inline bool pte_is_migration(pteval_t pte)
{
	return pte_is_swap(pte) && swp_kind(pte) != SWP_SLOT;
}
