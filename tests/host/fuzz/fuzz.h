/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Targets of libFuzzer: a parser each, on input that a fuzzer makes up from what it sees covered.
 * The input is copied to memory of just its size, so that the address sanitizer sees a read beyond
 * it; a parser's own promises are asserted. What the parsers expect of the kernel, and the builders
 * of their tests, are those of tests/host/src/main.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The C library's headers are done with: this name is the kernel's from here on. */
#undef __always_inline

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of just this size, to be freed. */
void *fuzz_copy(const void *data, size_t size);

/* A promise was broken: dies, with this sentence. */
void fuzz_wrong(const char *what) __attribute__((noreturn));

/* Read each byte, so that a sanitizer sees those that are not ours. */
void fuzz_read(const void *p, size_t size);
