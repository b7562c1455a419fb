/* SPDX-License-Identifier: GPL-2.0-only */
/* The parking protocol, and a CPU that does not follow it. */
#define GIC	2
#define UNREADY 2
#include "arm64_parked.inc"
