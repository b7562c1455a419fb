/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start and discovery. The machine is what the first arguments of the program say, and the cores
 * that Linux lets it use; the other arguments are the boot line:
 *
 *	fencepost [-smp CPUS] [-m MEBIBYTES] [word of the boot line ...]
 *
 * -mailbox FD is for programs that start us: memory that they share (test/mailbox.h).
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
#include <mm/address.h>

#include "port.h"

#define MEMORY_MIB     256
#define MEMORY_MIB_MAX 16384
#define FILES_MAX      1024

/* The machine, as its arguments say. */
static u64 memory_mib = MEMORY_MIB;
static u64 machine_cpus; /* 0: as many as there are cores */
static u64 mailbox_file; /* 0: nobody shares memory with us */
static const char **line_words;
static unsigned long nr_line_words;

static void __noreturn refuse(const char *arg)
{
	static const char usage[] = ": fencepost [-smp CPUS] [-m MEBIBYTES] [boot line]\n";

	arch_console_write(arg, strlen(arg));
	arch_console_write(usage, sizeof(usage) - 1);
	arch_power_off(RUN_CONFIG);
}

static void __noreturn refuse_host(const char *why)
{
	arch_console_write(why, strlen(why));
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

/* Of the host's pages; the kernel maps single pages of its own size. */
static u64 host_page_size(const char **argv, unsigned long argc)
{
	const unsigned long *at = (const unsigned long *)(argv + argc + 1);

	while (*at++)
		; /* the environment */
	for (; at[0]; at += 2)
		if (at[0] == LINUX_AT_PAGESZ)
			return at[1];
	return PAGE_SIZE;
}

static void __noreturn start_kernel(void *unused)
{
	kernel_main();
}

void hosted_start(unsigned long *sp)
{
	const char **argv = (const char **)(sp + 1);
	unsigned long argc = sp[0], i = 1;

	hosted_shadow_init();
	while (i < argc &&
	       (take_number("-smp", argv[i], argv[i + 1], NR_CPUS, &machine_cpus) ||
		take_number("-m", argv[i], argv[i + 1], MEMORY_MIB_MAX, &memory_mib) ||
		take_number("-mailbox", argv[i], argv[i + 1], FILES_MAX, &mailbox_file)))
		i += 2;
	if (i < argc && argv[i][0] == '-')
		refuse(argv[i]);
	if (host_page_size(argv, argc) != PAGE_SIZE)
		refuse_host("the host's pages are not of 4 KiB, and so cannot be the kernel's\n");
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

/* Does a word of @line, each with a blank before it, begin with @name? */
static bool line_says(const char *line, const char *name)
{
	for (const char *s = strchr(line, ' '); s; s = strchr(s + 1, ' '))
		if (!strncmp(s + 1, name, strlen(name)))
			return true;
	return false;
}

/*
 * The words, with blanks between. How many CPUs can run at a time is known here, unless the caller
 * says otherwise.
 */
static void read_line(void)
{
	static char line[BOOT_CMDLINE_MAX + 1];
	size_t n = snprintf(line, sizeof(line), " ");

	for (unsigned long i = 0; i < nr_line_words && n < sizeof(line) - 1; i++)
		n += snprintf(line + n, sizeof(line) - n, "%s ", line_words[i]);
	if (!line_says(line, "racers="))
		n += snprintf(line + n, sizeof(line) - n, "racers=%u",
			      MIN(hosted_nr_cores(), NR_CPUS));
	boot_set_cmdline(line + 1, MIN(n, sizeof(line)) - 1);
}

static char cpu_model[64];

/* The value of the first line "HOST_CPUINFO_NAME : value". */
static void read_cpu_model(void)
{
	static char text[4096];
	char *s = text, *end;

	strscpy(cpu_model, ARCH_NAME, sizeof(cpu_model));
	if (hosted_read_file("/proc/cpuinfo", text, sizeof(text)) <= 0)
		return;
	while (s && strncmp(s, HOST_CPUINFO_NAME, sizeof(HOST_CPUINFO_NAME) - 1) != 0) {
		s = strchr(s, '\n');
		s += s != NULL;
	}
	s = s ? strchr(s, ':') : NULL;
	end = s ? strchr(s, '\n') : NULL;
	if (!end || end - s < 3)
		return;
	str_copy_printable(cpu_model, sizeof(cpu_model), s + 2, end - s - 2);
}

/*
 * What is there between us and the processor. QEMU's user mode says of /proc/self that it is ours,
 * but not of the same under another name: there the program that runs is QEMU.
 */
static void read_hypervisor(void)
{
	char path[256], name[12];
	long n = host_syscall(HOST_NR_readlinkat, LINUX_AT_FDCWD, (long)"/proc/thread-self/exe",
			      (long)path, sizeof(path) - 1, 0, 0);
	const char *last = path;

	path[MAX(n, 0)] = '\0';
	for (const char *s = path; *s; s++)
		last = *s == '/' ? s + 1 : last;
	if (!strncmp(last, "qemu-", 5))
		strscpy(boot_info.hypervisor, last, sizeof(boot_info.hypervisor));
	else if (host_hypervisor(name))
		str_copy_printable(boot_info.hypervisor, sizeof(boot_info.hypervisor), name,
				   sizeof(name));
}

static void read_names(void)
{
	struct linux_utsname u;

	read_cpu_model();
	read_hypervisor();
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
	if (!err && mailbox_file)
		err = hosted_map_mailbox(mailbox_file);
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
	return host_cpu_id();
}

const char *arch_cpu_model(void)
{
	return cpu_model;
}
