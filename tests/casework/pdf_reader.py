"""Reads the words of a PDF as typst writes it: Type 0 fonts with a ToUnicode table, strings shown by Tj and TJ."""

from __future__ import annotations

import re
import zlib

_STREAM = re.compile(rb"(\d+) 0 obj\s*<<((?:(?!endobj).)*?)>>\s*stream\r?\n", re.DOTALL)
_FONT = re.compile(rb"(\d+) 0 obj\s*<</Type/Font/Subtype/Type0.*?/ToUnicode (\d+) 0 R", re.DOTALL)
_PAGE = re.compile(rb"<</Type/Page/Resources (\d+) 0 R[^>]*/Contents (\d+) 0 R")
_FONT_SET = re.compile(rb"/(f\d+) [\d.]+ Tf")
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words(pdf: bytes) -> str:
    """All words in the order in which they were set, without spaces."""
    streams = {int(number): body for number, body in _streams(pdf)}
    tables = {int(font): _table(streams[int(cmap)]) for font, cmap in _FONT.findall(pdf)}
    pages = _PAGE.findall(pdf)
    return re.sub(r"\s", "", "".join(_page(streams[int(body)], _fonts(pdf, named, tables)) for named, body in pages))


def _fonts(pdf: bytes, resources: bytes, tables: dict[int, dict[int, str]]) -> dict[bytes, dict[int, str]]:
    """The tables of a page's fonts by the names it gives them."""
    found = re.search(rb"\n" + resources + rb" 0 obj\s*(<<.*?)endobj", pdf, re.DOTALL)
    assert found is not None
    return {name: tables[int(font)] for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", found[1])}


def page_count(pdf: bytes) -> int:
    """How many pages it has."""
    found = re.search(rb"/Type/Pages/Count (\d+)", pdf)
    assert found is not None
    return int(found[1])


def _streams(pdf: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    for match in _STREAM.finditer(pdf):
        length = re.search(rb"/Length (\d+)", match[2])
        if length is not None and b"FlateDecode" in match[2]:
            found.append((match[1], zlib.decompress(pdf[match.end() : match.end() + int(length[1])])))
    return found


def _table(cmap: bytes) -> dict[int, str]:
    table = {}
    for glyph, text in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", cmap.partition(b"beginbfchar")[2]):
        table[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return table


def _page(body: bytes, names: dict[bytes, dict[int, str]]) -> str:
    out: list[str] = []
    table: dict[int, str] = {}
    at = 0
    while at < len(body):
        if font := _FONT_SET.match(body, at):
            table, at = names[font[1]], font.end()
        elif body[at : at + 1] == b"(":
            end = _string_end(body, at)
            raw = _ESCAPE.sub(_unescaped, body[at + 1 : end])
            if body.endswith(b"/ActualText", 0, at):
                # The glyphs up to EMC stand for this text.
                out.append(raw.decode("utf-16"))
                at = body.index(b"EMC", end)
                continue
            if not body.endswith(b"/Lang", 0, at):
                out += _glyphs(raw, table)
            at = end + 1
        elif hexed := _HEX.match(body, at):
            out += _glyphs(bytes.fromhex(hexed[1].decode()), table)
            at = hexed.end()
        else:
            at += 1
    return "".join(out)


def _glyphs(raw: bytes, table: dict[int, str]) -> list[str]:
    return [table.get(int.from_bytes(raw[i : i + 2]), "�") for i in range(0, len(raw), 2)]


def _string_end(body: bytes, start: int) -> int:
    """Where a string ends: brackets inside may stand in pairs, others are escaped."""
    depth, at = 0, start
    while True:
        one = body[at : at + 1]
        depth += (one == b"(") - (one == b")")
        if not depth:
            return at
        at += 2 if one == b"\\" else 1


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _LETTERS.get(code, code)
