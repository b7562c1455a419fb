/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that wait by the parking protocol, behind a GICv2. */
#define GIC 2
#include "arm64_parked.inc"
