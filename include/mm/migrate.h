/* SPDX-License-Identifier: GPL-2.0-only */
/* Migration: what is in a page moves to another frame (mm/migrate.c). */
#pragma once

#include <arch/pgtable_user.h>

struct mm_struct;
struct page;

/*
 * Move what is in @page to another frame, while it is used. The caller has a reference, holds no
 * spinlock, and may sleep. 0; -EAGAIN: on no list, or freed meanwhile, or somebody was quicker;
 * -ENOMEM.
 */
int migrate_page(struct page *page);
/* Wait for the migration that @orig at @ptep speaks of, unless it is over. */
void migration_entry_wait(struct mm_struct *mm, pteval_t *ptep, pteval_t orig);
