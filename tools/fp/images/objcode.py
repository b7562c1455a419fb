# SPDX-License-Identifier: GPL-2.0-only
"""Object code as objdump shows it, for tools/check_deps.py and tools/check_primitives.py."""
import importlib.util
import re
import subprocess

from ..base import isas
from .decoder import Insn, Unknown, split_args


def decoder_of(isa):
    """The Decoder of the port to @isa."""
    path = isas.ROOT / "arch" / isa.name / "decoder.py"
    spec = importlib.util.spec_from_file_location(f"decoder_{isa.name}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except FileNotFoundError:
        raise Unknown(f"{path} is missing: nothing reads the instructions of {isa.name}") from None
    return module.Decoder()


def isa_of(path):
    """The ISA whose isa.toml names the ELF file's machine."""
    with open(path, "rb") as f:
        head = f.read(20)
    if head[:4] != b"\x7fELF":
        raise Unknown(f"{path} is no ELF file")
    number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
    found = [isa for isa in isas.load().values() if isa.elf_machine == number]
    if not found:
        raise Unknown(f"{path}: no arch/*/isa.toml has elf_machine = {number}")
    return found[0]


def run_objdump(objdump, options, path):
    """What it prints; Unknown."""
    try:
        return subprocess.run([objdump, *options, path],
                              text=True, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise Unknown(f"{objdump} is missing: install binutils for that ISA") from None
    except subprocess.CalledProcessError as e:
        raise Unknown(f"{objdump}: {e.stderr.strip()}") from None


def only_range(path, objdump, prefix):
    """Options that spare objdump what lies around the functions named @prefix...: on a whole kernel
    that clang made for riscv64 it takes 12 seconds."""
    text = run_objdump(objdump, ["-t"], path)
    found = [(int(m[1], 16), int(m[2], 16)) for m in re.finditer(
        rf"^([0-9a-f]+) .* F [^\t]+\t([0-9a-f]+) (?:0x[0-9a-f]+ )?{re.escape(prefix)}", text,
        flags=re.M)]
    if not found or not all(size for _, size in found):
        return []
    return [f"--start-address={min(start for start, _ in found):#x}",
            f"--stop-address={max(start + size for start, size in found):#x}"]


def read_functions(path, objdump, options, prefix):
    """Name of each function that begins with @prefix -> its instructions."""
    text = run_objdump(objdump, [*options, *only_range(path, objdump, prefix), "-d",
                                 "--no-show-raw-insn"], path)
    found, current = {}, None
    for line in text.splitlines():
        m = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        if m:
            if not m[1].startswith(".L"):
                current = found.setdefault(m[1], []) if m[1].startswith(prefix) else None
            continue
        m = re.match(r"\s*([0-9a-f]+):\t(\S+)\s*(.*)", line)
        if m and current is not None:
            rest = re.split(r"\s+(?://|# |<)", m[3])[0].strip()
            current.append(Insn(int(m[1], 16), m[2], split_args(rest), line.strip()))
    return found


def read_words(path, objdump, options, section):
    """[(address, signed word)] of a section of 32-bit words; none if it is not there."""
    with open(path, "rb") as f:
        order = "little" if f.read(6)[5] == 1 else "big"
    text = run_objdump(objdump, [*options, "-s"], path)
    text = text.partition(f"Contents of section {section}:\n")[2].partition("Contents of")[0]
    words = []
    for start, data in re.findall(r"^ ([0-9a-f]+) ((?:[0-9a-f]+ )+)", text, flags=re.M):
        words += [(int(start, 16) + 4 * n,
                   int.from_bytes(bytes.fromhex(word), order, signed=True))
                  for n, word in enumerate(data.split())]
    return words
