# SPDX-License-Identifier: GPL-2.0-only
"""Host side of Fencepost: runs machines, reads their consoles, reports."""
