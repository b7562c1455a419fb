# SPDX-License-Identifier: GPL-2.0-only
"""Planted faults: the catalogue, the copies of the tree, trial and tally."""
