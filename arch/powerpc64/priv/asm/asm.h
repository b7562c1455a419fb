/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros of boot.S and trap.S. */
#pragma once

/* This is the assembler's language. */
/* clang-format off */

/* Address of @sym where the code runs: physical or virtual, as r2 is. */
.macro LOAD_ADDR reg, sym
	addis	\reg, 2, \sym@toc@ha
	addi	\reg, \reg, \sym@toc@l
.endm

.macro LOAD_IMM64 reg, val
	lis	\reg, (((\val) >> 48) & 0xffff)
	ori	\reg, \reg, (((\val) >> 32) & 0xffff)
	sldi	\reg, \reg, 32
	oris	\reg, \reg, (((\val) >> 16) & 0xffff)
	ori	\reg, \reg, ((\val) & 0xffff)
.endm
