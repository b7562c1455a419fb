# SPDX-License-Identifier: GPL-2.0-only
"""Litmus files of the user: read, compiled into an image of their own, run, judged."""
