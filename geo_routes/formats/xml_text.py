"""XML → elements, without document types, without entities, and within bounds.

A document type may make a few bytes stand for gigabytes, or for a file or an address of the
reader's machine. None of the formats read here needs one, so none is read.
"""

from __future__ import annotations

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from geo_routes.errors import MalformedFile, visible

MOST_BYTES = 1 << 30
MOST_DEPTH = 200
MOST_ELEMENTS = 20_000_000
MOST_ATTRIBUTES = 1_000
_REMEDY = "export it again"
_SEPARATOR = " "


def parse_xml(data: bytes, *, source: str) -> Element:
    """Parse a whole XML document.

    Parameters
    ----------
    data : bytes
        In UTF-8, UTF-16, ASCII or Latin-1, by its byte order mark or its declaration.
    source : str
        Name of the file, for messages.

    Returns
    -------
    xml.etree.ElementTree.Element
        The root; names with a namespace read ``{namespace}name``.

    Raises
    ------
    MalformedFile
        If it is no XML, has a document type, or is past the bounds of size, nesting and number.

    Examples
    --------
    >>> parse_xml(b'<a xmlns="x"><b/></a>', source="-")[0].tag
    '{x}b'
    """
    if len(data) > MOST_BYTES:
        reason = f"is XML of {len(data):,} bytes, and at most {MOST_BYTES:,} are read"
        raise MalformedFile(reason, remedy="split it", source=source)
    reading = _Reading(source)
    try:
        reading.parser.Parse(data, True)  # noqa: FBT003 - expat names no arguments
    except expat.ExpatError as error:
        said = expat.errors.messages.get(error.code, "not well-formed")
        where = f"at line {error.lineno} column {error.offset + 1}"
        reason = f"is not valid XML {where}: {said}"
        raise MalformedFile(reason, remedy=_hint(said), source=source) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, MalformedFile):
            raise
        reason = f"is XML in an encoding that is not read: {visible(str(error), most=60)}"
        raise MalformedFile(reason, remedy="save it as UTF-8", source=source) from error
    return reading.builder.close()


def _hint(said: str) -> str:
    if "token" in said or "encoding" in said:
        return "save it as UTF-8, or declare the encoding that it is in"
    return _REMEDY


class _Reading:
    def __init__(self, source: str) -> None:
        self.source = source
        self.builder = TreeBuilder()
        self.depth = self.elements = 0
        self.parser = parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.builder.data
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.UnparsedEntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def _refuse(self, *_: object) -> NoReturn:
        reason = "is XML with a DTD (DOCTYPE), whose entities may stand for anything"
        raise MalformedFile(reason, remedy="remove the DOCTYPE", source=self.source)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MOST_DEPTH:
            reason = f"is XML nested deeper than {MOST_DEPTH} levels"
            raise MalformedFile(reason, remedy=_REMEDY, source=self.source)
        if self.elements > MOST_ELEMENTS or len(attributes) > MOST_ATTRIBUTES:
            what = "elements" if self.elements > MOST_ELEMENTS else "attributes on one element"
            most = MOST_ELEMENTS if self.elements > MOST_ELEMENTS else MOST_ATTRIBUTES
            reason = f"is XML with more than {most:,} {what}"
            raise MalformedFile(reason, remedy="split it", source=self.source)
        self.builder.start(_name(name), {_name(k): v for k, v in attributes.items()})

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_name(name))


def _name(name: str) -> str:
    space, sign, local = name.rpartition(_SEPARATOR)
    return f"{{{space}}}{local}" if sign else name
