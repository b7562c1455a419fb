# SPDX-License-Identifier: GPL-2.0-only
"""The mail thread of 2008, executed: variants, claims, their matrix."""
