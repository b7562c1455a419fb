# SPDX-License-Identifier: GPL-2.0-only
"""What everything stands on: errors, tables, ISAs, processes, files, this host."""
