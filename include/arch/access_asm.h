/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What <arch/access.h> asks of a port, built from the port's instructions. Its <asm/access.h> names
 * them and includes this:
 *
 *   ACCESS_LOAD8, _LOAD64    into %[val] what %[at] points to
 *   ACCESS_STORE8, _STORE64  %[val] to where %[at] points
 *   ACCESS_TRAP	      no access: an instruction that always traps
 *   ACCESS_DONE	      0 into %[err]
 *   ACCESS_CMPXCHG64	      if what %[at] points to is %[old], then %[new] goes there, fully
 *			      ordered; into %[val] what was found. The instructions that may fault
 *			      have the labels 1 and 2, or both; %[failed] is scratch
 *   ACCESS_CMPXCHG_CLOBBERS  "memory", and what else it changes
 *   ACCESS_ADDRESS	      the constraint of %[at]
 */
#pragma once

/* If the access faults, execution goes on behind it with the error still in place. */
#define ACCESS_EXTABLE(at) \
	"	.pushsection __ex_table, \"a\"\n" \
	"	.balign	4\n" \
	"	.4byte	" #at "b - ., 9b - .\n" \
	"	.popsection\n"

#define ACCESS(insn, ptr, v) \
	__extension__({ \
		long __err = -EFAULT; \
\
		__asm__ __volatile__("1:	" insn "\n" \
				     "	" ACCESS_DONE "\n" \
				     "9:\n" ACCESS_EXTABLE(1) \
				     : [err] "+&r"(__err), [val] "+&r"(v) \
				     : [at] ACCESS_ADDRESS(ptr) \
				     : "memory"); \
		(int)__err; \
	})

static inline int arch_probe_read(const volatile u8 *p, u8 *val)
{
	u64 v = 0;
	int err = ACCESS(ACCESS_LOAD8, p, v);

	if (!err)
		*val = v;
	return err;
}

static inline int arch_probe_write(volatile u8 *p, u8 val)
{
	u64 v = val;

	return ACCESS(ACCESS_STORE8, p, v);
}

static inline int arch_probe_trap(void)
{
	u64 none = 0;

	return ACCESS(ACCESS_TRAP, NULL, none);
}

static inline int arch_user_read64(const u64 *uaddr, u64 *val)
{
	*val = 0;
	return ACCESS(ACCESS_LOAD64, uaddr, *val);
}

static inline int arch_user_write64(u64 *uaddr, u64 val)
{
	return ACCESS(ACCESS_STORE64, uaddr, val);
}

static inline int arch_user_cmpxchg64(u64 *uaddr, u64 old, u64 new, u64 *found)
{
	long err = -EFAULT;
	u64 failed;

	*found = 0;
	__asm__ __volatile__(ACCESS_CMPXCHG64 "	" ACCESS_DONE "\n"
					      "9:\n" ACCESS_EXTABLE(1) ACCESS_EXTABLE(2)
			     : [err] "+&r"(err), [val] "+&r"(*found), [failed] "=&r"(failed)
			     : [at] ACCESS_ADDRESS(uaddr), [old] "r"(old), [new] "r"(new)
			     : ACCESS_CMPXCHG_CLOBBERS);
	return err;
}
