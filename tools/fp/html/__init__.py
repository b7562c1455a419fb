# SPDX-License-Identifier: GPL-2.0-only
"""The report as one HTML file, which needs no server and no network."""
