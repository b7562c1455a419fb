/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printk: whole lines on one console.
 *
 * console_lock (raw: the checked locks print) serialises the writers, and is taken with interrupts
 * disabled. Until the port's console works, text waits in early_text. In an emergency only one CPU
 * writes, and without the lock, whose holder may be dead; so nobody waits for the lock any more
 * then, and who gets it looks once more:
 *
 *	CPU that prints			CPU in an emergency
 *	emergency_cpu: none
 *					emergency_cpu = me
 *					console_lock is free: no line to wait for
 *	takes console_lock
 *	emergency_cpu: another
 *	drops it
 */
#include <arch/console.h>
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <lib/string.h>

static struct raw_spinlock console_lock = RAW_SPINLOCK_INIT;

/* Protected by console_lock. */
static bool console_ready;
static char early_text[8192];
static size_t early_len;
static size_t early_lost;

#define NO_EMERGENCY	0xffffffffu
#define LINE_TIMEOUT_NS 200000000ULL /* a long line at 115200 baud takes a fifth of it */
/* The CPU that may print in an emergency; lockless, set once by cmpxchg. */
static u32 emergency_cpu = NO_EMERGENCY;

static bool is_emergency(void)
{
	return READ_ONCE(emergency_cpu) != NO_EMERGENCY;
}

static void flush_early_locked(void)
{
	console_ready = true;
	if (early_len)
		arch_console_write(early_text, early_len);
	early_len = 0;
}

static void console_put_locked(const char *s, size_t len)
{
	/* No console will be found any more: it is said by what the port can do by now. */
	if (!console_ready && is_emergency())
		flush_early_locked();
	if (console_ready) {
		arch_console_write(s, len);
		return;
	}
	if (len > sizeof(early_text) - early_len) {
		early_lost += len;
		return;
	}
	memcpy(early_text + early_len, s, len);
	early_len += len;
}

#ifdef CONFIG_DEBUG
void (*printk_test_hook)(enum printk_stage stage);

static void hook(enum printk_stage stage)
{
	void (*fn)(enum printk_stage stage) = READ_ONCE(printk_test_hook);

	if (unlikely(fn))
		fn(stage);
}
#else
static void hook(enum printk_stage stage)
{
}
#endif

static bool console_try(void)
{
	hook(PRINTK_BEFORE_LOCK);
	return raw_spin_trylock(&console_lock);
}

/* Take the console for a line; false: there is an emergency, of this CPU or of another. */
static bool console_begin(void)
{
	if (!spin_until_on_or("the console", &console_lock, !is_emergency() && console_try(),
			      is_emergency()))
		return false;
	/* full: pairs with the cmpxchg in printk_enter_emergency(); the lock before the last look;
	 * tests: litmus.SB+mb+xchg */
	smp_mb();
	if (!is_emergency())
		return true;
	raw_spin_unlock(&console_lock);
	return false;
}

void console_raw(const char *s, size_t len)
{
	unsigned long flags = arch_irq_save();

	if (console_begin()) {
		hook(PRINTK_LOCKED);
		console_put_locked(s, len);
		raw_spin_unlock(&console_lock);
	} else if (printk_is_emergency_cpu()) {
		console_put_locked(s, len);
	}
	arch_irq_restore(flags);
}

size_t printk_line(char *buf, const char *fmt, va_list ap)
{
	int n = snprintf(buf, PRINTK_MAX, "# [%u] ", smp_processor_id());
	int m = vsnprintf(buf + n, PRINTK_MAX - n - 1, fmt, ap);

	n += MIN(m, PRINTK_MAX - n - 2);
	if (buf[n - 1] != '\n')
		buf[n++] = '\n';
	return n;
}

void vprintk(const char *fmt, va_list ap)
{
	char buf[PRINTK_MAX];
	size_t n = printk_line(buf, fmt, ap);

	console_raw(buf, n);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

void printk_console_ready(void)
{
	unsigned long flags = arch_irq_save();

	raw_spin_lock(&console_lock);
	flush_early_locked();
	raw_spin_unlock(&console_lock);
	arch_irq_restore(flags);
	if (early_lost)
		pr_warn("%lu bytes printed before the console worked are lost\n",
			(unsigned long)early_lost);
}

void printk_enter_emergency(void)
{
	struct patience patience;

	/* full: pairs with the one in console_begin(); others begin no line from now on, before who
	 * is in the midst of one; tests: litmus.SB+mb+xchg */
	cmpxchg(&emergency_cpu, NO_EMERGENCY, smp_processor_id());
	/* Let them end theirs; but who is in the midst of one may be dead, or this CPU itself. */
	patience_begin(&patience, LINE_TIMEOUT_NS, 0);
	if (smp_nr_online() > 1)
		spin_until_or("the end of a line", !raw_spin_is_locked(&console_lock),
			      patience_is_over(&patience));
}

bool printk_is_emergency_cpu(void)
{
	return READ_ONCE(emergency_cpu) == smp_processor_id();
}

void printk_pass_emergency(unsigned int cpu)
{
	/* full: this CPU's text is written before the other's */
	xchg(&emergency_cpu, cpu);
}
