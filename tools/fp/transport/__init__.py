# SPDX-License-Identifier: GPL-2.0-only
"""Where a console comes from: QEMU, a serial port, a saved log."""
