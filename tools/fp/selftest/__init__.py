# SPDX-License-Identifier: GPL-2.0-only
"""Each way of going wrong, on purpose."""
