# SPDX-License-Identifier: GPL-2.0-only
"""What is built: boards, images, media, object code."""
