/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: the numbers of Linux's system calls (arch/x86/entry/syscalls/syscall_64.tbl). */
#pragma once

#define HOST_NR_read		  0
#define HOST_NR_write		  1
#define HOST_NR_close		  3
#define HOST_NR_mmap		  9
#define HOST_NR_mprotect	  10
#define HOST_NR_munmap		  11
#define HOST_NR_rt_sigaction	  13
#define HOST_NR_rt_sigprocmask	  14
#define HOST_NR_rt_sigreturn	  15
#define HOST_NR_sched_yield	  24
#define HOST_NR_nanosleep	  35
#define HOST_NR_getpid		  39
#define HOST_NR_clone		  56
#define HOST_NR_uname		  63
#define HOST_NR_ftruncate	  77
#define HOST_NR_sigaltstack	  131
#define HOST_NR_arch_prctl	  158
#define HOST_NR_gettid		  186
#define HOST_NR_futex		  202
#define HOST_NR_sched_setaffinity 203
#define HOST_NR_sched_getaffinity 204
#define HOST_NR_timer_create	  222
#define HOST_NR_timer_settime	  223
#define HOST_NR_clock_gettime	  228
#define HOST_NR_exit_group	  231
#define HOST_NR_tgkill		  234
#define HOST_NR_openat		  257
#define HOST_NR_readlinkat	  267
#define HOST_NR_memfd_create	  319
