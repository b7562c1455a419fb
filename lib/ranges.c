/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of physical addresses: include/lib/ranges.h. */
#include <lib/compiler.h>
#include <lib/ranges.h>
#include <lib/string.h>

/* Put the @nr of @with where [@from, @to) is; they fit. */
static void replace(struct phys_range *r, unsigned int *n, unsigned int from, unsigned int to,
		    const struct phys_range *with, unsigned int nr)
{
	memmove(&r[from + nr], &r[to], (*n - to) * sizeof(*r));
	memcpy(&r[from], with, nr * sizeof(*r));
	*n = *n - (to - from) + nr;
}

bool ranges_add(struct phys_range *r, unsigned int *n, unsigned int max, struct phys_range x)
{
	unsigned int from = 0, to;

	while (from < *n && range_end(&r[from]) < x.base)
		from++;
	for (to = from; to < *n && r[to].base <= range_end(&x); to++) {
		phys_addr_t base = MIN(x.base, r[to].base);

		x.size = MAX(range_end(&x), range_end(&r[to])) - base;
		x.base = base;
	}
	if (from == to && *n == max)
		return false;
	replace(r, n, from, to, &x, 1);
	return true;
}

bool ranges_cut(struct phys_range *r, unsigned int *n, unsigned int max, struct phys_range x)
{
	bool room = true;

	for (unsigned int i = 0; i < *n;) {
		phys_addr_t start = r[i].base, end = range_end(&r[i]);
		struct phys_range left[2];
		unsigned int nr = 0;

		if (start < x.base)
			left[nr++] = (struct phys_range){ start, MIN(end, x.base) - start };
		if (end > range_end(&x)) {
			start = MAX(start, range_end(&x));
			left[nr++] = (struct phys_range){ start, end - start };
		}
		if (nr == 2 && *n == max) {
			left[0] = left[left[0].size < left[1].size];
			room = false;
			nr = 1;
		}
		replace(r, n, i, i + 1, left, nr);
		i += nr;
	}
	return room;
}

void ranges_close_gap(struct phys_range *r, unsigned int *n)
{
	struct phys_range joined;
	unsigned int best = 0;

	if (*n < 2)
		return;
	for (unsigned int i = 1; i + 1 < *n; i++)
		if (r[i + 1].base - range_end(&r[i]) < r[best + 1].base - range_end(&r[best]))
			best = i;
	joined = (struct phys_range){ r[best].base, range_end(&r[best + 1]) - r[best].base };
	replace(r, n, best, best + 2, &joined, 1);
}
