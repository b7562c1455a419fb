/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory that nobody should read or write is filled with, so that a dump, a wild pointer or a
 * detector's report tells what that memory was. All but LIST_POISON in debug builds only.
 */
#pragma once

/* Both links of an element that was removed from a list: an address that faults on every ISA. */
#define LIST_POISON ((struct list_head *)0xdead100)

/* Every byte of: */
#define POISON_NEW    0x5a /* an object of a slab, given out and not yet written to */
#define POISON_FREE   0x6b /* the same, freed, but for */
#define POISON_END    0xa5 /* its last byte */
#define RED_ZONE_FREE 0xbb /* what lies beside an object that is free, */
#define RED_ZONE_USED 0xcc /* and one in use */
#define POISON_PAGE   0xdb /* a free page */

/* A word of such bytes. */
#define POISON32(byte) (0x01010101U * (byte))
#define POISON64(byte) (0x0101010101010101ULL * (byte))
