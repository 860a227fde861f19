"""JSON text: what is refused, with which words, and what comes through."""

from __future__ import annotations

import gc
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.errors import MalformedFile
from geo_routes.formats import json_text

REFUSED = {
    "nothing": (b"", "is empty"),
    "white space": (b" \r\n\t ", "is empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "is empty"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbf{}", "not valid JSON"),
    "a truncated object": (b'{"a": [1, 2', "not valid JSON at line 1 column 12"),
    "single quotes": (b"{'a': 1}", "not valid JSON at line 1 column 2"),
    "a comment": (b'{"a": 1} // so', "unexpected content after document"),
    "a trailing comma": (b'{"a": 1,\n}', "trailing comma"),
    "two documents": (b"{}\n{}", "unexpected content after document"),
    "NUL at the end": (b'{"a": [1]}\x00', "unexpected content after document"),
    "NaN": (b'{"a": NaN}', "holds NaN at line 1 column 7"),
    "minus Infinity": (b'{"a": -Infinity}', "holds -Infinity"),
    "1e400": (b'{"a": 1e400}', "infinity"),
    "a leading zero": (b'{"a": 01}', "leading zero"),
    "a plus sign": (b'{"a": +1}', "not valid JSON"),
    "a hexadecimal number": (b'{"a": 0x10}', "not valid JSON"),
    "a raw control character": (b'{"a": "\x01"}', "control character"),
    "a lone surrogate": (rb'{"a": "\ud800"}', "surrogate"),
    "Latin-1": ('{"a": "München"}'.encode("latin-1"), "not UTF-8 text: byte 0xfc at offset 8"),
    "overlong UTF-8": (b'{"a": "\xc0\xaf"}', "not UTF-8 text: byte 0xc0"),
    "UTF-16 with a mark": ('{"a": 1}'.encode("utf-16"), "is UTF-16"),
    "UTF-16 without": ('{"a": 1}'.encode("utf-16-le"), "UTF-16 or binary"),
    "UTF-32": ('{"a": 1}'.encode("utf-32-le"), "UTF-16 or binary"),
    "HTML": (b"<!doctype html>", "HTML or XML"),
    "gzip": (b"\x1f\x8b\x08\x00", "gzip"),
    "zip": (b"PK\x03\x04", "zip archive"),
    "SQLite": (b"SQLite format 3\x00", "SQLite"),
    "100,000 brackets": (b"[" * 100_000, "not valid JSON"),
    "some hundred brackets": (b"[" * 300, "brackets that do not close"),
}


@pytest.mark.parametrize("data,said", REFUSED.values(), ids=REFUSED)
def test_what_is_no_json_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        json_text.decode(data, source="a.geojson")
    assert said in refused.value.reason
    assert refused.value.source == "a.geojson"
    assert refused.value.remedy


def test_a_byte_order_mark_is_passed_over() -> None:
    assert json_text.decode(b'\xef\xbb\xbf{"a": "\xc3\xbc"}') == {"a": "ü"}


def test_the_collector_runs_again_after_a_refusal() -> None:
    assert gc.isenabled()
    with pytest.raises(MalformedFile):
        json_text.decode(b"{")
    assert gc.isenabled()


@pytest.mark.parametrize("digits", ["1e-400", "-1e-400", "5e-324", "1e-7", "-0.0", "5e300"])
def test_numbers_are_those_of_the_standard_library(digits: str) -> None:
    ours, theirs = json_text.decode(digits.encode()), json.loads(digits)
    assert ours == theirs
    assert math.copysign(1, ours) == math.copysign(1, theirs)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**53), 2**53)
    # A number past float64 is refused, and so are NaN and infinity.
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(JSON_VALUES)
def test_what_is_encoded_decodes_to_the_same_and_encodes_to_the_same(value: object) -> None:
    text = json_text.encode(value)
    assert json_text.decode(text) == value == json.loads(text)
    assert json_text.encode(json_text.decode(text)) == text


@given(JSON_VALUES, st.sampled_from([None, 1]))
def test_without_a_repeated_member_none_is_named(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=indent is None).encode()
    assert json_text.repeated_member(text, json_text.decode(text)) is None


@pytest.mark.parametrize(
    "text,member",
    [
        ('{"a": 1, "a": 1}', "a"),
        ('{"a": 1, "\\u0061": 2}', "a"),
        ('{"": 1, "": 2}', ""),
        ('[{"b": 1}, {"x": {"a:b": 1, "a:b": 2}}]', "a:b"),
        ('{"a": ":", "b\\"": {"c": 1, "c": {}}}', "c"),
        ('\ufeff{"a": 1, "a": 2}', "a"),
    ],
)
def test_a_repeated_member_is_named_wherever_it_stands(text: str, member: str) -> None:
    data = text.encode()
    assert json_text.repeated_member(data, json_text.decode(data)) == member


def test_depth_is_bounded() -> None:
    for depth, fine in ((json_text.MAX_DEPTH, True), (json_text.MAX_DEPTH + 1, False)):
        data = b"[" * depth + b"]" * depth
        value = json_text.decode(data)
        if fine:
            assert json_text.repeated_member(data, value) is None
            continue
        with pytest.raises(MalformedFile, match="nested deeper than 120"):
            json_text.repeated_member(data, value)


def test_ten_million_escapes_need_little_memory_and_time() -> None:
    # A pattern that can go back along its way would need a gigabyte here.
    data = b'{"a": "' + b"\\\\" * 2_000_000 + b'"}'
    assert json_text.repeated_member(data, json_text.decode(data)) is None


@pytest.mark.parametrize("value", [object(), {1: 2}, "\ud800", 2**64])
def test_what_json_has_no_form_for_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        json_text.encode(value)
