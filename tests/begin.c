/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BEGIN record: what the machine is that a run's results are of, as far as it says so itself.
 * CPU 0, once, all CPUs that start online.
 */
#include <arch/clock.h>
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/clock.h>
#include <kernel/errata.h>
#include <kernel/fixture.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <lib/format.h>
#include <test/record.h>

#include <build_id.h>
#include <mm/boot_alloc.h>

#define IDS_MAX 640 /* of the text of all CPUs' numbers; what does not fit is left out */

/* What of the fixtures is other than usual, each by @fmt, of its name and that; as fits, whole. */
static void fixtures_describe(char *buf, size_t size, const char *fmt)
{
	const struct fixture *f;
	size_t n = 0;

	buf[0] = '\0';
	for_each_fixture(f) {
		const char *what = f->describe ? f->describe() : NULL;
		size_t len = what ? snprintf(buf + n, size - n, fmt, f->name, what) : 0;

		if (n + len >= size) {
			buf[n] = '\0';
			return;
		}
		n += len;
	}
}

/* The CPUs' hardware numbers in hexadecimal, in the order of ours. */
static void hw_ids_describe(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int cpu = 0; cpu < nr_cpus_found && n + 20 < size; cpu++)
		n += snprintf(buf + n, size - n, cpu ? " %llx" : "%llx",
			      (unsigned long long)cpu_table[cpu].hw_id);
}

/* The last CPU of those from @cpu on that have its identification. */
static unsigned int last_alike(unsigned int cpu)
{
	while (cpu + 1 < nr_cpus_found && cpu_table[cpu + 1].id == cpu_table[cpu].id)
		cpu++;
	return cpu;
}

/* "0-3:410fd034 4-5:410fd082": which CPUs are of which kind. Of one that is not online: 0. */
static void cpu_ids_describe(char *buf, size_t size)
{
	unsigned int cpu, last;
	size_t n = 0;

	buf[0] = '\0';
	for (cpu = 0; cpu < nr_cpus_found && n + 28 < size; cpu = last + 1) {
		last = last_alike(cpu);
		n += snprintf(buf + n, size - n, cpu ? " %u-%u:%llx" : "%u-%u:%llx", cpu, last,
			      (unsigned long long)cpu_table[cpu].id);
	}
}

static bool is_placed(const struct cpu_place *p)
{
	return p->socket || p->cluster || p->core || p->thread;
}

/* "0.0.1.0": socket, cluster, core and thread of each CPU; nothing where nobody has said any. */
static void places_describe(char *buf, size_t size)
{
	bool any = false;
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int cpu = 0; cpu < nr_cpus_found && n + 26 < size; cpu++) {
		const struct cpu_place *p = &cpu_table[cpu].place;

		any |= is_placed(p);
		n += snprintf(buf + n, size - n, cpu ? " %u.%u.%u.%u" : "%u.%u.%u.%u", p->socket,
			      p->cluster, p->core, p->thread);
	}
	if (!any)
		buf[0] = '\0';
}

#define TURNS	    100000
#define TURNS_TRIES 3

/* Microseconds of so many turns of an empty loop, the best of three: an emulated KVM is slow. */
static u64 turns_us(void)
{
	u64 best = ~0ULL;

	for (int try = 0; try < TURNS_TRIES; try++) {
		u64 start = clock_ns();

		for (unsigned long i = TURNS; i; i--)
			OPTIMIZER_HIDE_VAR(i);
		best = MIN(best, clock_ns() - start);
	}
	return best / 1000;
}

/* One member of the record; @text comes from firmware. */
struct member {
	const char *name, *text;
};

static void members_print(char *buf, size_t size, const struct member *m, unsigned int nr)
{
	char text[1024];
	size_t n = 0;

	for (; nr; nr--, m++) {
		json_escape(text, sizeof(text), m->text);
		n += snprintf(buf + n, size - n, "\"%s\":\"%s\",", m->name, text);
	}
}

void say_begin(u64 seed, const char *accel, unsigned int planned, unsigned int first)
{
	static char who[3072];
	static char hw_ids[IDS_MAX], cpu_ids[IDS_MAX], places[IDS_MAX];
	static char errata[IDS_MAX];
	const struct member members[] = {
		{ "machine", boot_info.machine },
		{ "firmware", boot_info.firmware },
		{ "version", boot_info.version },
		{ "compatible", boot_info.compatible },
		{ "hypervisor", boot_info.hypervisor },
		{ "cpu", arch_cpu_model() },
		{ "hw_ids", hw_ids },
		{ "cpu_ids", cpu_ids },
		{ "places", places },
		{ "errata", errata },
		{ "cmdline", boot_info.cmdline },
	};
	char other[512];

	fixtures_describe(other, sizeof(other), ", %s=%s");
	say("# Fencepost %s on %s: %s, %u of %u CPUs, %llu MiB%s", BUILD_ID, ARCH_NAME,
	    boot_info.machine, smp_nr_online(), nr_cpus_found,
	    (unsigned long long)boot_alloc_total_bytes() >> 20, other);
	fixtures_describe(other, sizeof(other), ",\"%s\":\"%s\"");
	hw_ids_describe(hw_ids, sizeof(hw_ids));
	cpu_ids_describe(cpu_ids, sizeof(cpu_ids));
	places_describe(places, sizeof(places));
	errata_names(errata, sizeof(errata));
	members_print(who, sizeof(who), members, ARRAY_SIZE(members));
	say_record("",
		   "@BEGIN {\"v\":1,\"arch\":\"%s\",%s\"cpus_found\":%u,\"cpus_online\":%u,"
		   "\"memory\":%llu,\"clock_hz\":%llu,\"seed\":%llu,\"build\":\"%s\","
		   "\"debug\":%s,\"accel\":\"%s\",\"boot_us\":%llu,\"planned\":%u,\"first\":%u,"
		   "\"turns_us\":%llu%s",
		   ARCH_NAME, who, nr_cpus_found, smp_nr_online(),
		   (unsigned long long)boot_alloc_total_bytes(),
		   (unsigned long long)arch_clock_hz(), (unsigned long long)seed, BUILD_ID,
		   sync_points_enabled() ? "true" : "false", accel,
		   (unsigned long long)clock_ns() / 1000, planned, first,
		   (unsigned long long)turns_us(), other);
	for (unsigned int i = 0; errata_describe(&i, who, sizeof(who));)
		say_record("", "@ERRATUM {%s", who);
	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++)
		if (cpu_table[cpu].state == CPU_FAILED)
			say_record("", "@CPUFAIL {\"cpu\":%u,\"hw_id\":%llu,\"why\":\"%s\"", cpu,
				   (unsigned long long)cpu_table[cpu].hw_id,
				   cpu_table[cpu].failure);
}
