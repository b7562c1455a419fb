/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of system calls where they are the generic ones (include/uapi/asm-generic/unistd.h). */
#pragma once

#define HOST_NR_ftruncate	  46
#define HOST_NR_openat		  56
#define HOST_NR_close		  57
#define HOST_NR_read		  63
#define HOST_NR_write		  64
#define HOST_NR_readlinkat	  78
#define HOST_NR_exit_group	  94
#define HOST_NR_futex		  98
#define HOST_NR_nanosleep	  101
#define HOST_NR_timer_create	  107
#define HOST_NR_timer_settime	  110
#define HOST_NR_clock_gettime	  113
#define HOST_NR_sched_setaffinity 122
#define HOST_NR_sched_getaffinity 123
#define HOST_NR_sched_yield	  124
#define HOST_NR_tgkill		  131
#define HOST_NR_sigaltstack	  132
#define HOST_NR_rt_sigaction	  134
#define HOST_NR_rt_sigprocmask	  135
#define HOST_NR_rt_sigreturn	  139
#define HOST_NR_uname		  160
#define HOST_NR_getpid		  172
#define HOST_NR_gettid		  178
#define HOST_NR_munmap		  215
#define HOST_NR_clone		  220
#define HOST_NR_mmap		  222
#define HOST_NR_mprotect	  226
#define HOST_NR_memfd_create	  279
