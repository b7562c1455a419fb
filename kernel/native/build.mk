# SPDX-License-Identifier: GPL-2.0-only
# BUILD=native: time, scheduling, interrupts and waiting of a real machine. What a BUILD= may say in
# its file is in build.mk; this one needs nothing.
