/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel was made to run: whatever is linked above it, here the tests. It registers
 * itself with RUN_OPS(), in the section .run_ops; the kernel knows it by struct run_ops alone and
 * comes to it by the functions below. A kernel with nothing to run panics and says so.
 */
#pragma once

#include <arch/power.h>
#include <lib/compiler.h>
#include <lib/types.h>

/* Constant, and there from the first instruction on. All members are needed. */
struct run_ops {
	/* Do what the boot line asks for and power off. In a thread of CPU 0, all CPUs online. */
	void (*start)(void) __noreturn;
	/* The boot line was not understood: say @why, power off. Boot CPU, before start(). */
	void (*config_error)(const char *why) __noreturn;
	/*
	 * What runs has crashed, or is hung: say @why, end the report. What the machine is to be
	 * turned off with. Once, by the CPU that has claimed the end of the run (panic_claim()).
	 */
	enum run_verdict (*crashed)(const char *why);
	enum run_verdict (*hung)(const char *why);
	/*
	 * All is said: what is left to do before the machine is turned off with @v, or instead.
	 * Once, by the CPU that ends the run, in whatever state it is.
	 */
	void (*ended)(enum run_verdict v);
	/* A tick of CPU 0. */
	void (*tick)(void);
	/* The name of what runs, or NULL. Any context. */
	const char *(*name)(void);
	/* The line that runs it once more. Any context. */
	void (*rerun)(char *buf, size_t size);
};

#define RUN_OPS(name) static const struct run_ops name __used __section(".run_ops") __aligned(8)

/* The members of what is registered. */
void run_start(void) __noreturn;
void run_config_error(const char *why) __noreturn;
enum run_verdict run_crashed(const char *why);
enum run_verdict run_hung(const char *why);
void run_tick(void);
const char *run_name(void);
void run_rerun(char *buf, size_t size);

/* What ends every run, when its last line has been said: ended(), and the machine is off. */
void run_end(enum run_verdict v) __noreturn;
