"""Codes of findings: stable, documented, and chosen by their beginnings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geo_routes.checks import CODES, choose_findings
from geo_routes.errors import InvalidNoun
from geo_routes.model import Finding

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (ROOT / "docs/reference/findings.md").read_text(encoding="utf-8")
SUBJECTS = sorted({code.partition(".")[0] for code in CODES})
CODE = re.compile(rf'"((?:{"|".join(SUBJECTS)})\.[a-z_.]+)"')


def test_every_code_is_explained_at_its_anchor() -> None:
    for code in CODES:
        anchor = Finding(code=code, severity="note", message="").anchor
        page, _, name = anchor.partition("#")
        assert page == "reference/findings.md"
        assert f'<a id="{name}"></a>' in REFERENCE, code
        assert f"`{code}`" in REFERENCE, code


def test_no_code_is_explained_that_is_none() -> None:
    anchors = set(re.findall(r'<a id="([a-z-]+)"></a>', REFERENCE))
    assert anchors == {code.replace(".", "-").replace("_", "-") for code in CODES}


def test_every_code_in_the_source_is_in_the_list() -> None:
    used = set()
    for path in (ROOT / "geo_routes").rglob("*.py"):
        # Decisions of an import have names of their own.
        decides = {"assembly", "osm"} & set(path.parts)
        if path.name != "codes.py" and not decides:
            used |= set(CODE.findall(path.read_text(encoding="utf-8")))
    # Codes put together from a figure or a member are in the list by hand.
    assert used <= set(CODES)
    assert len(used) > 40


def chosen(codes: str, *, select: str = "", ignore: str = "") -> str:
    findings = [Finding(code=c, severity="note", message="") for c in codes.split()]
    kept = choose_findings(findings, select=select.split(), ignore=ignore.split())
    return " ".join(f.code for f in kept)


@pytest.mark.parametrize(
    "select,ignore,kept",
    [
        ("", "", "declared.length declared.length.slight geometry.gap name.control"),
        ("declared", "", "declared.length declared.length.slight"),
        ("declared.length", "", "declared.length declared.length.slight"),
        ("declared geometry.gap", "", "declared.length declared.length.slight geometry.gap"),
        ("", "declared", "geometry.gap name.control"),
        ("", "declared.length.slight", "declared.length geometry.gap name.control"),
        ("declared", "declared.length.slight", "declared.length"),
        ("declared.length.slight", "declared", "declared.length.slight"),
        ("geometry", "geometry", ""),
    ],
)
def test_the_more_exact_name_wins(select: str, ignore: str, kept: str) -> None:
    codes = "declared.length declared.length.slight geometry.gap name.control"
    assert chosen(codes, select=select, ignore=ignore) == kept


@pytest.mark.parametrize("name", ["declare", "geometry.", "gap", "", "geometry.gaps", "DECLARED"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidNoun, match="no finding is named"):
        choose_findings([], select=[name])


def test_a_slip_is_answered_with_what_was_meant() -> None:
    with pytest.raises(InvalidNoun) as caught:
        choose_findings([], ignore=["geometry.spikes"])
    assert caught.value.remedy == "did you mean geometry.spike?"
