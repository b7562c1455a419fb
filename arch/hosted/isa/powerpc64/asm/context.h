/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing of a switch takes privilege: it is the bare machine's, and so is switch.S. */
#pragma once

#define FRAME_LR 16 /* of the frame above: 64-Bit ELF V2 ABI, 2.2.2 */

#include "../../../../powerpc64/priv/asm/context.h"
