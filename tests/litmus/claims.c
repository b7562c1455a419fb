/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Litmus tests over the kernel's own primitives: real pointers, spinlocks, atomics. Those named C2,
 * C3, ... are claims made in the discussion of the anon_vma races; claims that are one of the
 * generated shapes as it stands are listed in gen.py.
 *
 * Where a row of shapes.tsv has the same edges it is named and its verdict taken; else the comment
 * at the test says why the manuals allow or forbid the outcome: of the models named here; of others
 * nobody knows. Registers as in struct litmus_test: a pointer shows as 1, or as 0 if it was NULL,
 * and then what it leads to as '-'.
 */
#include <kernel/rcu_pointer.h>
#include <kernel/spinlock.h>
#include <test/litmus.h>

#define EXPECT_OF(x86, arm, riscv, power) \
	{ \
		[MODEL_X86_64] = LITMUS_##x86, [MODEL_ARM64] = LITMUS_##arm, \
		[MODEL_RISCV64] = LITMUS_##riscv, [MODEL_POWERPC64] = LITMUS_##power, \
	}
#define FORBIDDEN	       EXPECT_OF(FORBID, FORBID, FORBID, FORBID)
#define FORBIDDEN_ON_X86       EXPECT_OF(FORBID, ALLOW, ALLOW, ALLOW)
#define FORBIDDEN_ON_X86_POWER EXPECT_OF(FORBID, ALLOW, ALLOW, FORBID)

/* A thread's variables of one instance, and what they may hold. */
struct cells {
	char *p[LITMUS_PACKED_MAX];
};

static __always_inline u32 *int_at(const struct cells *c, unsigned int n)
{
	return (u32 *)c->p[n];
}

static __always_inline u32 **pointer_at(const struct cells *c, unsigned int n)
{
	return (u32 **)c->p[n];
}

static __always_inline struct raw_spinlock *lock_at(const struct cells *c, unsigned int n)
{
	return (struct raw_spinlock *)c->p[n];
}

static __always_inline unsigned int regs(unsigned int r0, unsigned int r1)
{
	return r0 | r1 << 2;
}

/* Make a body of a function that does one instance and returns its registers. */
#define CLAIM_BODY(step) \
	LITMUS_BODY(claim_##step) \
	{ \
		unsigned long stride = a->stride, i, v; \
		u8 *out = a->out; \
		struct cells c; \
		for (v = 0; v < LITMUS_PACKED_MAX; v++) \
			c.p[v] = litmus_cell(a, v, first); \
		LITMUS_LOOP(i, first, end) \
		{ \
			out[i] = step(&c); \
			for (v = 0; v < LITMUS_PACKED_MAX; v++) \
				c.p[v] += stride; \
		} \
	}

/* ---- C2: publishing a pointer; C3: handing it on; C4, C5: what a lock does for it ---- */

/* Variables: the object's field, the pointer, the lock. */

static __always_inline unsigned int publish_po(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	WRITE_ONCE(*pointer_at(c, 1), int_at(c, 0));
	return 0;
}
CLAIM_BODY(publish_po)

static __always_inline unsigned int publish_wmb(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	/* pairs with the dependency in follow_depends() and the barrier in hand_on_mb();
	 * tests: litmus.C2-wmb+depends, litmus.C3-wmb+mb+plain */
	smp_wmb();
	WRITE_ONCE(*pointer_at(c, 1), int_at(c, 0));
	return 0;
}
CLAIM_BODY(publish_wmb)

static __always_inline unsigned int publish_rcu(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	/* release: pairs with the dependency in follow_rcu(); tests: litmus.C2-rcu */
	rcu_assign_pointer(*pointer_at(c, 1), int_at(c, 0));
	return 0;
}
CLAIM_BODY(publish_rcu)

static __always_inline unsigned int publish_in_lock(const struct cells *c)
{
	raw_spin_lock(lock_at(c, 2));
	WRITE_ONCE(*int_at(c, 0), 1);
	WRITE_ONCE(*pointer_at(c, 1), int_at(c, 0));
	raw_spin_unlock(lock_at(c, 2));
	return 0;
}
CLAIM_BODY(publish_in_lock)

static __always_inline unsigned int init_then_lock(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	raw_spin_lock(lock_at(c, 2));
	WRITE_ONCE(*pointer_at(c, 1), int_at(c, 0));
	raw_spin_unlock(lock_at(c, 2));
	return 0;
}
CLAIM_BODY(init_then_lock)

static __always_inline unsigned int init_lock_release(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	raw_spin_lock(lock_at(c, 2));
	/* release: pairs with the dependency in follow_depends(); tests: litmus.C5-lock+release */
	smp_store_release(pointer_at(c, 1), int_at(c, 0));
	raw_spin_unlock(lock_at(c, 2));
	return 0;
}
CLAIM_BODY(init_lock_release)

/* Variables: the pointer. */

static __always_inline unsigned int follow_plain(const struct cells *c)
{
	u32 *q = READ_ONCE(*pointer_at(c, 0));

	return q ? regs(1, READ_ONCE(*q)) : regs(0, LITMUS_UNSET);
}
CLAIM_BODY(follow_plain)

static __always_inline unsigned int follow_depends(const struct cells *c)
{
	u32 *q = READ_ONCE(*pointer_at(c, 0));

	/* pairs with the write barrier in publish_wmb() and the release in init_lock_release();
	 * tests: litmus.C2-wmb+depends, litmus.C5-lock+release */
	smp_read_barrier_depends();
	return q ? regs(1, READ_ONCE(*q)) : regs(0, LITMUS_UNSET);
}
CLAIM_BODY(follow_depends)

static __always_inline unsigned int follow_rcu(const struct cells *c)
{
	/* dependency: pairs with the release in publish_rcu(); tests: litmus.C2-rcu */
	u32 *q = rcu_dereference(*pointer_at(c, 0));

	return q ? regs(1, READ_ONCE(*q)) : regs(0, LITMUS_UNSET);
}
CLAIM_BODY(follow_rcu)

/* Variables: the pointer, the lock. */
static __always_inline unsigned int follow_in_lock(const struct cells *c)
{
	u32 *q = READ_ONCE(*pointer_at(c, 0)), v = LITMUS_UNSET;

	if (q) {
		raw_spin_lock(lock_at(c, 1));
		v = READ_ONCE(*q);
		raw_spin_unlock(lock_at(c, 1));
	}
	return regs(q != NULL, v);
}
CLAIM_BODY(follow_in_lock)

/* Variables: where the pointer comes from, where it goes. */

static __always_inline unsigned int hand_on_data(const struct cells *c)
{
	u32 *q = READ_ONCE(*pointer_at(c, 0));

	WRITE_ONCE(*pointer_at(c, 1), q);
	return q != NULL;
}
CLAIM_BODY(hand_on_data)

static __always_inline unsigned int hand_on_mb(const struct cells *c)
{
	u32 *q = READ_ONCE(*pointer_at(c, 0));

	/* pairs with the write barrier in publish_wmb(); tests: litmus.C3-wmb+mb+plain */
	smp_mb();
	WRITE_ONCE(*pointer_at(c, 1), q);
	return q != NULL;
}
CLAIM_BODY(hand_on_mb)

LITMUS_WEAK(saw_incomplete, 0xf, 0x1)
static const struct litmus_field reader_fields[] = { LITMUS_REG(0, 1, 0), LITMUS_REG(1, 1, 1) };

#define CLAIM_MP(id, nm, rw, text, writer, wlock, reader, rlock, allowed) \
	static const struct litmus_test id = { \
		.row = rw, \
		.claim = text, \
		.nr_threads = 2, \
		.nr_vars = 3, \
		.nr_fields = 2, \
		.flags = LITMUS_PACKED, \
		.thread = LITMUS_THREADS({ claim_##writer, 0, { 0, 1, wlock } }, \
					 { claim_##reader, 2, { 1, rlock } }), \
		.field = reader_fields, \
		.weak = saw_incomplete, \
		.weak_outcome = "1:r0=1 /\\ 1:r1=0", \
		.nr_sc = 2, \
		.sc = LITMUS_KEYS(0xc, 0x5), \
		.expect = allowed, \
	}; \
	LITMUS_CASE(id, "litmus." nm, 0, 2)

CLAIM_MP(c2_wmb_depends, "C2-wmb+depends", "MP+wmb+addr",
	 "C2: publish needs a write barrier, the reader a dependency barrier", publish_wmb, 2,
	 follow_depends, 2, FORBIDDEN);
CLAIM_MP(c2_po_depends, "C2-po+depends", "MP+po+addr", "C2: without the write barrier", publish_po,
	 2, follow_depends, 2, FORBIDDEN_ON_X86);
CLAIM_MP(c2_wmb_plain, "C2-wmb+plain", "MP+wmb+addr",
	 "C2: without the dependency barrier, which Alpha alone needs", publish_wmb, 2,
	 follow_plain, 2, FORBIDDEN);
CLAIM_MP(c2_rcu, "C2-rcu", "MP+rel+addr", "C2: rcu_assign_pointer and rcu_dereference", publish_rcu,
	 2, follow_rcu, 2, FORBIDDEN);

/*
 * The reader takes the lock after it saw the pointer (a store waits for the branch before it). Had
 * it had the lock before the writer, then the writer's acquire would have read from the reader's
 * unlock, and the writer wrote the pointer after that. So the writer came first, and the reader's
 * acquire reads from the writer's unlock or a later one.
 */
CLAIM_MP(c4_lock, "C4-lock+lock", NULL, "C4: readers that always take the lock need no barrier",
	 publish_in_lock, 2, follow_in_lock, 2, FORBIDDEN);

/*
 * Taking a lock is an acquire: it keeps later accesses behind it, and lets earlier stores sink into
 * the critical section and past the publishing store. arm64: ldar orders nothing before it (Arm ARM
 * B2.3.11). riscv64: fence r,rw has earlier loads in its predecessor set, not stores. x86_64: TSO
 * keeps stores in order. powerpc64: the acquire is load; lwsync, and lwsync orders earlier stores
 * before later ones too (Power ISA 3.0 Book II 4.6.3).
 */
CLAIM_MP(c5_lock, "C5-lock+depends", NULL, "C5: a mere lock does not order the stores before it",
	 init_then_lock, 2, follow_depends, 2, FORBIDDEN_ON_X86_POWER);
CLAIM_MP(c5_release, "C5-lock+release", "MP+rel+addr", "C5: the mend, V9's store-release",
	 init_lock_release, 2, follow_depends, 2, FORBIDDEN);

LITMUS_WEAK(third_saw_incomplete, 0x3f, 0x05)
static const struct litmus_field hand_on_fields[] = { LITMUS_REG(0, 1, 0), LITMUS_REG(1, 2, 0),
						      LITMUS_REG(2, 2, 1) };

#define CLAIM_HAND_ON(id, nm, rw, text, writer, middle, reader, allowed) \
	static const struct litmus_test id = { \
		.row = rw, \
		.claim = text, \
		.nr_threads = 3, \
		.nr_vars = 3, \
		.nr_fields = 3, \
		.flags = LITMUS_PACKED, \
		.thread = LITMUS_THREADS({ claim_##writer, 0, { 0, 1 } }, \
					 { claim_##middle, 1, { 1, 2 } }, \
					 { claim_##reader, 2, { 2 } }), \
		.field = hand_on_fields, \
		.weak = third_saw_incomplete, \
		.weak_outcome = "1:r0=1 /\\ 2:r0=1 /\\ 2:r1=0", \
		.nr_sc = 3, \
		.sc = LITMUS_KEYS(0x30, 0x31, 0x15), \
		.expect = allowed, \
	}; \
	LITMUS_CASE(id, "litmus." nm, 0, 3)

CLAIM_HAND_ON(c3_follower, "C3-wmb+data+depends", "ISA2+wmb+data+addr",
	      "C3: the barrier belongs on the CPU that follows the pointer", publish_wmb,
	      hand_on_data, follow_depends, FORBIDDEN);
CLAIM_HAND_ON(c3_first, "C3-wmb+mb+plain", "ISA2+wmb+mb+addr",
	      "C3: a full barrier where the pointer was first seen (not enough on Alpha)",
	      publish_wmb, hand_on_mb, follow_plain, FORBIDDEN);
CLAIM_HAND_ON(c3_no_wmb, "C3-po+mb+depends", "ISA2+po+mb+addr",
	      "C3: barriers on both readers do not replace the writer's", publish_po, hand_on_mb,
	      follow_depends, FORBIDDEN_ON_X86);

/* ---- C11: lru_lock on the way; variables x, y, z and the lock l ---- */

static __always_inline unsigned int init_publish_po(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	WRITE_ONCE(*int_at(c, 1), 1);
	return 0;
}
CLAIM_BODY(init_publish_po)

static __always_inline unsigned int init_publish_wmb(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	/* pairs with the unlock in read_then_link(); tests: litmus.C11-wmb+lock+lock */
	smp_wmb();
	WRITE_ONCE(*int_at(c, 1), 1);
	return 0;
}
CLAIM_BODY(init_publish_wmb)

/* Variables: y, z, l. */
static __always_inline unsigned int read_then_link(const struct cells *c)
{
	unsigned int r0 = READ_ONCE(*int_at(c, 0));

	raw_spin_lock(lock_at(c, 2));
	WRITE_ONCE(*int_at(c, 1), 1);
	/* its release pairs with the write barrier in init_publish_wmb();
	 * tests: litmus.C11-wmb+lock+lock */
	raw_spin_unlock(lock_at(c, 2));
	return r0;
}
CLAIM_BODY(read_then_link)

/* Variables: z, x, l. */
static __always_inline unsigned int isolate_then_read(const struct cells *c)
{
	unsigned int r0;

	raw_spin_lock(lock_at(c, 2));
	r0 = READ_ONCE(*int_at(c, 0));
	raw_spin_unlock(lock_at(c, 2));
	return regs(r0, READ_ONCE(*int_at(c, 1)));
}
CLAIM_BODY(isolate_then_read)

#define CLAIM_C11(id, nm, rw, text, writer, allowed) \
	static const struct litmus_test id = { \
		.row = rw, \
		.claim = text, \
		.nr_threads = 3, \
		.nr_vars = 4, \
		.nr_fields = 3, \
		.flags = LITMUS_PACKED, \
		.thread = LITMUS_THREADS({ claim_##writer, 0, { 0, 1 } }, \
					 { claim_read_then_link, 1, { 1, 2, 3 } }, \
					 { claim_isolate_then_read, 2, { 2, 0, 3 } }), \
		.field = hand_on_fields, \
		.weak = third_saw_incomplete, \
		.weak_outcome = "1:r0=1 /\\ 2:r0=1 /\\ 2:r1=0", \
		.nr_sc = 7, \
		.sc = LITMUS_KEYS(0x00, 0x10, 0x04, 0x14, 0x01, 0x11, 0x15), \
		.expect = allowed, \
	}; \
	LITMUS_CASE(id, "litmus." nm, 0, 3)

CLAIM_C11(c11_po, "C11-po+lock+lock", "ISA2+po+rel+acq",
	  "C11: lru_lock on the way does not cure a missing barrier on the first CPU",
	  init_publish_po, FORBIDDEN_ON_X86);
CLAIM_C11(c11_wmb, "C11-wmb+lock+lock", "ISA2+wmb+rel+acq", "C11: with the barrier it does",
	  init_publish_wmb, FORBIDDEN);

/* ---- C12 and the lock by itself; variables x, y and the lock l ---- */

static __always_inline unsigned int lock_write_both(const struct cells *c)
{
	raw_spin_lock(lock_at(c, 2));
	WRITE_ONCE(*int_at(c, 0), 1);
	WRITE_ONCE(*int_at(c, 1), 1);
	raw_spin_unlock(lock_at(c, 2));
	return 0;
}
CLAIM_BODY(lock_write_both)

/* In the order of its variables, whichever they are. */
static __always_inline unsigned int lock_read_both(const struct cells *c)
{
	unsigned int r0, r1;

	raw_spin_lock(lock_at(c, 2));
	r0 = READ_ONCE(*int_at(c, 0));
	r1 = READ_ONCE(*int_at(c, 1));
	raw_spin_unlock(lock_at(c, 2));
	return regs(r0, r1);
}
CLAIM_BODY(lock_read_both)

/* Variables: l, x. Half of the lock's steps are unlocks. */
static __always_inline unsigned int watch_unlock(const struct cells *c)
{
	/* acquire: as in raw_spin_take(); tests: litmus.C12-unlock */
	unsigned int r0 = smp_load_acquire(&lock_at(c, 0)->steps) / 2;

	return regs(r0, READ_ONCE(*int_at(c, 1)));
}
CLAIM_BODY(watch_unlock)

/* Variables: x, l. */
static __always_inline unsigned int lock_increment(const struct cells *c)
{
	unsigned int r0;

	raw_spin_lock(lock_at(c, 1));
	r0 = READ_ONCE(*int_at(c, 0));
	WRITE_ONCE(*int_at(c, 0), r0 + 1);
	raw_spin_unlock(lock_at(c, 1));
	return r0;
}
CLAIM_BODY(lock_increment)

/* Variables: l. */
static __always_inline unsigned int try_lock(const struct cells *c)
{
	return raw_spin_trylock(lock_at(c, 0));
}
CLAIM_BODY(try_lock)

/* Two threads, whose registers are @fields; the weak outcome; who sees what in an interleaving. */
static const struct litmus_field each_fields[] = { LITMUS_REG(0, 0, 0), LITMUS_REG(1, 1, 0) };
LITMUS_WEAK(both_0, 0xf, 0x0)
LITMUS_WEAK(both_1, 0xf, 0x5)
LITMUS_WEAK(second_1, 0xf, 0x4)

#define CLAIM_TWO(id, nm, rw, text, vars, t0, t1, fields, is_weak, says, n_sc, keys, ...) \
	static const struct litmus_test id = { \
		.row = rw, \
		.claim = text, \
		.nr_threads = 2, \
		.nr_vars = vars, \
		.nr_fields = 2, \
		.flags = LITMUS_PACKED, \
		.thread = LITMUS_THREADS(t0, t1), \
		.field = fields, \
		.weak = is_weak, \
		.weak_outcome = says, \
		.nr_sc = n_sc, \
		.sc = keys, \
		.expect = __VA_ARGS__, \
	}; \
	LITMUS_CASE(id, "litmus." nm, 0, 2)
#define THREAD(step, regs_n, ...) \
	{ \
		claim_##step, regs_n, \
		{ \
			__VA_ARGS__ \
		} \
	}

/* Release by unlock, acquire by lock: as MP+rel+acq when the reader's section comes second. */
CLAIM_TWO(lock_mp, "lock-MP", "MP+rel+acq", "a critical section sees all of an earlier one", 3,
	  THREAD(lock_write_both, 0, 0, 1, 2), THREAD(lock_read_both, 2, 1, 0, 2), reader_fields,
	  saw_incomplete, "1:r0=1 /\\ 1:r1=0", 2, LITMUS_KEYS(0x0, 0x5), FORBIDDEN);
/* Mutual exclusion: the first read would have to come before the section, the second after. */
CLAIM_TWO(lock_half, "lock-half", NULL, "no critical section sees half of another", 3,
	  THREAD(lock_write_both, 0, 0, 1, 2), THREAD(lock_read_both, 2, 0, 1, 2), reader_fields,
	  second_1, "1:r0=0 /\\ 1:r1=1", 2, LITMUS_KEYS(0x0, 0x5), FORBIDDEN);
CLAIM_TWO(lock_mutex, "lock-mutex", NULL, "two increments under a lock make two", 2,
	  THREAD(lock_increment, 1, 0, 1), THREAD(lock_increment, 1, 0, 1), each_fields, both_0,
	  "0:r0=0 /\\ 1:r0=0", 2, LITMUS_KEYS(0x1, 0x4), FORBIDDEN);
CLAIM_TWO(lock_try, "lock-trylock", NULL, "only one of two gets the lock", 1,
	  THREAD(try_lock, 1, 0), THREAD(try_lock, 1, 0), each_fields, both_1, "0:r0=1 /\\ 1:r0=1",
	  2, LITMUS_KEYS(0x1, 0x4), FORBIDDEN);
CLAIM_TWO(c12_unlock, "C12-unlock", "MP+rel+acq",
	  "C12: stores of a critical section are visible no later than the unlock", 3,
	  THREAD(lock_write_both, 0, 0, 1, 2), THREAD(watch_unlock, 2, 2, 0), reader_fields,
	  saw_incomplete, "1:r0=1 /\\ 1:r1=0", 3, LITMUS_KEYS(0x0, 0x4, 0x5), FORBIDDEN);

/* ---- atomics; variables x, y ---- */

static __always_inline unsigned int cmpxchg_read(const struct cells *c)
{
	(void)cmpxchg(int_at(c, 0), 0, 1);
	return READ_ONCE(*int_at(c, 1));
}
CLAIM_BODY(cmpxchg_read)

static __always_inline unsigned int fetch_add_read(const struct cells *c)
{
	(void)fetch_add(int_at(c, 0), 1);
	return READ_ONCE(*int_at(c, 1));
}
CLAIM_BODY(fetch_add_read)

static __always_inline unsigned int relaxed_read(const struct cells *c)
{
	(void)xchg_relaxed(int_at(c, 0), 1);
	return READ_ONCE(*int_at(c, 1));
}
CLAIM_BODY(relaxed_read)

static __always_inline unsigned int relaxed_mb_read(const struct cells *c)
{
	(void)fetch_add_relaxed(int_at(c, 0), 1);
	/* pairs with itself on the other thread; tests: litmus.SB+after_atomic */
	smp_mb__after_atomic();
	return READ_ONCE(*int_at(c, 1));
}
CLAIM_BODY(relaxed_mb_read)

static __always_inline unsigned int write_cmpxchg_release(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	/* release: pairs with the acquire in fetch_acquire_read();
	 * tests: litmus.MP+cmpxchg_release+acquire */
	(void)cmpxchg_release(int_at(c, 1), 0, 1);
	return 0;
}
CLAIM_BODY(write_cmpxchg_release)

static __always_inline unsigned int write_cmpxchg_relaxed(const struct cells *c)
{
	WRITE_ONCE(*int_at(c, 0), 1);
	(void)cmpxchg_relaxed(int_at(c, 1), 0, 1);
	return 0;
}
CLAIM_BODY(write_cmpxchg_relaxed)

static __always_inline unsigned int fetch_acquire_read(const struct cells *c)
{
	/* acquire: pairs with the release in write_cmpxchg_release();
	 * tests: litmus.MP+cmpxchg_release+acquire */
	unsigned int r0 = fetch_add_acquire(int_at(c, 0), 0);

	return regs(r0, READ_ONCE(*int_at(c, 1)));
}
CLAIM_BODY(fetch_acquire_read)

static __always_inline unsigned int swap_one(const struct cells *c)
{
	return xchg_relaxed(int_at(c, 0), 1);
}
CLAIM_BODY(swap_one)

static __always_inline unsigned int add_one(const struct cells *c)
{
	return fetch_add_relaxed(int_at(c, 0), 1);
}
CLAIM_BODY(add_one)

static __always_inline unsigned int claim_one(const struct cells *c)
{
	return cmpxchg_relaxed(int_at(c, 0), 0, 1);
}
CLAIM_BODY(claim_one)

#define CLAIM_SB(id, nm, rw, text, step, allowed) \
	CLAIM_TWO(id, nm, rw, text, 2, THREAD(step, 1, 0, 1), THREAD(step, 1, 1, 0), each_fields, \
		  both_0, "0:r0=0 /\\ 1:r0=0", 3, LITMUS_KEYS(0x1, 0x4, 0x5), allowed)

CLAIM_SB(sb_cmpxchg, "SB+cmpxchg+cmpxchg", "SB+xchg+xchg", "a successful cmpxchg is a full barrier",
	 cmpxchg_read, FORBIDDEN);
CLAIM_SB(sb_fetch_add, "SB+fetch_add+fetch_add", "SB+xchg+xchg", "fetch_add is a full barrier",
	 fetch_add_read, FORBIDDEN);
CLAIM_SB(sb_after, "SB+after_atomic", "SB+mb+mb",
	 "smp_mb__after_atomic() makes a relaxed atomic one", relaxed_mb_read, FORBIDDEN);
/*
 * A relaxed exchange orders nothing but its own word, on three of them; x86_64 has only locked
 * exchanges, which are full barriers (SDM vol. 3A 9.2.3.9).
 */
CLAIM_SB(sb_relaxed, "SB+xchg_relaxed+xchg_relaxed", NULL, "a relaxed exchange is no barrier",
	 relaxed_read, FORBIDDEN_ON_X86);

CLAIM_TWO(mp_cmpxchg_rel, "MP+cmpxchg_release+acquire", "MP+rel+acq",
	  "cmpxchg_release() publishes, fetch_add_acquire() takes", 2,
	  THREAD(write_cmpxchg_release, 0, 0, 1), THREAD(fetch_acquire_read, 2, 1, 0),
	  reader_fields, saw_incomplete, "1:r0=1 /\\ 1:r1=0", 3, LITMUS_KEYS(0x0, 0x4, 0x5),
	  FORBIDDEN);
CLAIM_TWO(mp_cmpxchg_relaxed, "MP+cmpxchg_relaxed+acquire", "MP+po+acq",
	  "cmpxchg_relaxed() does not publish", 2, THREAD(write_cmpxchg_relaxed, 0, 0, 1),
	  THREAD(fetch_acquire_read, 2, 1, 0), reader_fields, saw_incomplete, "1:r0=1 /\\ 1:r1=0",
	  3, LITMUS_KEYS(0x0, 0x4, 0x5), FORBIDDEN_ON_X86);

/* Atomicity, which needs no ordering: two atomic operations on a word cannot both be first. */
#define CLAIM_ATOMIC(id, nm, text, step) \
	CLAIM_TWO(id, nm, NULL, text, 1, THREAD(step, 1, 0), THREAD(step, 1, 0), each_fields, \
		  both_0, "0:r0=0 /\\ 1:r0=0", 2, LITMUS_KEYS(0x1, 0x4), LITMUS_FORBID_EVERYWHERE)

CLAIM_ATOMIC(atomic_xchg, "atomic-xchg", "xchg is atomic", swap_one);
CLAIM_ATOMIC(atomic_fetch_add, "atomic-fetch_add", "fetch_add is atomic", add_one);
CLAIM_ATOMIC(atomic_cmpxchg, "atomic-cmpxchg", "cmpxchg is atomic", claim_one);
