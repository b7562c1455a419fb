# SPDX-License-Identifier: GPL-2.0-only
"""Every test of the project, step by step."""
