# SPDX-License-Identifier: GPL-2.0-only
"""Boards that this tool did not start: import, collect, export."""
