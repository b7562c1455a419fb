/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64: the numbers of Linux's system calls (arch/powerpc/kernel/syscalls/syscall.tbl). */
#pragma once

#define HOST_NR_read		  3
#define HOST_NR_write		  4
#define HOST_NR_close		  6
#define HOST_NR_getpid		  20
#define HOST_NR_mmap		  90
#define HOST_NR_munmap		  91
#define HOST_NR_ftruncate	  93
#define HOST_NR_clone		  120
#define HOST_NR_uname		  122
#define HOST_NR_mprotect	  125
#define HOST_NR_sched_yield	  158
#define HOST_NR_nanosleep	  162
#define HOST_NR_rt_sigreturn	  172
#define HOST_NR_rt_sigaction	  173
#define HOST_NR_rt_sigprocmask	  174
#define HOST_NR_sigaltstack	  185
#define HOST_NR_gettid		  207
#define HOST_NR_futex		  221
#define HOST_NR_sched_setaffinity 222
#define HOST_NR_sched_getaffinity 223
#define HOST_NR_exit_group	  234
#define HOST_NR_timer_create	  240
#define HOST_NR_timer_settime	  241
#define HOST_NR_clock_gettime	  246
#define HOST_NR_tgkill		  250
#define HOST_NR_openat		  286
#define HOST_NR_readlinkat	  296
#define HOST_NR_memfd_create	  360
