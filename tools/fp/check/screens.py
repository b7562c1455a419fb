# SPDX-License-Identifier: GPL-2.0-only
"""Rows of tests/machines/ whose machine has a screen and no serial port: what the kernel has to say
is read from the screen alone, by its font, and its last record must be whole.
"""
import dataclasses
import re
import tempfile
import time
from pathlib import Path

from ..base.errors import UserError
from ..record import picture
from ..record.console import Console
from ..run import runner
from ..run.log import next_log
from ..transport.screen import Screen

SHOWN = "shown"
_MEMORY = re.compile(r"memory (0x[0-9a-f]+) (\d+)x(\d+) (\d+) (\d) (0x[0-9a-f]+)$")
BOOT_TIMEOUT = 100.0  # firmware draws all that it says, too
LOOK_S = 0.3


def check_screen(where, text):
    """UserError unless it is "shown", or what stands in memory instead of a screen."""
    if text not in ("", SHOWN) and not _MEMORY.match(text):
        raise UserError(f"{where}: 'screen' is '{SHOWN}', or 'memory ADDRESS WIDTHxHEIGHT PITCH "
                        "BYTES WHITE'")


def look(machine, screen, directory):
    """What a machine shows, or has in its memory, as it comes."""
    path = Path(directory) / "screen"
    m = _MEMORY.match(screen)
    if m:
        size = int(m[4]) * int(m[3])
        machine.ask("pmemsave", val=int(m[1], 16), size=size, filename=str(path))
    else:
        machine.ask("screendump", filename=str(path))
    return path.read_bytes()


def picture_of(data, screen):
    m = _MEMORY.match(screen)
    if not m:
        return picture.from_ppm(data)
    width, height, pitch, size = (int(m[n]) for n in (2, 3, 4, 5))
    return picture.from_memory(data, width, height, pitch, size, int(m[6], 16))


def screen_spec(spec):
    """By a means of the host's the kernel would end QEMU, and the screen with it."""
    return dataclasses.replace(spec, board=dataclasses.replace(spec.board, append=""))


def read_until_end(machine, screen, glyphs):
    """Look until the screen stands still and has an END record, or for too long: (lines, all that
    was understood of them)."""
    lines, reader, before, read = [], Console(), b"", None
    end = time.monotonic() + BOOT_TIMEOUT
    with tempfile.TemporaryDirectory() as directory:
        while time.monotonic() < end and not reader.t.end and machine.pass_time(LOOK_S):
            data = look(machine, screen, directory)
            if data == before and data != read:
                text, columns = picture.read_text(picture_of(data, screen), glyphs)
                lines, reader, read = picture.joined(text, columns), Console(), data
                reader.feed("\n".join(lines + [""]).encode())
            before = data
    return lines, reader.t


def run_screen(root, spec, screen, console):
    """Run a machine and hand the lines of its screen to @console; what is wrong, or ""."""
    spec = screen_spec(spec)
    argv, directory = runner.qemu_command(spec, spec.extra)
    path, log = next_log(root / "build" / "log", spec.board)
    with log, Screen(argv, directory) as m:
        if m.ending.start_error:
            return m.ending.start_error
        lines, transcript = read_until_end(m, screen, picture.load_font(root))
        log.write("\n".join(lines).rstrip().encode() + b"\n")
    for line in lines:
        console.on_line(line)
    why = complaint(transcript)
    return why and f"{why} (screen: {path})"


def complaint(transcript):
    """What is wrong with what the screen shows at the end, or ""."""
    if not transcript.end:
        return "the screen shows no END record"
    verdict = transcript.end.get("verdict")
    return "" if verdict == "pass" else f"the screen says {verdict}"
