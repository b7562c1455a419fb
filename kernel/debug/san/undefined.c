/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run-time half of the undefined-behaviour sanitizer (SAN=undefined): the compiler calls one of
 * these functions where the C standard says nothing more of what the program does, with a
 * description that begins with the place in the source (libsanitizer/ubsan).
 *
 * Compiled without the sanitizer.
 */
#include <lib/compiler.h>
#include <lib/types.h>

#include "san.h"

struct source_location {
	const char *file;
	u32 line, column;
};

/* Of a type, as the compiler writes it. */
struct type_descriptor {
	u16 kind, info;
	char name[];
};

static noinline void report(const struct source_location *at, const char *what)
{
	if (san_is_silent())
		return;
	detect(DETECT_UNDEFINED, at->file, "%s at %s:%u:%u", what, at->file, at->line, at->column);
}

#define HANDLER(name, what, ...) \
	void __ubsan_handle_##name(const struct source_location *at, ##__VA_ARGS__); \
	void __ubsan_handle_##name(const struct source_location *at, ##__VA_ARGS__) \
	{ \
		report(at, what); \
	}

typedef unsigned long value;

/*
 * What these flags leave undefined of C: signed numbers wrap around (-fwrapv), and arrays have
 * constant bounds (-Wvla). tests: san.undefined, self.san_unreachable
 */
HANDLER(divrem_overflow, "division by zero, or its result overflows", value a, value b)
HANDLER(shift_out_of_bounds, "shift by more than the type has bits", value a, value b)
HANDLER(out_of_bounds, "index out of bounds", value index)
HANDLER(builtin_unreachable, "what is unreachable is reached")
HANDLER(load_invalid_value, "value that its type does not have", value v)
HANDLER(nonnull_arg, "null where an argument must not be")
HANDLER(invalid_builtin, "argument that a builtin does not take")
HANDLER(pointer_overflow, "pointer wraps around", value base, value result)

/* The first argument says where the attribute stands, or nothing; the second is the place. */
void __ubsan_handle_nonnull_return_v1(const void *attribute, const struct source_location *at);
void __ubsan_handle_nonnull_return_v1(const void *attribute, const struct source_location *at)
{
	report(at, "null where a result must not be");
}

struct type_mismatch {
	struct source_location at;
	const struct type_descriptor *type;
	u8 log_alignment;
	u8 access;
};

void __ubsan_handle_type_mismatch_v1(const struct type_mismatch *m, unsigned long pointer);
void __ubsan_handle_type_mismatch_v1(const struct type_mismatch *m, unsigned long pointer)
{
	if (!pointer)
		report(&m->at, "access through a null pointer");
	else if (pointer & ((1UL << m->log_alignment) - 1))
		report(&m->at, "access through a pointer that is not aligned");
	else
		report(&m->at, "access to less room than the type takes");
}
