# SPDX-License-Identifier: GPL-2.0-only
"""Results as people and other programs read them."""
