/* SPDX-License-Identifier: GPL-2.0-only */
/* The switches of deliberate mistakes: see the header. Boot line, and the thread of the tests. */
#include <kernel/busted.h>
#include <kernel/fixture.h>
#include <kernel/printk.h>
#include <lib/options.h>
#include <lib/string.h>

static char opt_busted[OPT_STRING_MAX];
OPTION(busted, "busted", OPT_STRING, opt_busted, 0, 0,
       "mistakes to plant for the whole run, separated by commas: see kernel/busted.h");

#ifdef CONFIG_DEBUG
u64 busted_mask;
static u64 planted; /* by the boot line; written at boot */

#define BUSTED_NAME(id, name, what) { name, what },
static const struct {
	const char *name, *what;
} switches[] = { BUSTED_SWITCHES(BUSTED_NAME) };
BUILD_BUG_ON(NR_BUSTED > 64);

void busted_set(enum busted_switch s)
{
	WRITE_ONCE(busted_mask, busted_mask | 1ULL << s);
}

void busted_clear(enum busted_switch s)
{
	WRITE_ONCE(busted_mask, (busted_mask & ~(1ULL << s)) | planted);
}

void busted_reset(void)
{
	WRITE_ONCE(busted_mask, planted);
}

/* What is wrong with the name @len bytes long at @name: with the names that there are. */
static const char *unknown_name(const char *name, size_t len)
{
	static char why[768];
	char shown[64];
	int n;

	str_copy_printable(shown, sizeof(shown), name, len);
	n = snprintf(why, sizeof(why), "option 'busted': '%s' is none of", shown);
	for (unsigned int i = 0; i < NR_BUSTED && n < (int)sizeof(why); i++)
		n += snprintf(why + n, sizeof(why) - n, " %s", switches[i].name);
	return why;
}

static bool plant(const char *name, size_t len)
{
	for (unsigned int i = 0; i < NR_BUSTED; i++) {
		if (strlen(switches[i].name) != len || strncmp(switches[i].name, name, len))
			continue;
		planted |= 1ULL << i;
		pr_warn("planted: %s", switches[i].what);
		return true;
	}
	return false;
}

const char *busted_boot(void)
{
	const char *name = opt_busted;

	while (*name) {
		const char *comma = strchr(name, ',');
		size_t len = comma ? (size_t)(comma - name) : strlen(name);

		if (!plant(name, len))
			return unknown_name(name, len);
		name += len + (comma != NULL);
	}
	busted_reset();
	return NULL;
}

static const char *busted_describe(void)
{
	return *opt_busted ? opt_busted : NULL;
}
FIXTURE(busted, .end = busted_reset, .describe = busted_describe);
#else
const char *busted_boot(void)
{
	return *opt_busted ? "option 'busted': a release build has no switches" : NULL;
}
#endif
