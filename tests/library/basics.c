/* SPDX-License-Identifier: GPL-2.0-only */
/* The small libraries: strings, globs, numbers, formatted text, random numbers, options. */
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/crc32.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/random.h>
#include <lib/string.h>
#include <test/test.h>

/* ---- compiler.h ---- */

/* Operands with a side effect, or that are read once, count once; one within the other, too. */
static void test_min_max(struct test *t)
{
	int n = 5, m = 7;

	EXPECT(t, MAX(n++, 3) == 5 && n == 6);
	EXPECT(t, MIN(n++, m++) == 6 && n == 7 && m == 8);
	EXPECT(t, MAX(MIN(n++, 9), MIN(m++, 2)) == 7 && n == 8 && m == 9);
	EXPECT(t, MAX(1U, 1ULL << 40) == 1ULL << 40 && MIN(-1, 1) == -1);
}
TEST(lib, min_max, TEST_ASSERT, test_min_max);

/* ---- string.c ---- */

#define AREA 192

/* A pattern in which every byte differs from its neighbours. */
static void fill(u8 *p, size_t n, u8 first)
{
	while (n--)
		*p++ = first++;
}

/* Lengths around the size of a word, and around that of the loops that take eight at once. */
static unsigned int next_length(unsigned int len)
{
	return len == 39 ? 63 : len == 90 ? 127 : len + 1;
}

/*
 * memcpy, memmove and memset at every alignment and many lengths, against what a byte at a time
 * would give; the bytes on either side must stay.
 */
static void test_memory_functions(struct test *t)
{
	u8 got[AREA], want[AREA], src[AREA];
	unsigned int from, to, len, i;
	bool same = true;

	fill(src, AREA, 1);
	for (from = 0; from < 10; from++) {
		for (to = 0; to < 10; to++) {
			for (len = 0; len < 137; len = next_length(len)) {
				fill(got, AREA, 101);
				fill(want, AREA, 101);
				memcpy(got + to, src + from, len);
				for (i = 0; i < len; i++)
					want[to + i] = src[from + i];
				same &= !memcmp(got, want, AREA);

				/* Within one area, where they overlap: upwards and downwards. */
				fill(got, AREA, 101);
				memmove(got + to, got + from, len);
				fill(want, AREA, 101);
				for (i = 0; i < len; i++)
					want[to + i] = 101 + from + i;
				same &= !memcmp(got, want, AREA);
			}
			EXPECT_MSG(t, same, "copying from offset %u to %u", from, to);
		}
		for (len = 0; len < 137; len = next_length(len)) {
			fill(got, AREA, 101);
			fill(want, AREA, 101);
			memset(got + from, 0xa5, len);
			for (i = 0; i < len; i++)
				want[from + i] = 0xa5;
			same &= !memcmp(got, want, AREA);
		}
		EXPECT_MSG(t, same, "memset at offset %u", from);
	}
	EXPECT(t, memcmp("abc", "abd", 2) == 0 && memcmp("abc", "abd", 3) < 0);
	EXPECT(t, memcmp("\xff", "\x01", 1) > 0);
}
TEST(lib, memory_functions, TEST_ASSERT, test_memory_functions);

static void test_strings(struct test *t)
{
	const char *s = "name=value";
	char buf[4];

	EXPECT(t, strlen("") == 0 && strlen("four") == 4);
	EXPECT(t, strnlen("four", 2) == 2 && strnlen("four", 9) == 4);
	EXPECT(t, !strcmp("a", "a") && strcmp("a", "b") < 0 && strcmp("ab", "a") > 0);
	EXPECT(t, strcmp("\xff", "a") > 0);
	EXPECT(t, !strncmp("abc", "abd", 2) && strncmp("abc", "abd", 3) < 0);
	EXPECT(t, !strncmp("a", "a", 9) && !strncmp("a", "b", 0));
	EXPECT(t, !strncmp("a\0b", "a\0c", 3) && strncmp("\xff", "a", 1) > 0);
	EXPECT(t, strchr(s, '=') == s + 4 && strchr(s, '\0') == s + 10 && !strchr(s, '?'));
	EXPECT(t, strscpy(buf, "abc", sizeof(buf)) == 3 && !strcmp(buf, "abc"));
	memset(buf, 'z', sizeof(buf));
	EXPECT(t, strscpy(buf, "abcd", sizeof(buf)) == -E2BIG && !strcmp(buf, "abc"));
	EXPECT(t, strscpy(buf, "x", 0) == -E2BIG && !strcmp(buf, "abc"));
	str_copy_printable(buf, sizeof(buf), "\"\n\x80z", 4);
	EXPECT(t, !strcmp(buf, "???"));
	str_copy_printable(buf, sizeof(buf), "abc", 1);
	EXPECT(t, !strcmp(buf, "a"));
}
TEST(lib, strings, TEST_ASSERT, test_strings);

static void test_glob(struct test *t)
{
	static const struct {
		const char *pattern, *s;
		bool match;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "?", "", false },
		{ "?", "a", true },
		{ "litmus.*", "litmus.SB", true },
		{ "litmus.*", "litmus.", true },
		{ "litmus.*", "litmus", false },
		{ "litmus.SB", "litmus.SB+mb", false },
		{ "*.SB*", "litmus.SB+mb", true },
		{ "*+mb", "litmus.SB+mb+mb", true },
		{ "*a*b*c", "xxaxxbxxbxc", true },
		{ "*a*b*c", "xxaxxbxxbx", false },
		{ "l?tmus.?P", "litmus.MP", true },
		{ "**", "", true },
		{ "a*", "ba", false },
		{ "*aab", "aaaaaaaab", true },
		{ "rmap.v[0-3].*", "rmap.v2.reuse", true },
		{ "rmap.v[0-3].*", "rmap.v3.reuse", true },
		{ "rmap.v[0-3].*", "rmap.v4.reuse", false },
		{ "v[!0-9]", "vx", true },
		{ "v[!0-9]", "v7", false },
		{ "[]x]", "]", true },
		{ "[a-]", "-", true },
		{ "[a-]", "b", false },
		{ "*[bc]", "abxb", true },
		{ "[ab", "[ab", true },
		{ "[ab", "a", false },
		{ "[]", "[]", true },
		{ "[ab]", "", false },
	};
	static char many[256], text[256];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_MSG(t, glob_match(cases[i].pattern, cases[i].s) == cases[i].match,
			   "'%s' '%s'", cases[i].pattern, cases[i].s);
	/* Many stars and no match: must not take exponential time. */
	for (i = 0; i < 200; i++)
		many[i] = i % 2 ? 'a' : '*';
	memset(text, 'a', 250);
	text[249] = 'b';
	EXPECT(t, !glob_match(many, text));
}
TEST(lib, glob, TEST_ASSERT, test_glob);

static void test_glob_list(struct test *t)
{
	char longest[GLOB_IN_LIST_MAX + 4];

	EXPECT(t, glob_list_match("tlb.*,mm.*", "tlb.remap") && glob_list_match("a,mm.*", "mm.x"));
	EXPECT(t, glob_list_match(",,b", "b") && glob_list_match("b", "b"));
	EXPECT(t, !glob_list_match("tlb.*,mm.*", "slab.x") && !glob_list_match("", "a"));
	EXPECT(t, !glob_list_match("a,b", "a,b"));
	memset(longest, '*', sizeof(longest));
	memcpy(longest + GLOB_IN_LIST_MAX, ",b", 3);
	EXPECT(t, glob_list_match(longest, "b") && !glob_list_match(longest, "c"));
}
TEST(lib, glob_list, TEST_ASSERT, test_glob_list);

static void test_parse_u64(struct test *t)
{
	const char *s = "17,", *end = NULL;
	u64 v = 0;

	EXPECT(t, parse_u64(s, &end, &v) == 0 && v == 17 && end == s + 2);
	s = "1a";
	EXPECT(t, parse_u64(s, &end, &v) == 0 && v == 1 && end == s + 1);
	s = "0xfg";
	EXPECT(t, parse_u64(s, &end, &v) == 0 && v == 15 && end == s + 3);
	EXPECT(t, parse_u64("0", NULL, &v) == 0 && v == 0);
	EXPECT(t, parse_u64("0xDeadBeef", NULL, &v) == 0 && v == 0xdeadbeef);
	EXPECT(t, parse_u64("18446744073709551615", NULL, &v) == 0 && v == UINT64_MAX);
	EXPECT(t, parse_u64("0xffffffffffffffff", NULL, &v) == 0 && v == UINT64_MAX);
	v = 5;
	EXPECT(t, parse_u64("18446744073709551616", NULL, &v) == -ERANGE);
	EXPECT(t, parse_u64("99999999999999999999", NULL, &v) == -ERANGE);
	EXPECT(t, parse_u64("0x10000000000000000", NULL, &v) == -ERANGE);
	EXPECT(t, parse_u64("", NULL, &v) == -EINVAL && parse_u64("x", NULL, &v) == -EINVAL);
	EXPECT(t, parse_u64("0x", NULL, &v) == -EINVAL && parse_u64("-1", NULL, &v) == -EINVAL);
	EXPECT(t, v == 5);
}
TEST(lib, parse_u64, TEST_ASSERT, test_parse_u64);

/* ---- vsnprintf.c ---- */

#define PRINTS(t, want, ...) \
	do { \
		char __buf[80]; \
		int __n = snprintf(__buf, sizeof(__buf), __VA_ARGS__); \
		EXPECT_MSG(t, !strcmp(__buf, want), "'%s', not '%s'", __buf, want); \
		EXPECT(t, __n == (int)strlen(want)); \
	} while (0)

/* The same for formats that the compiler would warn of. */
static void prints(struct test *t, const char *want, const char *fmt, ...)
{
	char buf[80];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	EXPECT_MSG(t, !strcmp(buf, want) && n == (int)strlen(want), "'%s', not '%s'", buf, want);
}

static void test_printf_odd(struct test *t)
{
	prints(t, "7   |  007|+7", "%-04d|%05.3d|%+ d", 7, 7, 7);
	prints(t, "255|-1|-1|65535", "%hhu|%hhd|%hd|%hu", 0x1ff, 0xff, 0xffff, 0x1ffff);
	prints(t, "7   |7|   ab|0", "%*d|%.*d|%*s|%#x", -4, 7, -1, 7, 5, "ab", 0);
	prints(t, "5 %y %d", "%d %y %d", 5, 6);
	prints(t, "1 -2 3", "%ld %lld %lu", 1L, -2LL, 3UL);
}
TEST(lib, printf_odd, TEST_ASSERT, test_printf_odd);

static void test_printf(struct test *t)
{
	const char *null = NULL;
	char buf[8];

	OPTIMIZER_HIDE_VAR(null); /* or the compiler objects */
	PRINTS(t, "-5 5 7 1f 1F 17", "%d %i %u %x %X %o", -5, 5, 7U, 0x1fU, 0x1fU, 15U);
	PRINTS(t, "-9223372036854775808", "%lld", -0x7fffffffffffffffLL - 1);
	PRINTS(t, "18446744073709551615 ffffffffffffffff", "%llu %lx", ~0ULL, ~0UL);
	PRINTS(t, "4294967295 -1 255 -1", "%u %d %hhu %hd", ~0U, -1, (u8)0xff, (short)-1);
	PRINTS(t, "   7|7   |0007|  007", "%4d|%-4d|%04d|%5.3d", 7, 7, 7, 7);
	PRINTS(t, "-007|+7| 7|0x7|07", "%04d|%+d|% d|%#x|%#o", -7, 7, 7, 7U, 7U);
	PRINTS(t, "||0", "%.0d|%.0u|%d", 0, 0U, 0);
	PRINTS(t, "ab|  ab|ab  |a|(null)", "%s|%4s|%-4s|%.1s|%s", "ab", "ab", "ab", "ab", null);
	PRINTS(t, "x|  x|x  |%|   7|a", "%c|%3c|%-3c|%%|%*d|%.*s", 'x', 'x', 'x', 4, 7, 1, "abc");
	PRINTS(t, "0x1234 0x0", "%p %p", (void *)0x1234, NULL);
	PRINTS(t, "12 3", "%zu %zd", (size_t)12, (ssize_t)3);

	EXPECT(t, snprintf(buf, sizeof(buf), "%s", "0123456789") == 10);
	EXPECT(t, !strcmp(buf, "0123456"));
	EXPECT(t, snprintf(buf, 1, "abc") == 3 && buf[0] == '\0');
	EXPECT(t, snprintf(NULL, 0, "%d", 1234) == 4);
}
TEST(lib, printf, TEST_ASSERT, test_printf);

/* ---- random.c ---- */

static void test_random(struct test *t)
{
	/* From state (1, 2): what the authors' own code gives. */
	static const u64 known[] = { 0x3ULL, 0x6001030003ULL, 0x20c102c302000c03ULL,
				     0x810180670d23ad61ULL };
	struct rng a = { { 1, 2 } }, b, c;
	unsigned int count[6] = { 0 }, i;
	bool below = true;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		u64 got = rng_next(&a);

		EXPECT_MSG(t, got == known[i], "number %u is %llx", i, (unsigned long long)got);
	}

	rng_seed(&a, 7, "litmus.SB");
	rng_seed(&b, 7, "litmus.SB");
	EXPECT(t, rng_next(&a) == rng_next(&b)); /* same seed, same stream */
	rng_seed(&a, 7, "litmus.SB");
	rng_seed(&b, 7, "litmus.MP");
	rng_seed(&c, 8, "litmus.SB");
	EXPECT(t, a.s[0] != b.s[0] && a.s[0] != c.s[0] && b.s[0] != c.s[0]);

	for (i = 0; i < 6000; i++) {
		u64 v = rng_below(&a, 6);

		below &= v < 6;
		if (v < 6)
			count[v]++;
		below &= rng_below(&a, (1ULL << 63) + 1) <= 1ULL << 63;
	}
	EXPECT(t, below);
	/* 1000 each with a standard deviation of 29: seven of them is no accident. */
	for (i = 0; i < 6; i++)
		EXPECT_MSG(t, count[i] > 800 && count[i] < 1200, "%u: %u times", i, count[i]);
	EXPECT(t, rng_below(&a, 1) == 0);
	/* Of this range every third number would come twice as often if no product were refused. */
	for (i = count[0] = 0; i < 3000; i++)
		count[0] += rng_below(&a, 3ULL << 62) % 3 == 0;
	EXPECT_MSG(t, count[0] > 800 && count[0] < 1200, "%u of 3000", count[0]);
}
TEST(lib, random, TEST_ASSERT, test_random);

/* ---- crc32.c ---- */

/* The check value of the CRC catalogues, and what a sum is for: any damage changes it. */
static void test_crc32(struct test *t)
{
	char text[] = "123456789";
	u32 sum = crc32(text, 9);

	EXPECT(t, sum == 0xcbf43926);
	EXPECT(t, crc32(text, 0) == 0);
	for (unsigned int bit = 0; bit < 72; bit++) {
		text[bit / 8] ^= 1 << bit % 8;
		EXPECT_MSG(t, crc32(text, 9) != sum, "bit %u", bit);
		text[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT(t, crc32("12345679", 8) != sum);
}
TEST(lib, crc32, TEST_ASSERT, test_crc32);

/* ---- options.c ---- */

static u64 opt_number, opt_time;
static bool opt_flag;
static char opt_text[OPT_STRING_MAX], opt_way[OPT_STRING_MAX], opt_pair[OPT_STRING_MAX];

static bool is_pair(const char *value)
{
	return strlen(value) == 2;
}

/* A table of our own: the real options stay as they are. */
static const struct option table[] = {
	{ "seed", OPT_U64, &opt_number, 0, 0, "" },
	{ "cpus", OPT_U64, &opt_number, 1, 64, "" },
	{ "secs", OPT_TIME, &opt_time, 1000000, 60000000000ULL, "" },
	{ "quiet", OPT_BOOL, &opt_flag, 0, 0, "" },
	{ "tests", OPT_STRING, opt_text, 0, 0, "" },
	{ "long", OPT_TIME, &opt_time, 0, 0, "" },
	{ "way", OPT_STRING, opt_way, 0, 0, "", "auto|none|port:0x*" },
	{ "pair", OPT_STRING, opt_pair, 0, 0, "two letters", NULL, is_pair },
};

static int parse(const char *word, char *err, size_t size)
{
	err[0] = '\0';
	return option_parse_word(table, ARRAY_SIZE(table), word, err, size);
}

static void test_options_good(struct test *t)
{
	char err[128];

	EXPECT(t, !parse("seed=7", err, sizeof(err)) && opt_number == 7);
	EXPECT(t, !parse("seed=0x1F", err, sizeof(err)) && opt_number == 31);
	EXPECT(t, !parse("cpus=64", err, sizeof(err)) && opt_number == 64);
	EXPECT(t, !parse("secs=2", err, sizeof(err)) && opt_time == 2000000000ULL);
	EXPECT(t, !parse("secs=0.25", err, sizeof(err)) && opt_time == 250000000ULL);
	EXPECT(t, !parse("secs=1.0000000019", err, sizeof(err)) && opt_time == 1000000001ULL);
	EXPECT(t, !parse("quiet=y", err, sizeof(err)) && opt_flag);
	EXPECT(t, !parse("quiet=0", err, sizeof(err)) && !opt_flag);
	EXPECT(t, !parse("quiet=on", err, sizeof(err)) && opt_flag);
	EXPECT(t, !parse("quiet=off", err, sizeof(err)) && !opt_flag);
	EXPECT(t, !parse("tests=a.*,b=c", err, sizeof(err)) && !strcmp(opt_text, "a.*,b=c"));
	EXPECT(t, !parse("way=none", err, sizeof(err)) && !strcmp(opt_way, "none"));
	EXPECT(t, !parse("way=port:0xf4", err, sizeof(err)) && !strcmp(opt_way, "port:0xf4"));
	EXPECT(t, !parse("pair=ab", err, sizeof(err)) && !strcmp(opt_pair, "ab"));
	EXPECT(t, parse("way=nowhere", err, sizeof(err)) == -EINVAL);
	EXPECT(t, parse("way=port:4", err, sizeof(err)) == -EINVAL);
}
TEST(lib, options_good, TEST_ASSERT, test_options_good);

static void test_options_bad(struct test *t)
{
	static const struct {
		const char *word, *err;
	} cases[] = {
		{ "foo=1", "unknown option 'foo'" },
		{ "", "unknown option ''" },
		{ "=", "unknown option ''" },
		{ "sed=1", "unknown option 'sed' (did you mean 'seed'?)" },
		{ "test=x", "unknown option 'test' (did you mean 'tests'?)" },
		{ "tsets=x", "unknown option 'tsets' (did you mean 'tests'?)" },
		{ "SEED=1", "unknown option 'SEED'" },
		{ "a\"\n\\=1", "unknown option 'a?\?\?'" },
		{ "seed", "option 'seed' has no value: write seed=..." },
		{ "seed=", "option 'seed' has no value: write seed=..." },
		{ "seed=7x", "option 'seed': '7x' is not a number (decimal, or hex after 0x)" },
		{ "seed=-1", "option 'seed': '-1' is not a number (decimal, or hex after 0x)" },
		{ "seed=99999999999999999999",
		  "option 'seed': '99999999999999999999' is too large" },
		{ "cpus=0", "option 'cpus': '0' is not in 1 to 64" },
		{ "cpus=65", "option 'cpus': '65' is not in 1 to 64" },
		{ "secs=0", "option 'secs': '0' is not in 0.001 to 60" },
		{ "secs=1e3", "option 'secs': '1e3' is not a time in seconds, such as 2 or 0.25" },
		{ "secs=1.", "option 'secs': '1.' is not a time in seconds, such as 2 or 0.25" },
		{ "secs=0x1", "option 'secs': '0x1' is not a time in seconds, such as 2 or 0.25" },
		{ "long=18446744074", "option 'long': '18446744074' is too large" },
		{ "quiet=maybe", "option 'quiet': 'maybe' is not one of 1 y on 0 n off" },
		{ "pair=abc", "option 'pair': 'abc' is not two letters" },
	};
	static char longest[OPT_STRING_MAX + 16];
	unsigned int i;
	char err[128], little[8];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		opt_number = 77;
		EXPECT_MSG(t, parse(cases[i].word, err, sizeof(err)) == -EINVAL, "%s",
			   cases[i].word);
		EXPECT_MSG(t, !strcmp(err, cases[i].err), "'%s'", err);
		EXPECT_MSG(t, opt_number == 77, "%s changed the option", cases[i].word);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	memcpy(longest, "tests=", 6);
	EXPECT(t, parse(longest, err, sizeof(err)) == -EINVAL);
	longest[6 + OPT_STRING_MAX] = '\0';
	EXPECT(t, parse(longest, err, sizeof(err)) == -EINVAL);
	longest[6 + OPT_STRING_MAX - 1] = '\0';
	EXPECT(t, !parse(longest, err, sizeof(err)) && strlen(opt_text) == OPT_STRING_MAX - 1);
	memset(longest, 'y', 300); /* an endless name */
	EXPECT(t, parse(longest, err, sizeof(err)) == -EINVAL);
	EXPECT(t,
	       parse("cpus=65", little, sizeof(little)) == -EINVAL && !strcmp(little, "option "));
}
TEST(lib, options_bad, TEST_ASSERT, test_options_bad);

/* A whole line of wrong words, against the real table, which they do not change. Prints errors. */
static void test_options_line(struct test *t)
{
	char line[] = "  no-such-option=1\tanother_wrong_word \n";
	char empty[] = " \t ";

	EXPECT(t, options_have_word("a=1 b=22 c=3", "b=22") && options_have_word("b=22", "b=22"));
	EXPECT(t, options_have_word("c=3  b=22", "b=22") && !options_have_word("", "b=22"));
	EXPECT(t, !options_have_word("b=222 ab=22 b=2", "b=22"));
	EXPECT(t, options_parse(line) == 2);
	EXPECT_MSG(t, !strcmp(options_first_error(), "unknown option 'no-such-option'"), "%s",
		   options_first_error());
	EXPECT(t, options_parse(empty) == 0 && !options_first_error()[0]);
}
TEST(lib, options_line, TEST_ASSERT, test_options_line);

/* What stands before the last "--" is not ours; "--" within a word ends nothing. Prints errors. */
static void test_options_of_firmware(struct test *t)
{
	char firmware[] = "console=ttyS0,115200 -- root=/dev/sda1 --";
	char ours[] = "console=ttyS0 --\tno--such";
	char none[] = "no-such--\t--such";

	EXPECT(t, options_parse(firmware) == 0 && !options_first_error()[0]);
	EXPECT(t, options_parse(ours) == 1);
	EXPECT_MSG(t, !strcmp(options_first_error(), "unknown option 'no--such'"), "%s",
		   options_first_error());
	EXPECT(t, options_parse(none) == 2);
}
TEST(lib, options_of_firmware, TEST_ASSERT, test_options_of_firmware);

/* ---- ksyms.c ---- */

extern const u32 ksyms_count;
extern const u32 ksyms_offsets[];
extern char __text_start[];

/* Every symbol is found by its address and by its last byte. */
static void test_ksyms(struct test *t)
{
	unsigned long base = (unsigned long)__text_start, off, size;
	u32 i, wrong = 0;

	EXPECT(t, ksyms_count > 0);
	for (i = 0; i < ksyms_count; i++) {
		const char *first = ksym_lookup(base + ksyms_offsets[i], &off, &size);
		const char *last;

		wrong += !first || off != 0 || size != ksyms_offsets[i + 1] - ksyms_offsets[i];
		last = ksym_lookup(base + ksyms_offsets[i + 1] - 1, &off, &size);
		wrong += last != first || off != size - 1;
	}
	EXPECT_MSG(t, !wrong, "%u of %u symbols", wrong, ksyms_count);
	EXPECT(t, !ksym_lookup(base - 1, &off, &size));
	EXPECT(t, !ksym_lookup(base + ksyms_offsets[ksyms_count], NULL, NULL));
	EXPECT(t, !ksym_lookup(0, NULL, NULL) && !ksym_lookup(~0UL, NULL, NULL));
	EXPECT(t, ksym_find("no_such_function") == 0);
	EXPECT(t, ksym_find(ksym_lookup(base + ksyms_offsets[0], NULL, NULL)) != 0);
}
TEST(lib, ksyms, TEST_ASSERT, test_ksyms);
