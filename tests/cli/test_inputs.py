"""What is named to a command: files, folders, standard input, and what is none of these."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

Run = Callable[..., Any]
MakeFile = Callable[..., Path]

COMMANDS = [("check",), ("check", "--json"), ("measure",), ("measure", "--json")]


def one_line(text: str) -> bool:
    return len(text) <= 400 and not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202e]", text)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "content,said",
    [
        (b"", "is empty"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b'{"type": "FeatureCollection", "features": []}', "no line"),
        (b'{"type": "LineString", "coordinates": [[1, 2], [3, NaN]]}', "NaN"),
        (b'{"type": "LineString", "coordinates": [[1, 95], [3, 4]]}', "latitude"),
        (b'{"type": "LineString", "coordinates": [[1, 2], [3, 4]], "crs": "EPSG:3857"}', "3857"),
    ],
)
def test_each_unusable_file_gets_one_line_and_the_others_are_done(
    run: Run,
    make_file: MakeFile,
    tmp_path: Path,
    command: tuple[str, ...],
    content: bytes,
    said: str,
) -> None:
    good = make_file()
    bad = tmp_path / "bad.geojson"
    bad.write_bytes(content)
    outcome = run(*command, bad, good, tmp_path / "none.geojson")
    assert outcome.code == 2
    first, second = outcome.errors
    assert first.startswith(f"error: {bad}: ")
    assert said in first
    assert "; " in first
    assert second.startswith(f"error: {tmp_path / 'none.geojson'}: no such file")
    assert all(one_line(line) for line in outcome.err.splitlines())
    assert "Line" in outcome.out or "good.geojson" in outcome.out


NAMES = [
    "with space.geojson",
    "東京.geojson",
    "a\nerror: b.geojson",
    "\x1b[31mred.geojson",
    "\u202eevil.geojson",
    "x" * 240 + ".geojson",
    "bad\udcff.geojson",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_of_any_kind_is_read_and_shown_on_one_line(
    run: Run, make_file: MakeFile, command: tuple[str, ...], name: str
) -> None:
    path = make_file(name)
    outcome = run(*command, path)
    assert (outcome.code, outcome.err) == (0, "")
    if "--json" in command:
        assert outcome.json
    assert all(one_line(line) for line in outcome.out.splitlines()) or "--json" in command
    path.write_bytes(b"{")
    outcome = run(*command, path)
    assert outcome.code == 2
    [line] = outcome.err.splitlines()
    assert one_line(line)


@pytest.mark.parametrize("command", [("check",), ("measure",)])
@pytest.mark.parametrize(
    "name,said",
    [
        ("", "no such file"),
        ("http://127.0.0.1:9/a.geojson", "URL"),
        ("file:///etc/passwd", "URL"),
        ("/dev/zero", "regular file"),
        ("x" * 5_000, "too long"),
        ("d/" * 3_000 + "x", "too long"),
        ("a\x00b", "null"),
        ("~nobody/x", "no such file"),
        ("*.geojson", "no such file"),
    ],
)
def test_what_is_no_file_is_refused_at_once(
    run: Run, command: tuple[str, ...], name: str, said: str
) -> None:
    outcome = run(*command, name)
    assert outcome.code == 2
    [line] = outcome.err.splitlines()
    assert re.match(r"error: \S.*: ", line)
    assert said in line
    assert one_line(line)


def test_a_pipe_is_refused_and_not_waited_for(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.geojson")
    outcome = run("check", tmp_path / "pipe.geojson")
    assert outcome.code == 2
    assert "not a regular file" in outcome.errors[0]


def test_a_folder_means_its_route_files_in_order(
    run: Run, make_file: MakeFile, tmp_path: Path
) -> None:
    for name in ("b.geojson", "a.geojson", "c.GEOJSON", "d.json", "e.geojson.bak"):
        make_file(name)
    (tmp_path / "inner.geojson").mkdir()
    outcome = run("check", "--json", tmp_path)
    assert outcome.code == 0
    sources = [Path(f["source"]).name for f in outcome.json["files"]]
    assert sources == ["a.geojson", "b.geojson"]


def test_an_unreadable_file_in_a_folder_does_not_spoil_the_others(
    run: Run, make_file: MakeFile, tmp_path: Path
) -> None:
    make_file("good.geojson")
    (tmp_path / "dangling.geojson").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.geojson").symlink_to("loop.geojson")
    os.mkfifo(tmp_path / "pipe.geojson")
    outcome = run("check", tmp_path)
    assert outcome.code == 2
    assert [re.search(r"/(\w+)\.geojson", line)[1] for line in outcome.errors] == [  # type: ignore[index]
        *("dangling", "loop", "pipe"),
    ]
    assert "Line" in outcome.out


def test_a_folder_without_a_route_file_is_unusable(run: Run, tmp_path: Path) -> None:
    outcome = run("measure", tmp_path)
    assert outcome.code == 2
    assert outcome.errors == [
        (
            f"error: {tmp_path}: is a folder without any *.geojson file; "
            "name a file, or a folder that holds route files"
        )
    ]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_dash_is_standard_input(
    run: Run, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    data = make_file().read_bytes()
    for content, code in ((data, 0), (b"{", 2), (b"", 2)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        outcome = run(*command, "-")
        assert outcome.code == code
        assert len(outcome.errors) == (code == 2)


def test_names_in_the_file_cannot_forge_a_line(run: Run, make_file: MakeFile) -> None:
    name = "x\nerror: forged: y\r\x1b[2J\u2028z"
    path = make_file(name=name)
    for command in (("check",), ("measure",)):
        outcome = run(*command, path)
        assert outcome.code == 0
        rows = (outcome.out + outcome.err).splitlines()
        assert not [row for row in rows if row.lstrip().startswith("error:")]
        assert "\x1b" not in outcome.out
        assert "\\x1b[2J" in outcome.out
    assert run("measure", "--json", path).json["routes"][0]["name"] == name


def test_many_files_are_told_apart_by_a_blank_line(run: Run, make_file: MakeFile) -> None:
    paths = [make_file(f"{i}.geojson", name=f"Line {i}") for i in range(3)]
    blocks = run("measure", *paths).out.split("\n\n")
    assert [block.split("  ")[0] for block in blocks] == ["Line 0", "Line 1", "Line 2"]


def test_the_same_input_gives_the_same_bytes(run: Run, make_file: MakeFile) -> None:
    path = make_file(tunnels=[[10, 20], [15, 30]])
    for command in COMMANDS:
        assert run(*command, path) == run(*command, path)


def test_a_file_that_is_named_twice_is_done_twice(run: Run, make_file: MakeFile) -> None:
    path = make_file()
    assert len(run("measure", "--json", path, path).json["routes"]) == 2


def test_hostile_properties_come_out_as_text(run: Run, make_file: MakeFile) -> None:
    path = make_file(name="{{7*7}}<script>", **{"${jndi}": "x", "__class__": {"a": "%s%n"}})
    outcome = run("measure", path)
    assert "{{7*7}}<script>" in outcome.out
    assert json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "--gap-tolerance", "nan", "-o", "-"),
        ("curves", "--accuracy", "nan"),
        ("check", "--tolerance", "inf"),
        ("time", "--train", "flirt", "--ease", "nan"),
        ("time", "--train", "flirt", "--step", "inf"),
    ],
)
def test_what_is_no_number_is_in_no_range(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "LineString", "coordinates": [[8, 48], [8.1, 48.1]]}')
    told = run(arguments[0], path, *arguments[1:])
    assert told.code == 2
    assert len(told.errors) == 1
