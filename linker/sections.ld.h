/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sections that every ISA's linker script lays out alike. A script sets the location counter to
 * KIMAGE_BASE, puts what its boot protocol wants at the very start of IMAGE_TEXT (section .head),
 * and says where the rest goes. The image is contiguous: file offset = address - KIMAGE_BASE, so
 * that it can be booted as a raw binary too. Each part starts on a boundary of SECTION_ALIGN.
 */
#ifndef SECTION_ALIGN
#define SECTION_ALIGN 4096
#endif

/* AT(physical address) where the loader wants to know; what follows .text keeps the distance. */
#ifndef IMAGE_LMA
#define IMAGE_LMA
#endif

#define IMAGE_TEXT \
	__image_start = .; \
	.text : IMAGE_LMA { \
		__text_start = .; \
		KEEP(*(.head)) \
		*(.text.boot) \
		*(.text .text.*) \
		. = ALIGN(SECTION_ALIGN); \
		__text_end = .; \
	} :text

/* What else belongs into .rodata on this ISA. */
#ifndef ARCH_RODATA
#define ARCH_RODATA
#endif

/* Tables of const structs, gathered by section; the symbol table stands last. */
#define IMAGE_RODATA \
	.rodata : ALIGN(SECTION_ALIGN) { \
		__rodata_start = .; \
		*(.rodata .rodata.*) \
		ARCH_RODATA \
		. = ALIGN(8); \
		__ex_table_start = .; KEEP(*(__ex_table)) __ex_table_end = .; \
		. = ALIGN(8); \
		__options_start = .; KEEP(*(.options)) __options_end = .; \
		. = ALIGN(8); \
		__tests_start = .; KEEP(*(.tests)) __tests_end = .; \
		. = ALIGN(8); \
		KEEP(*(.ksyms)) \
		. = ALIGN(SECTION_ALIGN); \
		__rodata_end = .; \
	} :rodata

#define IMAGE_DATA \
	.data : ALIGN(SECTION_ALIGN) { \
		__data_start = .; \
		*(.data .data.* .sdata .sdata.*) \
		. = ALIGN(128); \
		__percpu_start = .; *(.percpu) . = ALIGN(128); __percpu_end = .; \
	} :data

#define IMAGE_BSS \
	. = ALIGN(4096); \
	__image_file_end = .; \
	.bss : { \
		__bss_start = .; \
		*(.bss .bss.* .sbss .sbss.* COMMON) \
		. = ALIGN(4096); \
		__bss_end = .; \
		__data_end = .; \
	} :data \
	__image_end = .;

#define IMAGE_DISCARD \
	/DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) *(.gnu*) *(.interp) *(.dynamic) }
