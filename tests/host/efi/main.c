/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The images as UEFI applications, efi/ and arch/x86_64/efi/, under a firmware that watches them:
 * firmware.h.
 *
 *	efi-stub
 *	efi-x86
 */
#include <stdio.h>

#include "firmware.h"

int main(void)
{
	test();
	printf("ok %s\n", test_name);
	return 0;
}
