/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: the numbers of system calls are the generic ones. */
#pragma once

#include "../../../linux_generic_nr.h"
