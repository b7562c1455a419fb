# SPDX-License-Identifier: GPL-2.0-only
"""House rules that a script can check."""
