/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UEFI as its specification has it (2.10), for the stubs to meet. Written from the specification
 * and not from efi/efi.h: tables are words at their offsets, calls have the firmware's convention.
 * Firmware checks what is asked of it, and what it is asked when.
 */
#pragma once

#include "../check.h"

#include <stdbool.h>
#include <stdint.h>

/* Section 2.3.4: firmware's calling convention, where it is not the compiler's; by rules.mk. */
#ifndef EFIAPI
#define EFIAPI
#endif

#define KIB 1024UL
#define MIB (1024 * KIB)

/* 7.2.3: EFI_MEMORY_DESCRIPTOR */
struct descriptor {
	uint32_t type, pad;
	uint64_t physical, virtual, pages, attribute;
};

#define MAP_MAX	    3400
#define SCREENS_MAX 17

/* 12.9.2: what EFI_GRAPHICS_OUTPUT_PROTOCOL says of its mode. */
struct screen {
	uint32_t width, height, format, red, green, blue, reserved, pixels_per_line;
	uint64_t base, size;
	bool broken; /* its handle has no such protocol any more */
};

struct firmware {
	/* What it has; set after firmware_start(). */
	const char *options;  /* of the image; NULL: none */
	unsigned int spoilt;  /* of options: this character, from 1, is none of ASCII's */
	const char *vendor;   /* NULL: none */
	const void *fdt;      /* NULL: none */
	const void *rsdp;     /* of ACPI; NULL: none */
	unsigned int nr_map;  /* of map[] */
	unsigned int step;    /* bytes from one descriptor to the next */
	unsigned int refuses; /* so many times map[0] becomes its own as boot services end */
	unsigned int pieces;  /* of memory that it gives away, each of 64 MiB at most */
	struct screen screens[SCREENS_MAX];
	unsigned int nr_screens;
	/* What has become of it. */
	bool left;	/* boot services have ended */
	char said[512]; /* on its console */
	struct descriptor map[MAP_MAX];
};

extern struct firmware firmware;
extern void *firmware_image; /* the handle */

/* A machine that has all of it; its system table. */
void *firmware_start(void);

/* What was set is in the tables from now on. */
void firmware_publish(void);

/* The piece of memory handed out that [at, at + size) is in, to be run if @code; or it fails. */
void firmware_owns(uint64_t at, uint64_t size, bool code);

/* Of each program: what it tests, and that. */
extern const char test_name[];
void test(void);
