"""The PDF: typst sets `sheet.typ`, and what people wrote reaches it as data only, never as markup.

Noto Sans CJK JP (SIL Open Font License) is the only font, and the machine's own are left out, so that a paper looks
the same everywhere and rare characters (髙 﨑 𠮷, 異体字) print.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from casework.papers.glyphs import FONT, GETA, printable
from casework.papers.printed import Printed

_FOLDER = Path(__file__).parent


class PaperError(Exception):
    """The paper could not be set. Its text names no words of the sheet."""


def pdf(paper: Printed) -> bytes:
    """The paper as A4 PDF. The same paper gives the same bytes. Raises PaperError."""
    compiler = typst.Compiler(root=str(_FOLDER), font_paths=_fonts(), ignore_system_fonts=True)
    try:
        made = compiler.compile(
            input=_template(),
            format="pdf",
            sys_inputs={"sheet": _data(paper)},
            # The setter takes whole seconds only; a running program's clock gives more.
            timestamp=dt.datetime.fromisoformat(paper.printed_at).replace(microsecond=0),
        )
    except RuntimeError as error:
        # The compiler's own message may quote the sheet.
        raise PaperError(type(error).__name__) from None
    if not isinstance(made, bytes):
        raise PaperError("no single document")
    return made


def _data(paper: Printed) -> str:
    """The paper as JSON, each text such that the font can print it."""
    data = _printable(asdict(paper))
    data["lacking"] = GETA in json.dumps(data, ensure_ascii=False)
    return json.dumps(data, ensure_ascii=False)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (_FOLDER / "sheet.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(files("manimgx_fonts_cjk") / FONT).removesuffix(FONT)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
