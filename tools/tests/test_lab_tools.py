# SPDX-License-Identifier: GPL-2.0-only
"""What we export, read by those for whom it is made, where they are installed: KernelCI's kcidb-io
(Debian has no package of it: its constraints stand in test_export.py, too), Debian's lava-common
and python3-labgrid.
"""
import json

import pytest
from fp.base.errors import UserError
from fp.lab import export
from test_export import BOARDS, board  # noqa: F401 (a fixture)
from test_heard import imported, whole


def test_kcidb_takes_our_report(board):  # noqa: F811
    schema = pytest.importorskip("kcidb_io").schema
    imported(board, *whole())
    path = board.root / "results" / "boards" / "rpi4-1.json"
    data = json.loads(board.run("export", "--kcidb", "--origin", "my_lab", path).stdout)
    schema.V4_0.validate_exactly(data)
    schema.LATEST.validate(schema.LATEST.upgrade(data))
    data["tests"][0]["path"] = "a b"
    with pytest.raises(Exception, match="a b"):
        schema.V4_0.validate_exactly(data)


def lava_jobs():
    """Of all boards for which one can be made."""
    for one in BOARDS.values():
        try:
            yield one, export.lava(one, "http://example.org/Image", None)
        except UserError as e:
            assert "boards that U-Boot starts" in str(e)


def test_lava_takes_our_jobs():
    schemas = pytest.importorskip("lava_common.schemas")
    yaml = pytest.importorskip("yaml")
    jobs = list(lava_jobs())
    assert len(jobs) > 10
    for one, text in jobs:
        schemas.validate(yaml.safe_load(text))
        with pytest.raises(Exception, match="monitors|test"):
            schemas.validate(yaml.safe_load(text.replace("pattern:", "patern:")))
        assert yaml.safe_load(text)["device_type"] == one.name


def test_labgrid_takes_our_environments(tmp_path):
    labgrid = pytest.importorskip("labgrid")
    for one in BOARDS.values():
        path = tmp_path / f"{one.name}.yaml"
        path.write_text(export.labgrid(one))
        target = labgrid.Environment(str(path)).get_target(one.name)
        (port,) = target.resources
        assert str(port.speed) in one.console or port.speed == 115200
        assert {type(d).__name__ for d in target.drivers} == {"SerialDriver", "ManualPowerDriver"}
