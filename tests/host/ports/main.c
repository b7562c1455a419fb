/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of the kernel the ports' files ask, for each of the programs.
 *
 *	port-riscv64
 */
#include "ports.h"

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/report.h>

const char *now = "";
jmp_buf halted;
char said[4096];

extern char __image_start[], __image_end[];

void fail_says(void)
{
	printf("port-%s # %s: ", port, now);
}

void *at_phys(uint64_t pa, size_t size)
{
	size_t image = __image_end - __image_start;

	if (pa < IMAGE_PHYS || pa - IMAGE_PHYS > image || size > image - (pa - IMAGE_PHYS))
		fail("%zu bytes at %#llx are not in the image", size, (unsigned long long)pa);
	return __image_start + (pa - IMAGE_PHYS);
}

void host_halt(void)
{
	longjmp(halted, 1);
}

void said_clear(void)
{
	said[0] = '\0';
}

void printk(const char *fmt, ...)
{
	size_t n = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	va_end(ap);
}

void printk_console_ready(void)
{
}

void report_line(const char *fmt, ...)
{
}

void panic(const char *fmt, ...)
{
	fail("panic: %s", fmt);
}

struct cpu_entry cpu_table[CPUS_NAMED_MAX];
unsigned int nr_cpus_named, nr_cpus_found;

int main(void)
{
	kimage_phys = IMAGE_PHYS;
	test();
	printf("ok port-%s\n", port);
	return 0;
}
