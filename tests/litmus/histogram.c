/* SPDX-License-Identifier: GPL-2.0-only */
/* Outcomes, counted by their key. Whoever counts has the histogram to itself. */
#include <lib/string.h>
#include <test/litmus.h>

#define FINISH_SHIFT (64 - 8)
#define GOLDEN	     0x9e3779b97f4a7c15ULL /* 2^64 / phi: Knuth, TAOCP vol. 3, 6.4 */
#define PROBES_MAX   16
BUILD_BUG_ON(LITMUS_BUCKETS != 1 << 8);
BUILD_BUG_ON(LITMUS_BUCKETS != LITMUS_KEYS_MAX);

void litmus_histogram_init(struct litmus_histogram *h, bool packed)
{
	memset(h, 0, sizeof(*h));
	for (unsigned int key = 0; packed && key < LITMUS_KEYS_MAX; key++)
		h->bucket[key].key = key;
}

void litmus_histogram_add(struct litmus_histogram *h, u64 key, u64 n)
{
	unsigned int at = (key * GOLDEN) >> FINISH_SHIFT, probe;

	for (probe = 0; probe < PROBES_MAX; probe++, at = (at + 1) % LITMUS_BUCKETS) {
		if (h->bucket[at].n && h->bucket[at].key != key)
			continue;
		h->bucket[at].key = key;
		h->bucket[at].n += n;
		return;
	}
	h->overflow += n;
}

void litmus_histogram_merge(struct litmus_histogram *h, const struct litmus_histogram *from)
{
	for (unsigned int i = 0; i < LITMUS_BUCKETS; i++)
		if (from->bucket[i].n)
			litmus_histogram_add(h, from->bucket[i].key, from->bucket[i].n);
	h->overflow += from->overflow;
	h->given_up += from->given_up;
}

u64 litmus_histogram_count(const struct litmus_histogram *h, u64 key)
{
	for (unsigned int i = 0; i < LITMUS_BUCKETS; i++)
		if (h->bucket[i].n && h->bucket[i].key == key)
			return h->bucket[i].n;
	return 0;
}
