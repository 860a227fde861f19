"""The program as a process: what it imports, how it ends, what it says of wrong arguments."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import geo_routes

Run = Callable[..., Any]
MakeFile = Callable[..., Path]

HEAVY = ("pandas", "geopandas", "pyogrio", "folium")


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, and list the modules that it imported."""
    program = (
        "import atexit, json, sys\n"
        "from geo_routes.cli import main\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "main(sys.argv[1:])\n"
    )
    return subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return {name.split(".")[0] for name in modules}


def test_help_imports_nothing_that_computes() -> None:
    for arguments in (("--help",), ("--version",), ("chek",)):
        modules = imported(process(*arguments))
        assert "click" in modules
        assert modules & {"numpy", "shapely", "pyproj", "orjson", "rich", *HEAVY} == set()


def test_measuring_and_checking_import_none_of_the_heavy_ones(make_file: MakeFile) -> None:
    path = str(make_file(tunnels=[[1, 2]]))
    for command in (("measure",), ("measure", "--json"), ("check",)):
        done = process(*command, path)
        assert done.returncode == 0
        # Crossings are sought with shapely's tree, which only `check` needs.
        seldom = {"rich", *HEAVY} | ({"shapely"} if command[0] == "measure" else set())
        assert imported(done) & seldom == set()


def test_the_length_of_short_steps_needs_no_pyproj(tmp_path: Path) -> None:
    coordinates = [[139 + i * 1e-3, 35 + i * 1e-4] for i in range(100)]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "LineString", "coordinates": coordinates}))
    done = process("measure", "--figures", "length", str(path))
    assert done.returncode == 0
    assert imported(done) & {"pyproj", "shapely", *HEAVY} == set()


def test_the_command_and_the_module_are_one_program() -> None:
    script = Path(sys.executable).with_name("geo-routes")
    commands = [[sys.executable, "-m", "geo_routes", "--version"]]
    commands += [[str(script), "--version"]] if script.exists() else []
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        assert (done.returncode, done.stdout.strip()) == (0, geo_routes.__version__)


def test_help_names_every_command_and_its_options(run: Run) -> None:
    assert {"check", "map", "measure"} <= set(run("--help").out.split())
    for command, options in (
        ("measure", ("--figures", "--units", "--stationing", "--json")),
        ("check", ("--format", "--fail-on", "--tolerance", "--units", "--stationing", "--json")),
        ("map", ("--output", "--json")),
    ):
        outcome = run(command, "--help")
        assert outcome.code == 0
        assert [o for o in options if o not in outcome.out] == []


@pytest.mark.parametrize(
    "arguments,said",
    [
        (("chek", "a"), "did you mean check?"),
        (("mesure", "a"), "did you mean measure?"),
        (("xyz",), "see geo-routes --help"),
        (("check",), "issing argument 'FILE...'"),
        (("check", "--tolerence", "1", "a"), "did you mean --tolerance?"),
        (("measure", "--jsn", "a"), "did you mean --json?"),
        (("check", "-x.geojson"), "a file of that name is ./-x.geojson"),
        (("check", "--fail-on"), "requires an argument"),
        (("measure", "--units", "furlong", "a"), "'km', 'mi'"),
        (("--nope",), "no such option"),
    ],
)
def test_wrong_arguments_get_one_line_and_a_way_out(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    [line] = outcome.err.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert len(line) <= 400


def test_without_a_command_the_help_is_shown_and_the_code_is_2(run: Run) -> None:
    outcome = run()
    assert outcome.code == 2
    assert "Commands" in outcome.err


def test_a_fault_of_its_own_is_one_line_too(
    run: Run, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "boom\nbang"
        raise RuntimeError(msg)

    monkeypatch.setattr("geo_routes.cli.measure_command.measure", fail)
    monkeypatch.delitem(os.environ, "GEO_ROUTES_DEBUG", raising=False)
    outcome = run("measure", make_file())
    assert outcome.code == 2
    [line] = outcome.err.splitlines()
    assert "stopped on a fault of its own (RuntimeError: boom\\nbang)" in line


def test_a_reader_that_stops_reading_is_no_error(make_file: MakeFile) -> None:
    path = str(make_file())
    command = [sys.executable, "-m", "geo_routes", "measure", *[path] * 2_000]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0


def test_a_signal_ends_it_without_a_traceback() -> None:
    command = [sys.executable, "-m", "geo_routes", "measure", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as running:  # type: ignore[call-overload] # noqa: S603
        # More than a pipe holds: when it has been taken, the program is at its work.
        running.stdin.write(b" " * 100_000)
        running.stdin.flush()
        # A signal between two reads is seen after the second, so one may have to be sent again.
        for _ in range(100):
            running.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.1)
                break
        assert running.returncode == 128 + signal.SIGTERM
        assert running.stderr.read() == b""


def test_text_that_the_terminal_cannot_show_is_escaped(make_file: MakeFile) -> None:
    path = str(make_file(name="東京"))
    done = process("measure", path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_nothing_is_left_in_the_working_folder(make_file: MakeFile, tmp_path: Path) -> None:
    path = str(make_file())
    work = tmp_path / "work"
    work.mkdir()
    for command in ("measure", "check"):
        process(command, path, cwd=work)
    assert list(work.iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a full device")  # noqa: PTH110
@pytest.mark.parametrize("arguments", [
    ("measure",), ("measure", "--json"), ("check",), ("check", "--format", "sarif"), ("curves",),
    ("import", "--list"), ("import", "-o", "-"), ("map", "-o", "-"), ("--help",), ("--version",),
    ("check", "--help"),
])  # fmt: skip
def test_a_full_disk_is_a_sentence(make_file: MakeFile, arguments: tuple[str, ...]) -> None:
    inputs = () if arguments[-1] in ("--help", "--version") else (str(make_file()),)
    command = [sys.executable, "-m", "geo_routes", arguments[0], *inputs, *arguments[1:]]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(  # noqa: S603
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    wanted = "error: standard output: no space left on device; free some space, or choose another"
    assert done.stderr == f"{wanted} place\n"
