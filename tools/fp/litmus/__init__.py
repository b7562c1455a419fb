# SPDX-License-Identifier: GPL-2.0-only
"""What stands behind the name of a litmus test: its program, its cycle, its instructions."""
