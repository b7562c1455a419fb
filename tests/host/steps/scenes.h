/* SPDX-License-Identifier: GPL-2.0-only */
/* The scenes of each file: they end the process if one goes wrong, and return how many runs. */
#pragma once

unsigned long scenes_locks(void);
unsigned long scenes_work(void);
unsigned long scenes_calls(void);
unsigned long scenes_cpus(void);
unsigned long scenes_rcu(void);
