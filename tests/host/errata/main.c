/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each core of a port has what it should have, and nothing else.
 *
 *	errata-arm64
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errata.h"

#include <arch/errata.h>
#include <kernel/errata.h>

static const char *now = "";
static unsigned int this_cpu;
static uint64_t online;

void fail_says(void)
{
	printf("errata-%s # %s: ", port, now);
}

/* ---- what kernel/errata.c asks ---- */

unsigned int smp_processor_id(void);
uint64_t smp_online_mask(void);
void cpumask_format(uint64_t mask, char *buf, size_t size);
void panic(const char *fmt, ...);

unsigned int smp_processor_id(void)
{
	return this_cpu;
}

uint64_t smp_online_mask(void)
{
	return online;
}

void cpumask_format(uint64_t mask, char *buf, size_t size)
{
	snprintf(buf, size, "%llx", (unsigned long long)mask);
}

void panic(const char *fmt, ...)
{
	fail("panic: %s", fmt);
}

/* ---- the cores ---- */

static void expect(const char *what, const char *got, const char *want)
{
	if (strcmp(got, want))
		fail("%s '%s', not '%s'", what, got, want);
}

static void run_on(unsigned int cpu, const struct core *core)
{
	this_cpu = cpu;
	online |= 1ULL << cpu;
	be_core(core->word);
	errata_init_cpu();
}

static void check_core(const struct core *core)
{
	char text[640];

	now = core->what;
	run_on(0, core);
	errata_names(text, sizeof(text));
	expect("it has", text, core->names);
	expect("it does", work_arounds(), core->done);
	errata_taint("tlb.access", text, sizeof(text));
	expect("tlb.access is tainted by", text, core->tainting);
}

/* In a process of its own: what was found of a CPU stays. */
static bool in_another(void (*fn)(const struct core *core), const struct core *core)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		fn(core);
		exit(0);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static const struct core *first_that(bool has)
{
	for (size_t i = 0; i < nr_cores; i++)
		if (!cores[i].names[0] == !has)
			return &cores[i];
	fail("all cores are alike");
}

/* One of three CPUs has a defect, and then it goes: what is said is of those that are there. */
static void check_some(const struct core *core)
{
	char text[640], short_text[8];
	unsigned int index = 0;

	now = "one CPU of three";
	run_on(0, first_that(false));
	run_on(2, core);
	run_on(5, first_that(false));
	errata_names(text, sizeof(text));
	expect("they have", text, core->names);
	if (!errata_describe(&index, text, sizeof(text)) || !strstr(text, "\"cpus\":\"4\","))
		fail("it is described as %s", text);
	while (errata_describe(&index, text, sizeof(text)))
		;
	errata_names(short_text, sizeof(short_text));
	if (strlen(core->names) >= sizeof(short_text))
		expect("where there is no room", short_text, "");
	online = 1 << 0 | 1 << 5;
	errata_names(text, sizeof(text));
	expect("without it", text, "");
	errata_taint("tlb.access", text, sizeof(text));
	expect("tlb.access without it", text, "");
	errata_note("machine-check");
	errata_taint("lib.list", text, sizeof(text));
	expect("any test, after a machine check", text, "machine-check");
	index = 0;
	if (errata_describe(&index, text, sizeof(text)))
		fail("without it: %s", text);
}

int main(void)
{
	bool ok = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < nr_cores; i++)
		ok &= in_another(check_core, &cores[i]);
	ok &= in_another(check_some, first_that(true));
	now = "";
	test_port();
	if (ok)
		printf("ok errata-%s # %zu cores\n", port, nr_cores);
	return !ok;
}
