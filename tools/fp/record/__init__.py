# SPDX-License-Identifier: GPL-2.0-only
"""What a machine says: lines, records, boots, and the verdict of a run."""
