/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes are a sequence of operations on a few small address spaces, run by one thread on one
 * CPU, beside a model that knows what memory must hold: for random bytes (mm.sequence), and for a
 * fuzzer, which finds bytes that come to code which no others came to.
 */
#pragma once

#include <lib/types.h>

/*
 * Run the sequence that @bytes are. NULL, or what was wrong first: constant until the next call.
 * Same bytes, same operations. The thread has no address space; may sleep. What it allocates is
 * given back; where memory runs out the sequence ends, and nothing is wrong.
 */
const char *sequence_run(const u8 *bytes, size_t n);
