/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs that nobody watches, from boot to boot: each is a process, which shares with the next one
 * what a reset leaves in memory.
 *
 *	unattended
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#undef __always_inline

#include <kernel/boot.h>
#include <lib/options.h>
#include <mm/survivor.h>
#include <test/record.h>
#include <test/unattended.h>

#include "sim.h"

#define RAM	0x200000UL
#define SAID	0x400000UL
#define PLACE	0x102000UL /* of what survives: 1 MiB behind the image, which has two pages */
#define SEC	1000000000ULL
#define PLANNED 4
#define SEED	7

/* How a boot ends. */
enum { RESET = 10, HALTED, STANDS_BY, RETURNED, FAILED = 1 };

__asm__(".globl __image_start, __image_end\n"
	".data\n.balign 4096\n__image_start: .skip 8191\n__image_end: .previous\n");

phys_addr_t kimage_phys;
struct boot_info boot_info;

static struct shared {
	char ram[RAM];
	char said[SAID];
	size_t nr_said;
} * shared;

static const char *stage = "";
static u64 now;
static bool emergency;
static bool irqs_off; /* has the CPU that ends the run disabled its interrupts? */
static u32 claimed;   /* its number and 1, or 0 */

#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			printf("not ok unattended # %s: line %d: %s\n", stage, __LINE__, #cond); \
			exit(FAILED); \
		} \
	} while (0)

/* ---- the machine ---- */

void console_raw(const char *s, size_t len)
{
	if (shared->nr_said + len >= SAID)
		exit(FAILED);
	memcpy(shared->said + shared->nr_said, s, len);
	shared->nr_said += len;
	shared->said[shared->nr_said] = '\0';
}

void printk(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	console_raw(text, vsnprintf(text, sizeof(text), fmt, ap));
	va_end(ap);
}

void report_line(const char *fmt, ...);
void report_line(const char *fmt, ...)
{
}

void panic(const char *fmt, ...);
void panic(const char *fmt, ...)
{
	exit(FAILED);
}

bool printk_is_emergency_cpu(void)
{
	return emergency;
}

u64 clock_ns(void)
{
	return now;
}

void clock_delay_ns(u64 ns)
{
	now += ns;
}

const char *run_name(void)
{
	return "mm.cow";
}

void *alloc_pages_exact(size_t size, size_t align, int gfp)
{
	return malloc(size);
}

void *sim_va(phys_addr_t pa)
{
	CHECK(pa < RAM);
	return shared->ram + pa;
}

bool arch_cache_flush_line(const void *p)
{
	return true;
}

void arch_reset(void)
{
	exit(RESET);
}

void arch_irq_disable(void)
{
	irqs_off = true;
}

u32 panic_claim(void)
{
	u32 before = claimed;

	CHECK(irqs_off);
	claimed = claimed ? claimed : 1;
	return before;
}

void panic_stand_by(void)
{
	CHECK(claimed == 1);
	exit(STANDS_BY);
}

void arch_cpu_halt(void)
{
	CHECK(claimed);
	exit(HALTED);
}

/* ---- boots ---- */

static u64 seed = SEED;
static unsigned int planned = PLANNED;
static struct phys_range others;

/* Boot with @line; how fn(), and the run, ended. */
static int boot(const char *line, void (*fn)(void))
{
	char words[256];
	int status;
	pid_t pid;

	shared->nr_said = 0;
	shared->said[0] = '\0';
	pid = fork();
	if (!pid) {
		snprintf(words, sizeof(words), "%s", line);
		snprintf(boot_info.cmdline, sizeof(boot_info.cmdline), "%s", line);
		boot_info.memory[boot_info.nr_memory++] = (struct phys_range){ 0, RAM };
		if (others.size)
			boot_info.reserved[boot_info.nr_reserved++] = others;
		CHECK(!options_parse(words));
		survivor_init();
		fn();
		exit(RETURNED);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == FAILED)
		exit(FAILED);
	return WEXITSTATUS(status);
}

int boot_add_reserved(phys_addr_t base, u64 size)
{
	boot_info.reserved[boot_info.nr_reserved++] = (struct phys_range){ base, size };
	return 0;
}

static void begins(unsigned int first, unsigned int want_round)
{
	unsigned int round = 99, got = unattended_begin(planned, seed, &round);

	if (got == first && round == want_round)
		return;
	printf("not ok unattended # %s: it begins with test %u of round %u\n", stage, got, round);
	exit(FAILED);
}

static void power_on(void)
{
	memset(shared->ram, 0xa5, RAM);
}

/* ---- on behind a crash ---- */

static void crashes_in_2(void)
{
	begins(1, 0);
	unattended_at(0, 1);
	unattended_at(0, 2);
	unattended_ended(RUN_CRASH);
}

static void ends_from_3(void)
{
	begins(3, 0);
	CHECK(boot_info.nr_reserved == 1 && boot_info.reserved[0].base == PLACE &&
	      boot_info.reserved[0].size == 4096);
	unattended_at(0, 3);
	unattended_at(0, 4);
	now = 5 * SEC;
	unattended_at(0, 0);
	unattended_ended(RUN_CRASH);
}

static void begins_anew(void)
{
	begins(1, 0);
}

static void begins_at_3(void)
{
	begins(3, 0);
}

static void test_go_on(void)
{
	stage = "on behind a crash";
	power_on();
	CHECK(boot("go_on=1", crashes_in_2) == RESET);
	CHECK(boot("go_on=1", ends_from_3) == RETURNED);
	CHECK(boot("go_on=1", begins_anew) == RETURNED);
	stage = "without go_on=";
	CHECK(boot("", crashes_in_2) == RETURNED);
	CHECK(boot("", begins_anew) == RETURNED);
	CHECK(boot("first=3", begins_at_3) == RETURNED);
}

/* What was kept is of this plan alone. */
static void test_other_plans(void)
{
	stage = "another plan";
	power_on();
	CHECK(boot("go_on=1", crashes_in_2) == RESET);
	CHECK(boot("go_on=1 then=off", begins_anew) == RETURNED);
	seed++;
	CHECK(boot("go_on=1", begins_anew) == RETURNED);
	seed--;
	planned++;
	CHECK(boot("go_on=1", begins_anew) == RETURNED);
	planned--;
	CHECK(boot("go_on=1", begins_at_3) == RETURNED);
	CHECK(boot("first=3", begins_at_3) == RETURNED);
}

/* A bit that a reset turns costs the place, and never tells another. */
static void test_damage(void)
{
	stage = "a bit is turned";
	power_on();
	CHECK(boot("go_on=1", crashes_in_2) == RESET);
	for (unsigned int bit = 0; bit < 8 * 16; bit++) {
		shared->ram[PLACE + bit / 8] ^= 1 << bit % 8;
		CHECK(boot("go_on=1", begins_anew) == RETURNED);
		shared->ram[PLACE + bit / 8] ^= 1 << bit % 8;
	}
	CHECK(boot("go_on=1", begins_at_3) == RETURNED);
}

/* Where the place is somebody else's nothing is kept, nor written. */
static void test_no_place(void)
{
	stage = "the place is taken";
	power_on();
	others = (struct phys_range){ PLACE + 4095, 0x100 };
	CHECK(boot("go_on=1", crashes_in_2) == RETURNED && strstr(shared->said, "no memory"));
	CHECK((u8)shared->ram[PLACE] == 0xa5);
	others = (struct phys_range){ PLACE - 0x100, 0x101 };
	CHECK(boot("go_on=1", crashes_in_2) == RETURNED);
	others = (struct phys_range){ PLACE - 0x100, 0x100 };
	CHECK(boot("go_on=1", crashes_in_2) == RESET);
	others.size = 0;
}

/* ---- rounds ---- */

static void crashes_at_60(void)
{
	begins(1, 0);
	CHECK(unattended_more());
	now = 60 * SEC;
	unattended_at(2, 3);
	unattended_ended(RUN_CRASH);
}

static void goes_on_for_40(void)
{
	begins(4, 2);
	now = 39 * SEC;
	CHECK(unattended_more());
	unattended_at(3, 1);
	unattended_ended(RUN_CRASH);
}

static void has_one_more(void)
{
	begins(2, 3);
	CHECK(unattended_more());
	now = SEC;
	CHECK(!unattended_more());
}

static void has_no_more(void)
{
	begins(1, 0);
	CHECK(!unattended_more());
}

/* The time that loop= gives is that of all boots: a test that crashes in each round ends too. */
static void test_loop(void)
{
	stage = "rounds";
	power_on();
	CHECK(boot("loop=100 go_on=1", crashes_at_60) == RESET);
	CHECK(boot("loop=100 go_on=1", goes_on_for_40) == RESET);
	CHECK(boot("loop=100 go_on=1", has_one_more) == RETURNED);
	CHECK(boot("", has_no_more) == RETURNED);
}

/* ---- said again ---- */

static void says_some(void)
{
	begins(1, 0);
	say_ktap("ok 1 a.b");
	say("not kept");
	say_record("", "@CRASH {\"why\":\"x\"");
	shared->nr_said = 0;
	unattended_ended(RUN_PASS);
	CHECK(now == 2 * 30 * SEC);
}

static void says_some_and_goes_on(void)
{
	begins(1, 0);
	say_ktap("ok 1 a.b");
	shared->nr_said = 0;
	unattended_at(0, 1);
	unattended_ended(RUN_CRASH);
}

static void says_too_much(void)
{
	begins(1, 0);
	for (unsigned int i = 0; i < 1100; i++)
		say_ktap("ok %u a.b %01000u", i, i);
	shared->nr_said = 0;
	unattended_ended(RUN_PASS);
}

static unsigned int count(const char *what)
{
	unsigned int n = 0;

	for (const char *p = shared->said; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void test_again(void)
{
	unsigned int kept;
	char rest[64];

	stage = "said again";
	power_on();
	CHECK(boot("again=30 again_times=2", says_some) == RETURNED);
	CHECK(count("ok 1 a.b # sum ") == 2 && count("@CRASH {") == 2 && !count("not kept"));
	CHECK(count("\n") == 4);
	CHECK(boot("again=30 go_on=1", says_some_and_goes_on) == RESET);
	CHECK(count("ok 1 a.b") == 1); /* more will come */
	CHECK(boot("again=30 again_times=1", says_too_much) == RETURNED);
	kept = count("ok ");
	snprintf(rest, sizeof(rest), "\n%u lines did not fit", 1100 - kept);
	CHECK(kept < 1100 && count(rest) == 1);
	/* As many as a mebibyte takes. */
	CHECK(shared->nr_said > (1 << 20) - 1030 && shared->nr_said < (1 << 20) + 64);
	CHECK(boot("again_times=3", says_too_much) == RETURNED && !shared->nr_said);
}

/* ---- the end, and signs of life ---- */

static enum run_verdict verdict;

static void ends(void)
{
	unattended_ended(verdict);
}

/* Who reports a crash has claimed the end before. */
static void ends_on_screen(void)
{
	boot_info.on_screen = true;
	claimed = verdict == RUN_CRASH;
	unattended_ended(verdict);
}

/* A machine whose text is on a screen keeps it there, and where it can its ticks go on. */
static void test_screen(void)
{
	for (verdict = RUN_PASS; verdict <= RUN_CONFIG; verdict++) {
		int stays = verdict <= RUN_FAIL ? STANDS_BY : HALTED;

		CHECK(boot("", ends_on_screen) == stays);
		CHECK(boot("then=auto", ends_on_screen) == stays);
		CHECK(boot("then=halt", ends_on_screen) == stays);
		CHECK(boot("then=off", ends_on_screen) == RETURNED);
		CHECK(boot("then=reboot", ends_on_screen) == RESET);
	}
	verdict = RUN_PASS;
}

static void beats(void)
{
	unattended_at(0, 1);
	now = 10 * SEC - 1;
	unattended_tick();
	CHECK(!shared->said[0]);
	now = 10 * SEC;
	unattended_tick();
	now = 19 * SEC;
	unattended_tick();
	CHECK(count("\n") == 1 && count("10 s since boot, and still in mm.cow"));
	unattended_at(0, 2);
	now = 28 * SEC;
	unattended_tick();
	CHECK(count("\n") == 1);
	now = 29 * SEC;
	unattended_tick();
	CHECK(count("\n") == 2);
}

static void test_ends(void)
{
	stage = "the end";
	CHECK(boot("", ends) == RETURNED && boot("then=off", ends) == RETURNED);
	CHECK(boot("then=halt", ends) == STANDS_BY && boot("then=reboot", ends) == RESET);
	test_screen();
	stage = "heartbeat";
	CHECK(boot("heartbeat=10", beats) == RETURNED);
}

/* ---- lines and their sums ---- */

/* ISO 3309, by a table: another way than the kernel's. */
static u32 sum_of(const char *s, size_t len)
{
	static u32 table[256];
	u32 crc = 0xffffffff;

	for (u32 i = 0; !table[1] && i < 256; i++) {
		table[255 - i] = 255 - i;
		for (int bit = 0; bit < 8; bit++)
			table[255 - i] = table[255 - i] & 1 ? table[255 - i] >> 1 ^ 0xedb88320
							    : table[255 - i] >> 1;
	}
	while (len--)
		crc = crc >> 8 ^ table[(crc ^ (u8)*s++) & 255];
	return crc ^ 0xffffffff;
}

/* The last line is one, and ends with the sum of what is before its digits less @before, @close. */
static void check_sum(unsigned int before, const char *close)
{
	size_t len = shared->nr_said, digits = len - strlen(close) - 8;
	char want[9];

	CHECK(count("\n") == 1 && !strcmp(shared->said + len - strlen(close), close));
	snprintf(want, sizeof(want), "%08x", sum_of(shared->said, digits - before));
	CHECK(!strncmp(shared->said + digits, want, 8));
	shared->nr_said = 0;
}

static void says_lines(void)
{
	static char text[9000], again[400];

	say_record("a.b pass a.b pass ", "@TEST {\"name\":\"%s\"", "a.b");
	CHECK(!strncmp(shared->said, "@TEST {\"name\":\"a.b\",\"check\":\"a.b pass a.b pass ", 45));
	check_sum(0, "\"}\n");
	say_ktap("ok %u a.b", 7);
	CHECK(!strncmp(shared->said, "ok 7 a.b # sum ", 15));
	check_sum(strlen(" # sum "), "\n");
	memset(text, 't', sizeof(text) - 1);
	memset(again, 'a', sizeof(again) - 1);
	for (emergency = false;; emergency = true) {
		say_record(again, "@TEST {\"reason\":\"%s\"", text);
		CHECK(shared->nr_said < 2048 + 4096 && count("tttt,\"check\":\"aaa"));
		check_sum(0, "\"}\n");
		say_ktap("not ok 1 %s", text);
		check_sum(strlen(" # sum "), "\n");
		say("%s", text);
		CHECK(shared->said[shared->nr_said - 1] == '\n' && count("\n") == 1);
		shared->nr_said = 0;
		if (emergency)
			break;
	}
}

static void escapes(void)
{
	char *out;

	for (size_t size = 1; size < 40; size++) {
		out = malloc(size); /* of which the sanitizer knows the end */
		json_escape(out, size, "a\"b\\c\x01\x7f\xff");
		CHECK(strlen(out) < size);
		CHECK(!strncmp("a\\\"b\\\\c\\u0001\\u007f\\u00ff", out, strlen(out)));
		free(out);
	}
	out = malloc(64);
	json_escape(out, 64, "a\"b\\c\x01\x1f ~\x7f\xff");
	CHECK(!strcmp(out, "a\\\"b\\\\c\\u0001\\u001f ~\\u007f\\u00ff"));
	free(out);
}

static void test_lines(void)
{
	stage = "lines";
	CHECK(boot("", says_lines) == RETURNED);
	stage = "escapes";
	CHECK(boot("", escapes) == RETURNED);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	CHECK(shared != MAP_FAILED);
	test_go_on();
	test_other_plans();
	test_damage();
	test_no_place();
	test_loop();
	test_again();
	test_ends();
	test_lines();
	printf("ok unattended\n");
	return 0;
}
