/* SPDX-License-Identifier: GPL-2.0-only */
/* See fdt_builder.h. Only CPU 0 builds trees; what does not fit is dropped and remembered. */
#include "fdt_builder.h"

#include <lib/string.h>

void fdtb_put_be32(u8 *p, u32 v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

u32 fdtb_get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

void fdtb_add_bytes(struct fdt_builder *b, const void *p, u32 len)
{
	if (len > sizeof(b->structure) - b->struct_len - 4) {
		b->overflow = true;
		return;
	}
	memcpy(b->structure + b->struct_len, p, len);
	b->struct_len += len;
	while (b->struct_len % 4)
		b->structure[b->struct_len++] = 0;
}

void fdtb_add_cell(struct fdt_builder *b, u32 v)
{
	u8 bytes[4];

	fdtb_put_be32(bytes, v);
	fdtb_add_bytes(b, bytes, 4);
}

void fdtb_add_reserve(struct fdt_builder *b, u64 addr, u64 size)
{
	u8 *p = b->reserve + b->reserve_len;

	if (b->reserve_len + 16 > sizeof(b->reserve)) {
		b->overflow = true;
		return;
	}
	fdtb_put_be32(p, addr >> 32);
	fdtb_put_be32(p + 4, addr);
	fdtb_put_be32(p + 8, size >> 32);
	fdtb_put_be32(p + 12, size);
	b->reserve_len += 16;
}

void fdtb_begin_node(struct fdt_builder *b, const char *name)
{
	fdtb_add_cell(b, BEGIN_NODE);
	fdtb_add_bytes(b, name, strlen(name) + 1);
}

void fdtb_end_node(struct fdt_builder *b)
{
	fdtb_add_cell(b, END_NODE);
}

u32 fdtb_string_offset(struct fdt_builder *b, const char *name)
{
	u32 off = 0, len = strlen(name) + 1;

	while (off < b->strings_len) {
		if (!strcmp((char *)b->strings + off, name))
			return off;
		off += strlen((char *)b->strings + off) + 1;
	}
	if (len > sizeof(b->strings) - off) {
		b->overflow = true;
		return 0;
	}
	memcpy(b->strings + off, name, len);
	b->strings_len += len;
	return off;
}

void fdtb_add_prop(struct fdt_builder *b, const char *name, const void *data, u32 len)
{
	fdtb_add_cell(b, PROP);
	fdtb_add_cell(b, len);
	fdtb_add_cell(b, fdtb_string_offset(b, name));
	fdtb_add_bytes(b, data, len);
}

void fdtb_add_string(struct fdt_builder *b, const char *name, const char *s)
{
	fdtb_add_prop(b, name, s, strlen(s) + 1);
}

void fdtb_add_cells(struct fdt_builder *b, const char *name, u32 n, const u32 *cells)
{
	u32 i;

	fdtb_add_cell(b, PROP);
	fdtb_add_cell(b, 4 * n);
	fdtb_add_cell(b, fdtb_string_offset(b, name));
	for (i = 0; i < n; i++)
		fdtb_add_cell(b, cells[i]);
}
void fdtb_add_cell_sizes(struct fdt_builder *b, u32 address, u32 size)
{
	FDTB_CELLS(b, "#address-cells", address);
	FDTB_CELLS(b, "#size-cells", size);
}

void fdtb_start(struct fdt_builder *b)
{
	memset(b, 0, sizeof(*b));
}

void fdtb_join(struct fdt_builder *b, enum fdtb_layout layout)
{
	u32 off = HEADER, off_struct, off_strings;
	u8 *h = b->blob;

	memcpy(h + off, b->reserve, b->reserve_len);
	off += b->reserve_len;
	off_struct = layout == STRUCT_LAST ? ALIGN_UP(off + b->strings_len, 4) : off;
	off_strings = layout == STRUCT_LAST ? off : off + b->struct_len;
	memcpy(h + off_struct, b->structure, b->struct_len);
	memcpy(h + off_strings, b->strings, b->strings_len);
	b->len = layout == STRUCT_LAST ? off_struct + b->struct_len : off_strings + b->strings_len;

	fdtb_put_be32(h + MAGIC, 0xd00dfeed);
	fdtb_put_be32(h + TOTALSIZE, b->len);
	fdtb_put_be32(h + OFF_STRUCT, off_struct);
	fdtb_put_be32(h + OFF_STRINGS, off_strings);
	fdtb_put_be32(h + OFF_RSVMAP, HEADER);
	fdtb_put_be32(h + VERSION, 17);
	fdtb_put_be32(h + LAST_COMP, 16);
	fdtb_put_be32(h + SIZE_STRINGS, b->strings_len);
	fdtb_put_be32(h + SIZE_STRUCT, b->struct_len);
}

void fdtb_finish(struct fdt_builder *b, enum fdtb_layout layout)
{
	fdtb_add_cell(b, END);
	fdtb_add_reserve(b, 0, 0);
	fdtb_join(b, layout);
}

void fdtb_build_nodes(struct fdt_builder *b)
{
	static const char compatible[] = "test,board\0test,family";

	fdtb_begin_node(b, "");
	fdtb_add_cell_sizes(b, 2, 2);
	fdtb_add_string(b, "model", "A \"test\" board");
	fdtb_add_prop(b, "compatible", compatible, sizeof(compatible));

	fdtb_begin_node(b, "aliases");
	fdtb_add_string(b, "serial0", "/soc/serial@1000");
	fdtb_end_node(b);

	fdtb_begin_node(b, "chosen");
	fdtb_add_string(b, "bootargs", "seed=7 tests=self.*");
	fdtb_add_string(b, "u-boot,version", "2024.01");
	fdtb_add_string(b, "stdout-path", "serial0:115200n8");
	fdtb_end_node(b);

	fdtb_begin_node(b, "memory@80000000");
	fdtb_add_string(b, "device_type", "memory");
	FDTB_CELLS(b, "reg", 0, 0x80000000, 0, 0x40000000, 8, 0, 1, 0);
	fdtb_end_node(b);

	fdtb_begin_node(b, "memory@f0000000");
	fdtb_add_string(b, "device_type", "memory");
	fdtb_add_string(b, "status", "disabled");
	FDTB_CELLS(b, "reg", 0, 0xf0000000, 0, 0x1000);
	fdtb_end_node(b);

	fdtb_begin_node(b, "reserved-memory");
	fdtb_add_cell_sizes(b, 2, 1);
	fdtb_add_prop(b, "ranges", NULL, 0);
	fdtb_begin_node(b, "firmware@80000000");
	FDTB_CELLS(b, "reg", 0, 0x80000000, 0x20000);
	fdtb_end_node(b);
	fdtb_begin_node(b, "secure@88004000");
	FDTB_CELLS(b, "reg", 0, 0x88004000, 0x1000);
	fdtb_add_prop(b, "no-map", NULL, 0);
	fdtb_end_node(b);
	fdtb_begin_node(b, "placed-later");
	FDTB_CELLS(b, "size", 0x1000);
	fdtb_end_node(b);
	fdtb_end_node(b);

	fdtb_begin_node(b, "cpus");
	fdtb_add_cell_sizes(b, 1, 0);
	fdtb_begin_node(b, "cpu@0");
	fdtb_add_string(b, "device_type", "cpu");
	FDTB_CELLS(b, "reg", 0);
	FDTB_CELLS(b, "phandle", 1);
	fdtb_end_node(b);
	fdtb_add_cell(b, NOP);
	fdtb_begin_node(b, "cpu@100");
	fdtb_add_string(b, "device_type", "cpu");
	FDTB_CELLS(b, "reg", 0x100);
	fdtb_add_string(b, "status", "disabled");
	FDTB_CELLS(b, "phandle", 2);
	fdtb_end_node(b);
	fdtb_end_node(b);

	fdtb_begin_node(b, "soc");
	fdtb_add_string(b, "compatible", "simple-bus");
	fdtb_add_cell_sizes(b, 1, 1);
	FDTB_CELLS(b, "ranges", 0, 0, 0x40000000, 0x100000, 0x7e000000, 1, 0x3f000000, 0x1000000);
	fdtb_begin_node(b, "serial@1000");
	fdtb_add_string(b, "compatible", "ns16550a");
	FDTB_CELLS(b, "reg", 0x1000, 0x100, 0x7e201000, 0x200, 0x500000, 0x10);
	FDTB_CELLS(b, "phandle", 5);
	fdtb_end_node(b);
	fdtb_begin_node(b, "bridge@2000");
	fdtb_add_cell_sizes(b, 1, 1);
	FDTB_CELLS(b, "ranges", 0, 0x2000, 0x1000);
	fdtb_begin_node(b, "timer@10");
	FDTB_CELLS(b, "reg", 0x10, 0x20);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_end_node(b);

	fdtb_begin_node(b, "i2c"); /* a bus without ranges */
	fdtb_add_cell_sizes(b, 1, 0);
	fdtb_begin_node(b, "clock@68");
	FDTB_CELLS(b, "reg", 0x68);
	FDTB_CELLS(b, "phandle", 5); /* taken: the first one counts */
	fdtb_end_node(b);
	fdtb_end_node(b);
}

void fdtb_build_good(struct fdt_builder *b, enum fdtb_layout layout)
{
	fdtb_start(b);
	fdtb_add_reserve(b, 0x88000000, 0x4000);
	fdtb_build_nodes(b);
	fdtb_end_node(b);
	fdtb_finish(b, layout);
}

int fdtb_scan_aside(const struct fdt *f, phys_addr_t fdt_phys, struct boot_info *result)
{
	static struct boot_info saved_boot_info;
	int ret;

	saved_boot_info = boot_info;
	memset(&boot_info, 0, sizeof(boot_info));
	ret = fdt_scan_boot_info(f, fdt_phys);
	if (result)
		*result = boot_info;
	boot_info = saved_boot_info;
	return ret;
}
