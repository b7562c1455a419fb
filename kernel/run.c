/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds what this kernel was made to run: see the header. The table is the linker's and constant;
 * who panics comes here too, so that what stands in for an empty one may not panic itself.
 */
#include <kernel/panic.h>
#include <kernel/run.h>
#include <lib/string.h>

extern const struct run_ops __run_ops_start[], __run_ops_end[];

static void __noreturn nothing_start(void)
{
	panic("nothing to run is linked into this kernel: there is no RUN_OPS()");
}

static void __noreturn nothing_config_error(const char *why)
{
	panic("%s; and nothing to run is linked into this kernel", why);
}

static enum run_verdict nothing_crashed(const char *why)
{
	return RUN_CRASH;
}

static void nothing_ended(enum run_verdict v)
{
}

static void nothing_tick(void)
{
}

static const char *nothing_name(void)
{
	return NULL;
}

static void nothing_rerun(char *buf, size_t size)
{
	strscpy(buf, "nothing to run", size);
}

static const struct run_ops nothing = {
	.start = nothing_start,
	.config_error = nothing_config_error,
	.crashed = nothing_crashed,
	.hung = nothing_crashed,
	.ended = nothing_ended,
	.tick = nothing_tick,
	.name = nothing_name,
	.rerun = nothing_rerun,
};

static const struct run_ops *run_ops(void)
{
	return __run_ops_end - __run_ops_start ? __run_ops_start : &nothing;
}

void run_start(void)
{
	run_ops()->start();
}

void run_config_error(const char *why)
{
	run_ops()->config_error(why);
}

enum run_verdict run_crashed(const char *why)
{
	return run_ops()->crashed(why);
}

enum run_verdict run_hung(const char *why)
{
	return run_ops()->hung(why);
}

void run_end(enum run_verdict v)
{
	run_ops()->ended(v);
	arch_power_off(v);
}

void run_tick(void)
{
	run_ops()->tick();
}

const char *run_name(void)
{
	return run_ops()->name();
}

void run_rerun(char *buf, size_t size)
{
	run_ops()->rerun(buf, size);
}
