# SPDX-License-Identifier: GPL-2.0-only
"""The HTML report: what is on the page, of whole, cut and hostile runs; a browser opens it."""
import json
import re
import shutil
import struct
import subprocess
import sys
import zlib
from html.parser import HTMLParser

import pytest
from test_report import a_report, a_run, litmus

pytest.importorskip("jinja2", reason="python3-jinja2 is not installed (make report installs it)")
pytest.importorskip("markdown", reason="python3-markdown is not installed (make report does it)")

from fp.base.errors import UserError  # noqa: E402
from fp.cli import report_page  # noqa: E402
from fp.html import bench_view, litmus_view, page, svg  # noqa: E402
from fp.litmus import cycle, shapes  # noqa: E402

HOSTILE = "<script>alert(1)</script>\"'&"
VOID = {"meta", "br", "input", "link", "hr", "img"}


class Page(HTMLParser):
    """Elements of a page; complains of tags that do not nest, and of ids that come twice."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.found, self.text = [], [], [], {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.found.append((tag, attrs))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open.pop() == tag, f"</{tag}> in {self.open[-5:]}"

    def handle_data(self, data):
        tag = self.open[-1] if self.open else ""
        self.text[tag] = self.text.get(tag, "") + data

    def all(self, tag, **attrs):
        return [a for t, a in self.found if t == tag and
                all(v in (a.get(k.rstrip("_")) or "").split() for k, v in attrs.items())]


def spread(test, *rates, **more):
    return test | {"more": {"setting_rates": list(rates), "slices": 8, "slices_late": 0, **more}}


FOUR = ("x86_64", "arm64", "riscv64", "powerpc64")


def four_runs():
    seen = spread(litmus("SB", weak=1234, result="allowed-seen"), 0, 5000, 120_000_000)
    return [a_run(a, seen if a != "arm64" else litmus("SB"),
                  litmus("MP", *(("forbid", "forbidden-unseen") if a == "x86_64" else ())),
                  litmus("SB+mb+mb", "forbid", "forbidden-unseen"),
                  {"name": "mm.cow", "kind": "assert", "verdict": "pass", "reason": ""})
            for a in FOUR]


def rendered(tmp_path, *runs, thread=None, bench=None, **more):
    return page.render(a_report(*runs) | more, thread, bench, tmp_path)


def test_every_test_has_a_row_and_a_page(tmp_path):
    got = Page(rendered(tmp_path, *four_runs()))
    assert len(set(got.ids)) == len(got.ids)
    assert [a["data-name"] for a in got.all("tr", class_="test")] == ["SB", "SB+mb+mb", "MP"]
    assert len(got.all("section", class_="test")) == 3
    links = {a["href"][1:] for t, a in got.found if t == "a" and a.get("href", "").startswith("#")}
    assert links <= set(got.ids)
    tips = {a["data-r"] for a in got.all("a", class_="c")}
    assert tips <= set(got.ids) and len(tips) == 12
    row = got.all("tr", class_="test")
    assert "sights" in row[0]["class"] and "models" not in row[0]["class"]
    assert "models" in row[2]["class"] and "seen" in row[0]["class"].split()


def test_it_needs_nothing_from_elsewhere(tmp_path):
    text = rendered(tmp_path, *four_runs())
    got = Page(text)
    assert not [a for t, a in got.found if t in ("link", "img", "iframe") or "src" in a]
    assert "http" not in re.sub(r"xmlns=\S+", "", text) and "@import" not in text


def test_nothing_that_a_machine_says_is_markup(tmp_path):
    evil = spread(litmus(HOSTILE, weak=3, result="allowed-seen"), 5) | {
        "reason": HOSTILE, "knobs": HOSTILE, "warning": HOSTILE, "weak_outcome": HOSTILE,
        "outcomes": [{"outcome": HOSTILE, "count": 3, "weak": True}]}
    evil["more"]["claim"] = HOSTILE
    other = {"name": f"mm.{HOSTILE}", "kind": "assert", "verdict": "fail", "reason": HOSTILE}
    run = a_run("arm64", evil, other, machine=HOSTILE, build=HOSTILE, reason=HOSTILE,
                verdict=HOSTILE, provenance="tcg", qemu=HOSTILE)
    text = rendered(tmp_path, run, time=HOSTILE, host={"cpu": HOSTILE}, incomplete=HOSTILE)
    got = Page(text)
    assert "<script>alert" not in text and text.count("<script>") == 1
    assert "alert" not in got.text["script"] and HOSTILE in "".join(got.text.values())


@pytest.mark.parametrize("runs", [
    (), (a_run("x86_64"),),
    (a_run("x86_64", verdict="TIMEOUT", reason="no BEGIN", cpus_online=None),),
    (a_run("vax", {"name": "mm.a", "kind": "assert", "verdict": "skip", "reason": "no MMU"}),)])
def test_a_run_without_litmus_tests_has_a_page(tmp_path, runs):
    text = rendered(tmp_path, *runs)
    Page(text)
    assert "No litmus test was run" in text and "section class" not in text


def test_what_is_missing_is_said_first(tmp_path):
    run = a_run("arm64", litmus("SB"), missing=7, not_run=2)
    text = rendered(tmp_path, run, incomplete="interrupted", host={"busy_share": 0.9})
    assert "This run is incomplete: interrupted" in text
    assert "9 planned tests were not run" in text and "used 90% of the host" in text
    assert text.index("incomplete") < text.index('id="matrix"')
    assert "warnbox" not in re.sub(r"<style>.*</style>", "", rendered(
        tmp_path, a_run("arm64"), host={"busy_share": None}), flags=re.S)


@pytest.mark.parametrize("test,state,bad", [
    (litmus("SB", "forbid", "forbidden-seen", 3, "fail"), "forbidden-seen", True),
    (litmus("SB", verdict="timeout"), "timeout", True), (litmus("SB", verdict="fail"),
                                                         "allowed-unseen", True),
    (litmus("SB", "forbid", "known-defect", 3, "skip"), "known-defect", False),
    ({"name": "litmus.SB", "kind": "litmus", "verdict": "skip", "reason": "few"}, "skip", False),
    (None, "none", False)])
def test_each_end_of_a_test_has_a_mark_and_a_word(test, state, bad):
    view = litmus_view.cell_view(test)
    assert (view["state"], view["bad"]) == (state, bad)
    assert view["glyph"] == litmus_view.GLYPHS[state] and view["title"]


def test_marks_can_be_told_apart_without_colours():
    marks = [litmus_view.GLYPHS[k] for k in page.KEYS]
    assert len(set(marks)) == len(marks)


def test_rates_are_drawn_on_a_logarithmic_axis():
    text = str(svg.spread_drawing([0, 0, 10, 10**9]))
    assert 'aria-label="seen with 2 of 4 settings"' in text
    low, high = (float(x) for x in re.findall(r"M([\d.]+) 21h0", text)[:2])
    assert low == svg.LEFT and high == svg.SPREAD_W - svg.RIGHT
    assert len(re.findall(rf"M{svg.NONE} \d+h0", text)) == 2


@pytest.mark.parametrize("rates", [None, "x", [True, "7", -1, 1.5], {}])
def test_rates_that_are_none_are_left_out(rates):
    test = litmus("SB") | {"more": {"setting_rates": rates}}
    view = litmus_view.result_view(a_run("arm64"), test)
    assert view["spread"] == "" and view["settings"] == 0


def test_every_cycle_can_be_drawn():
    for test in list(shapes.load().values())[::7]:
        parts = cycle.find(test)
        text = str(svg.cycle_drawing(test, parts))
        assert text.count("<rect") == sum(map(len, test.threads))
        assert text.count('class="com ') == len(parts)


def test_bars_are_shares_of_the_longest():
    data = {"runs": [{"arch": a, "provenance": "tcg", "first_test_s_median": n,
                      "tests": [{"name": "bench.x", "more": {"ns": n, "odd": "text"}}]}
                     for a, n in (("x86_64", 10), ("arm64", 40), ("riscv64", None))]}
    view = bench_view.view(data)
    assert [(b["arch"], b["share"]) for b in view["tests"]["x"][0]["bars"]] == [
        ("x86_64", 25.0), ("arm64", 100.0)]
    assert len(view["boots"]) == 2 and bench_view.view(None) is None


# ---- the command ----

def save(project, name, data):
    path = project.root / "results" / name / "run.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def test_the_command_writes_what_was_saved_last(project):
    save(project, "latest-compare", a_report(*four_runs()))
    done = project.run("report")
    assert done.returncode == 0, done.stderr
    text = (project.root / "results" / "report.html").read_text()
    assert "SB+mb+mb" in text and f"({len(text.encode()) / 1e6:.1f} MB)" in done.stdout


@pytest.mark.parametrize("name", report_page.MODULES)
def test_a_module_that_is_missing_is_named_with_its_mend(project, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    for module in [m for m in sys.modules if m.startswith("fp.html")]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(UserError, match=f"python3-{name} is missing: `make report` installs it"):
        report_page.render(a_report(*four_runs()), None, None, shapes.ROOT)


def test_without_a_saved_run_it_says_what_to_do(project):
    done = project.run("report")
    assert done.returncode == 2 and "no run to show: `make compare` makes one" in done.stderr


@pytest.mark.parametrize("text,says", [
    ("{", "not JSON"), ("[]", "not a run.json"), ('{"format": "x"}', "not a run.json"),
    (json.dumps(a_report() | {"thread": {"rows": []}}), "no list 'claims'")])
def test_a_file_that_is_no_run_is_refused(project, text, says):
    good = save(project, "latest-compare", a_report(*four_runs()))
    done = project.run("report", good, save(project, "odd", text))
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


def test_boards_stand_beside_qemu_and_a_kind_comes_once(project, tmp_path):
    one = save(project, "one", a_report(*four_runs()) | {"state": "incomplete", "why": "full disk"})
    two = save(project, "two", a_report(a_run("arm64", litmus("SB"), provenance="silicon",
                                              machine="board", qemu="none")))
    out = tmp_path / "x.html"
    assert project.run("report", one.parent, two, "--output", out).returncode == 0
    assert "p-silicon" in out.read_text() and "full disk" in out.read_text()
    bench = save(project, "three", a_report(*four_runs()) | {"bench": {"peers": []}})
    assert project.run("report", bench, "--output", out).returncode == 0
    with pytest.raises(UserError, match="one run of bench is enough"):
        report_page.collect([bench, bench])


def test_a_run_is_shown_again(project):
    path = save(project, "latest-compare", a_report(*four_runs()) | {"state": "incomplete",
                                                                     "why": "full disk"})
    done = project.run("show", path.parent)
    assert done.returncode == 0 and "incomplete: full disk" in done.stdout
    assert "1 shape forbidden everywhere" in " ".join(done.stdout.split())
    assert "SB+mb+mb" not in done.stdout
    assert "SB+mb+mb" in project.run("show", path, "--all").stdout
    done = project.run("show", project.root / "none.json")
    assert done.returncode == 2 and "cannot read" in done.stderr


def test_a_test_is_shown_with_its_last_results(project):
    save(project, "latest-compare", a_report(*four_runs()))
    done = project.run("show", "SB")
    text = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    for words in ("litmus.SB", "thread 0 thread 1", "0:r0=0 /\\ 1:r0=0", "store buffer",
                  "1,234 times in 1,000,000 iterations", "weak", "make run TESTS='litmus.SB'"):
        assert words in text
    done = project.run("show", "litmus.SB+mb+mv")
    assert done.returncode == 2 and "did you mean litmus.SB+mb+mb" in done.stderr


# ---- a browser ----

def colours(path):
    """The colours of a PNG's pixels that are not few (RGB or RGBA, no interlace)."""
    data, at, parts = path.read_bytes(), 8, b""
    width, _, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8 and kind in (2, 6)
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        parts += data[at + 8:at + 8 + size] if name == b"IDAT" else b""
        at += size + 12
    raw = zlib.decompress(parts)
    return len(set(raw[n:n + 64] for n in range(0, len(raw), width)))


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
@pytest.mark.parametrize("fragment", ["", "#t0"])
def test_a_browser_opens_it_without_an_error(tmp_path, fragment):
    (tmp_path / "r.html").write_text(rendered(tmp_path, *four_runs()))
    url = f"file://{tmp_path}/r.html{fragment}"
    common = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
              f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=2000",
              "--enable-logging=stderr", "--window-size=1000,900"]
    done = subprocess.run([*common, f"--screenshot={tmp_path}/r.png", url], capture_output=True,
                          text=True, timeout=120)
    assert (tmp_path / "r.png").is_file(), done.stderr[-500:]
    assert "CONSOLE" not in done.stderr
    assert colours(tmp_path / "r.png") > 100, "an empty page"
    if fragment:
        return
    done = subprocess.run([*common, "--dump-dom", url], capture_output=True, text=True, timeout=120)
    assert 'data-ready="1"' in done.stdout and 'aria-expanded="false"' in done.stdout
