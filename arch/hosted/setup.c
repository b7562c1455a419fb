/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start and discovery. The machine is what the first arguments of the program say, and the cores
 * that Linux lets it use; the other arguments are the boot line:
 *
 *	fencepost [-smp CPUS] [-m MEBIBYTES] [word of the boot line ...]
 */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>

#include "port.h"

#define MEMORY_MIB     256
#define MEMORY_MIB_MAX 16384

/* The machine, as its arguments say. */
static u64 memory_mib = MEMORY_MIB;
static u64 machine_cpus; /* 0: as many as there are cores */
static const char **line_words;
static unsigned long nr_line_words;

static void __noreturn refuse(const char *arg)
{
	static const char usage[] = ": fencepost [-smp CPUS] [-m MEBIBYTES] [boot line]\n";

	arch_console_write(arg, strlen(arg));
	arch_console_write(usage, sizeof(usage) - 1);
	arch_power_off(RUN_CONFIG);
}

static bool take_number(const char *name, const char *arg, const char *value, u64 max, u64 *n)
{
	const char *end;

	if (strcmp(arg, name) != 0)
		return false;
	if (!value || parse_u64(value, &end, n) || *end || !*n || *n > max)
		refuse(arg);
	return true;
}

static void __noreturn start_kernel(void *unused)
{
	kernel_main();
}

void hosted_start(unsigned long *sp)
{
	const char **argv = (const char **)(sp + 1);
	unsigned long argc = sp[0], i = 1;

	while (i < argc && (take_number("-smp", argv[i], argv[i + 1], NR_CPUS, &machine_cpus) ||
			    take_number("-m", argv[i], argv[i + 1], MEMORY_MIB_MAX, &memory_mib)))
		i += 2;
	if (i < argc && argv[i][0] == '-')
		refuse(argv[i]);
	line_words = argv + i;
	nr_line_words = argc - i;
	arch_call_on_stack(boot_stack + KERNEL_STACK_SIZE, start_kernel, NULL);
}

long hosted_read_file(const char *path, char *buf, size_t size)
{
	long fd = host_syscall(HOST_NR_openat, LINUX_AT_FDCWD, (long)path, 0, 0, 0, 0);
	size_t n = 0;
	long got = 1;

	if (fd < 0)
		return fd;
	while (n < size - 1 && got > 0) {
		got = host_syscall(HOST_NR_read, fd, (long)buf + n, size - 1 - n, 0, 0, 0);
		n += MAX(got, 0);
	}
	host_syscall(HOST_NR_close, fd, 0, 0, 0, 0, 0);
	buf[n] = '\0';
	return n;
}

/*
 * The words, with blanks between. How many CPUs can run at a time is known here, unless the caller
 * says otherwise.
 */
static void read_line(void)
{
	static char line[BOOT_CMDLINE_MAX + 1];
	size_t n = 0;
	bool told = false;

	for (unsigned long i = 0; i < nr_line_words && n < sizeof(line) - 1; i++) {
		n += snprintf(line + n, sizeof(line) - n, "%s ", line_words[i]);
		told |= !strncmp(line_words[i], "racers=", 7);
	}
	if (!told)
		n += snprintf(line + n, sizeof(line) - n, "racers=%u",
			      MIN(hosted_nr_cores(), NR_CPUS));
	boot_set_cmdline(line, MIN(n, sizeof(line)));
}

static void read_names(void)
{
	struct linux_utsname u;

	strscpy(boot_info.machine, "Linux process", sizeof(boot_info.machine));
	if (host_syscall(HOST_NR_uname, (long)&u, 0, 0, 0, 0, 0) < 0)
		return;
	snprintf(boot_info.firmware, sizeof(boot_info.firmware), "%s %s", u.sysname, u.release);
}

int arch_discover(void)
{
	unsigned int cpus;
	int err;

	arch_console_init();
	printk_console_ready();
	hosted_cores_init();
	hosted_cpu_init(0);
	read_line();
	read_names();
	err = hosted_memory_init(memory_mib << 20);
	if (err)
		return err;
	cpus = machine_cpus ? machine_cpus : MIN(hosted_nr_cores(), NR_CPUS);
	smp_set_boot_cpu(0);
	for (unsigned int cpu = 1; cpu < cpus; cpu++)
		smp_add_cpu(cpu, 0, 0);
	return 0;
}

unsigned int arch_cache_line_size(void)
{
	static const char path[] = "/sys/devices/system/cpu/cpu0/cache/index0/coherency_line_size";
	const char *end;
	char text[16];
	u64 size;

	if (hosted_read_file(path, text, sizeof(text)) <= 0 || parse_u64(text, &end, &size) ||
	    !size || size > ARCH_CACHE_LINE_MAX)
		return ARCH_CACHE_LINE_MAX;
	return size;
}

u64 arch_cpu_id(void)
{
	return 0;
}

const char *arch_cpu_model(void)
{
	return ARCH_NAME;
}
