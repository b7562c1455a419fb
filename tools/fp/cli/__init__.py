# SPDX-License-Identifier: GPL-2.0-only
"""The command line, and the commands that have no package of their own."""
