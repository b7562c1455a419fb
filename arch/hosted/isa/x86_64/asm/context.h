/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing of a switch takes privilege: it is the bare machine's, and so is switch.S. */
#pragma once

#include "../../../../x86_64/priv/asm/context.h"
