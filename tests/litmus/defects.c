/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known defects of emulators that show outcomes which the architecture forbids. An outcome listed
 * here is reported as the defect and the test as skipped: neither a pass nor a fault of the ISA.
 */
#include <arch/cpu.h>
#include <lib/string.h>
#include <test/litmus.h>

struct defect {
	const char *arch;
	const char *accel; /* as accel= of the boot line says */
	const char *test;  /* glob of the test's name */
	const char *why;
};

/*
 * QEMU's TCG translates the pair stlr; ldar to two accesses of the host without a store-load
 * barrier between them, while the Arm ARM (B2.3.11, load-acquire and store-release: RCsc) orders a
 * store-release before a later load-acquire. Seen with QEMU 7.2.22 on x86 hosts. The rows concerned
 * have a thread whose write and read are held together by release and acquire alone (edge relacq);
 * with dmb or an atomic there instead QEMU is right.
 */
#define STLR_LDAR "TCG lets the load of stlr; ldar pass the store"

static const struct defect defects[] = {
	{ "arm64", "tcg", "litmus.SB+*relacq*", STLR_LDAR },
	{ "arm64", "tcg", "litmus.R+*+relacq", STLR_LDAR },
	{ "arm64", "tcg", "litmus.RWC+*+relacq", STLR_LDAR },
};

const char *litmus_known_defect(const char *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(defects); i++)
		if (!strcmp(defects[i].arch, ARCH_NAME) &&
		    !strcmp(defects[i].accel, tests_accel()) && glob_match(defects[i].test, test))
			return defects[i].why;
	return NULL;
}
