/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loaders and firmware hand over on x86_64, good and damaged, and PCI's configuration space.
 *
 *	x86-boot
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "memory.h"

uint8_t *memory;
u64 x86_boot_map_end = MEMORY_SIZE;

void fail_says(void)
{
	printf("x86-boot # ");
}

/* ---- what the kernel's files ask ---- */

void report_line(const char *fmt, ...);
void printk(const char *fmt, ...);

void report_line(const char *fmt, ...)
{
}

void printk(const char *fmt, ...)
{
}

const void *x86_boot_map(phys_addr_t addr, size_t len)
{
	return addr >= MEMORY_SIZE || len > MEMORY_SIZE - addr ? NULL : memory + addr;
}

/* ---- the memory ---- */

/* It ends at a page that cannot be touched. */
static void memory_make(void)
{
	memory = mmap(NULL, MEMORY_SIZE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (memory == MAP_FAILED || mprotect(memory + MEMORY_SIZE, 4096, PROT_NONE))
		fail("the host has no memory");
}

void memory_clear(void)
{
	memset(memory, 0, MEMORY_SIZE);
	memset(&boot_info, 0, sizeof(boot_info));
	memset(&x86_loader, 0, sizeof(x86_loader));
}

void put(uint64_t at, uint64_t val, unsigned int bytes)
{
	for (; bytes; bytes--, val >>= 8)
		memory[at++] = val;
}

void put_text(uint64_t at, const char *s)
{
	memcpy(memory + at, s, strlen(s));
}

void put_sum(uint64_t at, unsigned int len, unsigned int where)
{
	uint8_t sum = 0;

	memory[at + where] = 0;
	for (unsigned int i = 0; i < len; i++)
		sum += memory[at + i];
	memory[at + where] = -sum;
}

int main(void)
{
	memory_make();
	test_loader();
	test_firmware();
	test_pci();
	printf("ok x86-boot\n");
	return 0;
}
