/* SPDX-License-Identifier: GPL-2.0-only */
/* Error numbers; functions return them negated. The values are those of Linux. */
#pragma once

#define ENOENT	   2
#define EIO	   5
#define E2BIG	   7
#define EAGAIN	   11
#define ENOMEM	   12
#define EFAULT	   14
#define EBUSY	   16
#define EEXIST	   17
#define ENODEV	   19
#define EINVAL	   22
#define ENOSPC	   28
#define ERANGE	   34
#define ENOSYS	   38
#define ENODATA	   61
#define EBADMSG	   74
#define EOPNOTSUPP 95
#define ETIMEDOUT  110
