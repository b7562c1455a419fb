/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run says to programs: lines of the console with a check sum inside, since a serial line
 * loses and damages characters, and every reader must see that on the line itself.
 *
 *	@END {"planned":3,...,"verdict":"pass","check":"1a2b3c4d"}
 *	@TEST {"n":1,"name":"a.b",...,"check":"a.b pass a.b pass 1a2b3c4d"}
 *	ok 1 a.b # sum 1a2b3c4d
 *
 * The sum is crc32() of the line up to its own first digit, and of a KTAP line up to " # sum". A
 * regular expression, which cannot compute, compares: name and verdict stand three times in TEST.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* Text as the inside of a JSON string. Always terminated; what does not fit is cut off. */
void json_escape(char *dst, size_t size, const char *src);

/* One line to the console, whole, without a sum: what nothing depends on. */
void say(const char *fmt, ...) __printf(1, 2);

/* A record: "@NAME {..." by @fmt, without the brace that closes it. @again: before the sum. */
void say_record(const char *again, const char *fmt, ...) __printf(2, 3);

/* A KTAP line. */
void say_ktap(const char *fmt, ...) __printf(1, 2);

/*
 * BEGIN: what the machine is, and with which test of those planned this boot begins; and a CPUFAIL
 * for each CPU that did not start.
 */
void say_begin(u64 seed, const char *accel, unsigned int planned, unsigned int first);
