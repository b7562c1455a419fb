/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether mm/boot_alloc.c keeps its promises on memory maps that no machine of ours has, with
 * memory that firmware left as it was: what is given out is zeroed, aligned, free memory, nobody
 * else's; as much as mem= allows; and the rest is handed over whole. Every page of a small machine
 * is judged by itself, from the map, in a way of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef __always_inline
#include "../../../mm/boot_alloc.c"

#define PAGES	  2048UL
#define LEFT_OVER 0xa5 /* by firmware */
#define LOWEST	  16UL /* page */
#define ROUNDS	  300

struct boot_info boot_info;
static u8 area[PAGES * PAGE_SIZE] __aligned(1 << 20);
u8 *memory = area;
static u8 used[PAGES]; /* given out, or handed over */
static unsigned int errors;

void printk(const char *fmt, ...)
{
}

#define CHECK(cond, ...) \
	do { \
		if (!(cond) && errors++ < 10) { \
			printf("FAIL: %s: ", #cond); \
			printf(__VA_ARGS__); \
			putchar('\n'); \
		} \
	} while (0)

/* ---- the map ---- */

static struct phys_range range(u64 from, u64 to)
{
	return (struct phys_range){ .base = from, .size = to - from };
}

/* Ascending, not touching, with ends inside pages as well as between them. */
static unsigned int make_ranges(struct phys_range *r, unsigned int most, u64 gap, u64 size)
{
	u64 at = rand() % gap, end = PAGES * PAGE_SIZE;
	unsigned int n = 0;

	while (n < most && at < end) {
		u64 to = MIN(at + 1 + rand() % size, end);

		r[n++] = range(at, to);
		at = to + 1 + rand() % gap;
		if (rand() % 2)
			at = ALIGN_UP(at, PAGE_SIZE);
	}
	return n;
}

static bool touches(const struct phys_range *r, unsigned int n, u64 from, u64 to)
{
	for (unsigned int i = 0; i < n; i++)
		if (r[i].base < to && r[i].base + r[i].size > from)
			return true;
	return false;
}

static bool covers(const struct phys_range *r, unsigned int n, u64 from, u64 to)
{
	for (unsigned int i = 0; i < n; i++)
		if (r[i].base <= from && r[i].base + r[i].size >= to)
			return true;
	return false;
}

static bool page_is_free(u64 page)
{
	u64 from = page * PAGE_SIZE, to = from + PAGE_SIZE;

	return page >= LOWEST && covers(boot_info.memory, boot_info.nr_memory, from, to) &&
	       !touches(boot_info.reserved, boot_info.nr_reserved, from, to);
}

static u64 free_pages_in_map(void)
{
	u64 n = 0;

	for (u64 page = 0; page < PAGES; page++)
		n += page_is_free(page);
	return n;
}

/* ---- what is given out ---- */

static void use(phys_addr_t base, u64 size, const char *how)
{
	for (u64 page = base / PAGE_SIZE; page <= (base + size - 1) / PAGE_SIZE; page++)
		CHECK(page_is_free(page), "page %#llx is %s", (unsigned long long)page, how);
	for (u64 page = base / PAGE_SIZE; page < (base + size) / PAGE_SIZE; page++)
		CHECK(!used[page]++, "page %#llx is %s twice", (unsigned long long)page, how);
}

static void check_object(const u8 *p, size_t size, size_t align)
{
	phys_addr_t base = p - memory;

	CHECK(IS_ALIGNED(base, align), "%#llx by %#zx", (unsigned long long)base, align);
	for (size_t i = 0; i < size; i++)
		if (p[i]) {
			CHECK(!p[i], "byte %zu of %zu at %p", i, size, p);
			break;
		}
	use(base, size, "given out");
}

/* Whole pages, so that no two objects share one; aligned to as much as twice their size. */
static u64 allocate_some(unsigned int n)
{
	u64 pages = 0;

	while (n--) {
		size_t size = (1 + rand() % 3) * PAGE_SIZE, align = PAGE_SIZE << rand() % 4;
		u8 *p = boot_alloc(size, align);

		if (!p)
			continue;
		check_object(p, size, align);
		memset(p, LEFT_OVER, size);
		pages += size / PAGE_SIZE;
	}
	return pages;
}

static u64 hand_over(void)
{
	struct phys_range r;
	u64 pages = 0;

	while (boot_alloc_hand_over(&r)) {
		CHECK(IS_ALIGNED(r.base | r.size, PAGE_SIZE), "%#llx, %#llx long",
		      (unsigned long long)r.base, (unsigned long long)r.size);
		use(r.base, r.size, "handed over");
		pages += r.size / PAGE_SIZE;
	}
	return pages;
}

/* ---- rounds ---- */

static void begin(u64 limit)
{
	memset(area, LEFT_OVER, sizeof(area));
	memset(used, 0, sizeof(used));
	nr_free = 0;
	total_bytes = 0;
	max_bytes = limit;
	boot_info.nr_memory = make_ranges(boot_info.memory, 6, 40 * PAGE_SIZE, 900 * PAGE_SIZE);
	boot_info.nr_reserved = make_ranges(boot_info.reserved, 20, 100 * PAGE_SIZE, 9 * PAGE_SIZE);
}

/* All that boot_alloc_init() takes over is given out or handed over, or lost to an alignment. */
static void round_run(u64 limit)
{
	u64 want, given, rest;
	int err;

	begin(limit);
	want = MIN(free_pages_in_map(), limit / PAGE_SIZE);
	err = boot_alloc_init();
	CHECK(boot_alloc_total_bytes() == want * PAGE_SIZE, "%#llx of %#llx pages",
	      (unsigned long long)boot_alloc_total_bytes() / PAGE_SIZE, (unsigned long long)want);
	CHECK((err == 0) == (want * PAGE_SIZE >= MEMORY_MINIMUM), "%d with %#llx pages", err,
	      (unsigned long long)want);
	given = allocate_some(rand() % 3 ? rand() % 100 : 0);
	rest = hand_over();
	CHECK(given + rest <= want, "%llu + %llu", (unsigned long long)given,
	      (unsigned long long)rest);
	CHECK(given || rest == want, "%llu of %llu", (unsigned long long)rest,
	      (unsigned long long)want);
}

/* Small objects lie side by side; what no range has room for is refused. */
static void test_small(void)
{
	u8 *a, *b;

	begin(~0ULL);
	boot_info.memory[0] = range(0x100000, 0x400000);
	boot_info.nr_memory = 1;
	boot_info.nr_reserved = 0;
	CHECK(!boot_alloc_init(), "3 MiB are too little");
	a = boot_alloc(100, 64);
	b = boot_alloc(8, 8);
	CHECK(a == memory + 0x100000 && b == a + 104, "%p, %p", a, b);
	CHECK(boot_alloc(1, 1 << 20) == memory + 0x200000, "1 MiB aligned");
	CHECK(!boot_alloc(0x200000, 1), "2 MiB of less");
	CHECK(boot_alloc(0x1fffff, 1) == memory + 0x200001, "all that is left");
	CHECK(!boot_alloc(1, 1), "a byte of nothing");
}

int main(void)
{
	for (unsigned int i = 0; i < ROUNDS; i++)
		round_run(i % 3 ? ~0ULL : (u64)rand() % (PAGES * PAGE_SIZE));
	test_small();
	if (!errors)
		puts("ok   boot_alloc");
	return errors != 0;
}
