"""The browser fixtures see what a page does, and let nothing out."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Seen  # for the type checker alone: tests are no package

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'none'"


def _file(folder: Path, body: str, *, head: str = "") -> str:
    path = folder / "page.html"
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>{head}</head>'
    )
    path.write_text(f"{text}<body><main><h1>Page</h1>{body}</main></body></html>", "utf-8")
    return path.as_uri()


def test_a_page_from_disk_leaves_no_trace(page: Page, seen: Seen, tmp_path: Path) -> None:
    page.goto(_file(tmp_path, "<p>中央新幹線</p>"))
    assert page.inner_text("p") == "中央新幹線"
    assert seen.nothing()


def test_a_request_to_the_outside_is_noted_and_stopped(
    page: Page, seen: Seen, tmp_path: Path
) -> None:
    page.goto(_file(tmp_path, "<img src='https://example.org/a.png' alt=''>"))
    assert seen.foreign_requests == ["https://example.org/a.png"]
    assert len(seen.console_errors) == 1
    assert page.evaluate("document.images[0].naturalWidth") == 0
    outcome = page.evaluate("fetch('https://192.0.2.1/').then(() => 'in', () => 'out')")
    assert outcome == "out"
    assert seen.foreign_requests[1:] == ["https://192.0.2.1/"]


def test_a_websocket_is_noted(page: Page, seen: Seen, tmp_path: Path) -> None:
    page.goto(_file(tmp_path, ""))
    page.evaluate(
        "new Promise(done => { new WebSocket('ws://example.org/live').onerror = () => done() })"
    )
    assert seen.foreign_requests == ["ws://example.org/live"]


def test_what_a_page_throws_and_complains_of_is_noted(
    page: Page, seen: Seen, tmp_path: Path
) -> None:
    script = (
        "<script>console.error('complaint'); console.log('talk'); throw Error('thrown')</script>"
    )
    page.goto(_file(tmp_path, script))
    assert seen.console_errors == ["complaint"]
    assert len(seen.page_errors) == 1
    assert "thrown" in seen.page_errors[0]


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href=data:,><p>here</p>")

    def log_message(self, *_: object) -> None:
        """Keep the server's talk out of the tests."""


def test_loopback_is_open_and_noted(page: Page, seen: Seen) -> None:
    with HTTPServer(("127.0.0.1", 0), _Hello) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        page.goto(url)
        server.shutdown()
    assert page.inner_text("p") == "here"
    assert seen.foreign_requests == [url]


def test_axe_sees_a_picture_without_a_name_even_under_a_policy(
    page: Page, tmp_path: Path, axe_violations: Callable[[Page], list[dict[str, Any]]]
) -> None:
    head = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    page.goto(_file(tmp_path, "<p>Sound.</p>", head=head))
    assert axe_violations(page) == []
    page.goto(_file(tmp_path, "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", head=head))
    assert [(v["id"], v["impact"]) for v in axe_violations(page)] == [("image-alt", "critical")]
