# SPDX-License-Identifier: GPL-2.0-only
"""One machine from power-on to its verdict."""
