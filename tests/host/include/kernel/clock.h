/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/kernel/clock.h in the host's build: what is tested here needs no time. */
#pragma once
