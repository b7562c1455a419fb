/* SPDX-License-Identifier: GPL-2.0-only */
/* riscv64: the numbers of system calls are the generic ones. */
#pragma once

#include "../../../linux_generic_nr.h"
