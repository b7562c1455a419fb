# SPDX-License-Identifier: GPL-2.0-only
"""Files that are written whole or not at all."""
import os


def write_file(path, text):
    """Whole or not at all: a reader never sees half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")  # another run may write one, too
    part.write_text(text, encoding="utf-8")
    part.replace(path)
