/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that wait by the parking protocol, behind a GICv3. */
#define GIC 3
#include "arm64_parked.inc"
