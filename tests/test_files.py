"""Bytes in from a regular file only; bytes out whole or not at all."""

from __future__ import annotations

import io
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from geo_routes import files
from geo_routes.errors import UnreadableFile, UnusableOutput

OLD, NEW = b"old\n" * 500, b"new content\n" * 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for output; afterwards nothing temporary is left in it."""
    place = tmp_path / "out"
    place.mkdir()
    yield place
    assert [p.name for p in place.iterdir() if p.name.startswith(".")] == []


def test_bytes_come_in_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)))
    assert files.read_bytes(path) == bytes(range(256))
    assert files.read_bytes(str(path)) == bytes(range(256))


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert files.read_bytes(tmp_path / "b") == b"x"


@pytest.mark.parametrize(
    "name,said",
    [
        ("none", "no such file"),
        ("", "no such file"),
        ("folder", "is a folder"),
        ("folder/", "is a folder"),
        ("pipe", "not a regular file"),
        ("socket", "not a regular file|no such device"),
        ("file/inside", "not a directory"),
        ("loop", "symbolic link"),
        ("dangling", "no such file"),
        ("/dev/zero", "not a regular file"),
        ("/dev/null", "not a regular file"),
        ("x" * 5_000, "too long"),
        ("a\x00b", "null"),
        ("http://example.org/a.geojson", "is a URL"),
        ("file:///etc/passwd", "is a URL"),
        ("/vsicurl/http://example.org/a", "is a URL"),
    ],
)
def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        path = name if "/dev" in name or "://" in name or not name else f"{tmp_path}/{name}"
        with pytest.raises(UnreadableFile, match=f"(?i){said}") as refused:
            files.read_bytes(path)
    assert refused.value.source == path
    assert refused.value.remedy


def test_a_file_past_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert files.read_bytes(path, max_bytes=5) == b"12345"
    with pytest.raises(UnreadableFile, match="5 bytes, past the limit of 4"):
        files.read_bytes(path, max_bytes=4)


def test_standard_input_is_read_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, fine in ((5, True), (4, False)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"12345")))
        if fine:
            assert files.read_bytes("-", max_bytes=limit) == b"12345"
            continue
        with pytest.raises(UnreadableFile, match="past the limit"):
            files.read_bytes("-", max_bytes=limit)


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    before = len(os.listdir("/proc/self/fd"))
    for name in ("a", ".", "none"):
        try:
            files.read_bytes(tmp_path / name)
        except UnreadableFile:
            continue
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_new_file_holds_the_bytes_and_the_usual_mode(folder: Path) -> None:
    mask = os.umask(0o027)
    try:
        files.write_whole(folder / "a", NEW)
    finally:
        os.umask(mask)
    assert (folder / "a").read_bytes() == NEW
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_an_old_file_keeps_its_mode(folder: Path, mode: int) -> None:
    path = folder / "a"
    path.write_bytes(OLD)
    path.chmod(mode)
    files.write_whole(path, NEW)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_second_name_of_the_old_file_keeps_the_old_bytes(folder: Path) -> None:
    (folder / "a").write_bytes(OLD)
    os.link(folder / "a", folder / "b")
    files.write_whole(folder / "a", NEW)
    assert (folder / "b").read_bytes() == OLD


def test_standard_output_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    files.write_whole("-", NEW)
    assert out.getvalue() == NEW


@pytest.mark.parametrize(
    "name,said",
    [
        ("link", "symbolic link"),
        ("dangling", "symbolic link"),
        ("folder", "is a folder"),
        ("pipe", "not a regular file"),
        ("/dev/full", "not a regular file"),
        ("none/a", "does not exist"),
        ("file/a", "not a folder"),
        ("x" * 300, "too long"),
        ("http://example.org/a", "is a URL"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_and_left(
    folder: Path, name: str, said: str
) -> None:
    (folder / "file").write_bytes(OLD)
    (folder / "link").symlink_to(folder / "file")
    (folder / "dangling").symlink_to(folder / "nowhere")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    before = sorted(p.name for p in folder.iterdir())
    path = name if name.startswith(("/dev", "http")) else f"{folder}/{name}"
    for write in (lambda: files.write_whole(path, NEW), lambda: files.check_output(path)):
        with pytest.raises(UnusableOutput, match=said) as refused:
            write()
        assert refused.value.source == path
        assert refused.value.remedy
    assert sorted(p.name for p in folder.iterdir()) == before
    assert (folder / "file").read_bytes() == OLD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(folder: Path) -> None:
    folder.chmod(0o555)
    try:
        with pytest.raises(UnusableOutput, match="permission"):
            files.write_whole(folder / "a", NEW)
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("old", [None, OLD])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(folder: Path, old: bytes | None) -> None:
    path = folder / "a"
    if old is not None:
        path.write_bytes(old)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
        with pytest.raises(UnusableOutput, match="too large") as refused:
            files.write_whole(path, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert refused.value.remedy
    assert [p.name for p in folder.iterdir()] == ([] if old is None else ["a"])
    assert old is None or path.read_bytes() == old


def test_who_reads_meanwhile_sees_the_old_bytes_or_the_new(folder: Path) -> None:
    path = folder / "a"
    path.write_bytes(OLD)
    seen: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(20):
        files.write_whole(path, NEW)
        files.write_whole(path, OLD)
    done.set()
    reader.join()
    assert seen <= {OLD, NEW}


def test_a_writer_that_is_killed_leaves_the_old_file_whole(folder: Path) -> None:
    path = folder / "a"
    path.write_bytes(OLD)
    # The process is ended between the writing of the bytes and their taking the name.
    program = (
        "import os, signal, sys\n"
        "from geo_routes import files\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write_whole(sys.argv[1], b'half')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)  # noqa: S603
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == OLD
    for left in folder.glob(".*"):
        left.unlink()  # nobody can tidy up after that
