"""How a page looks and speaks for one browser: language, readings, large letters, easy Japanese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.contents.room import LANGUAGES

_SHAPE = re.compile(r"([a-z]{2})\.r([01])\.l([01])\.e([01-])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What was chosen. `easy` is None as long as nobody chose: then the talk finds its own voice."""

    language: str = "ja"
    ruby: bool = False
    large: bool = False
    easy: bool | None = None

    @classmethod
    def read(cls, cookie: str | None, accepts: str | None = None) -> Look:
        """What a cookie keeps; without one the browser's own language."""
        found = _SHAPE.fullmatch(cookie or "")
        if found is None:
            return cls(language=_accepted(accepts or ""))
        language, ruby, large, easy = found.groups()
        known = language if language in LANGUAGES else "ja"
        return cls(language=known, ruby=ruby == "1", large=large == "1", easy={"1": True, "0": False}.get(easy))

    @classmethod
    def chosen(cls, form: Mapping[str, object]) -> Look:
        """What a form with a language and boxes says: a box that is not ticked is not sent."""
        language = str(form.get("language", "ja"))
        return cls(
            language=language if language in LANGUAGES else "ja",
            ruby="ruby" in form,
            large="large" in form,
            easy="easy" in form,
        )

    @property
    def spoken_easily(self) -> bool | None:
        """Whether the talk, too, is wanted in easy Japanese: chosen, or another language was. None: nobody chose."""
        return None if self.easy is None else self.easy or self.language != "ja"

    def cookie(self) -> str:
        """The value to keep."""
        easy = "-" if self.easy is None else str(int(self.easy))
        return f"{self.language}.r{int(self.ruby)}.l{int(self.large)}.e{easy}"


def _accepted(header: str) -> str:
    """The first language of the browser's that we have; Japanese wherever it comes before."""
    for part in header.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        code = "tl" if code == "fi" and part.strip().lower().startswith("fil") else code
        if code == "ja" or code in LANGUAGES:
            return code
    return "ja"
