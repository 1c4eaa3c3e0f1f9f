"""Typed, frozen models of a form: its fields, its code tables and how they are laid out on paper.

A form is data, because the real forms differ from council to council and could not all be seen: every field says how
well its existence is known (`grade`) and what that rests on (`source`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.contents.models import Part
from config.contents.ruby import plain, problem

#: What `safe_contact` and `urgency` say must have been looked at by a person before anything leaves the desk.
ESSENTIAL = ("urgency", "safe_contact")
_LONGEST = {"T": 200, "TA": 4000, "R": 30}


class FieldType(StrEnum):
    """What a field holds: text, long text, a day, one of a table, several, yes or no, rows, a number."""

    TEXT = "T"
    LONG = "TA"
    DAY = "D"
    CHOICE = "C"
    MANY = "M"
    YES_NO = "B"
    ROWS = "R"
    NUMBER = "N"


class Grade(StrEnum):
    """How well a fact is known. Only `V` and `C` may be called what an authority uses.

    V: seen in a document of a council or ministry. S: seen in a secondary source. C: checked in published material.
    R: recalled, not seen. D: this program's own design.
    """

    SEEN = "V"
    SECONDARY = "S"
    CHECKED = "C"
    RECALLED = "R"
    OWN = "D"


class By(StrEnum):
    """Who fills a field in."""

    PROGRAM = "program"
    RESIDENT = "resident"
    STAFF = "staff"
    RECIPIENT = "recipient"


class Needed(StrEnum):
    """When a field must be filled: before submitting, so too but only with a named person, before replying, never."""

    NEVER = "never"
    SUBMIT = "submit"
    NAMED = "named"
    REPLY = "reply"


class Fill(StrEnum):
    """What the program knows and may fill in from a conversation; a person confirms it."""

    SHEET_NO = "sheet_no"
    VERSION = "version"
    CREATED_ON = "created_on"
    FROM_ORG = "from_org"
    FROM_PERSON = "from_person"
    LINE_ID = "line_id"
    ACCOUNT = "account"
    TIMES = "times"
    CHANNEL = "channel"
    ROUTE = "route"
    FIRST_CONTACT = "first_contact_on"
    CONTACT_COUNT = "contact_count"
    NICKNAME = "nickname"
    AGE_BAND = "age_band"
    AREA = "area"
    LANGUAGE = "language"
    SAFE_CONTACT = "safe_contact"
    VISITOR_RELATION = "visitor_relation"
    HOUSEHOLD = "household"
    HOUSEHOLD_SIZE = "household_size"
    TOPICS = "topics"
    TOP_TOPIC = "top_topic"
    QUOTES = "quotes"
    WISH = "wish"
    FACTORS = "factors"
    URGENCY = "urgency"
    URGENCY_REASON = "urgency_reason"
    SAFETY = "safety"


class Kind(StrEnum):
    """What a record is. Only a sheet is handed over with consent; the others never become one by themselves."""

    SHEET = "sheet"
    INFORMATION = "information"
    MEETING = "meeting"
    NOTIFICATION = "notification"
    INQUIRY = "inquiry"
    APPLICATION = "application"
    AFTERCARE = "aftercare"
    RESULT = "result"


class Needs(StrEnum):
    """What a record rests on before it may go to anybody: the person's consent, a basis in law, or neither."""

    CONSENT = "consent"
    BASIS = "basis"
    NOTHING = "nothing"


class SecondPerson(StrEnum):
    """When a second person must have agreed: never, before it goes out, or afterwards within the hours set."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"


def _readable(words: str) -> str:
    if not words or words != words.strip():
        raise ValueError("空にしたり、前や後ろに空白を入れたりしないでください")
    if reason := problem(words):
        raise ValueError(reason)
    return words


#: Words that may carry readings.
Ruby = Annotated[str, AfterValidator(_readable)]


class Code(Part):
    """One entry of a code table. `fed_by` are words of the program's own tables that mean it; none: its own label.

    With `words` the program chooses it only where the resident's own words hold one of them.
    """

    label: Ruby
    fed_by: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    note: str = ""

    def means(self, word: str) -> bool:
        """Whether this entry stands for `word` of the program's own tables."""
        return word in (self.fed_by or (plain(self.label),))


def _code(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


def _without_null(value: object) -> object:
    """A desk leaves something out by writing null."""
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


Codes = Annotated[Mapping[str, Annotated[Code, BeforeValidator(_code)]], BeforeValidator(_without_null)]


class Column(Part):
    """One column of rows. `max` counts letters."""

    label: Ruby
    type: FieldType = FieldType.TEXT
    codes: str | None = None
    width: Annotated[int, Field(ge=1, le=12)] = 2
    max: Annotated[int, Field(ge=1, le=4000)] = 400
    identifies: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type is FieldType.ROWS:
            raise ValueError("列の中に、表(type: R)は入れられません")
        _codes_fit(self.type, self.codes)
        return self


class Item(Part):
    """One field. `instead` are fields that satisfy the need as well; `required_if` names codes of other fields.

    `item` is false for what only concerns the paper (number, version, author): it goes along with any other item.
    `identifies`: it tells who the person is, and is never part of a consent without a name. `others`: it tells of
    somebody else, whose consent the person cannot give. `concealed`: it tells who told us, and stays at the desk.
    `max` counts letters, or rows. `lines` is room on paper.
    """

    label: Ruby
    type: FieldType
    grade: Grade
    source: str = ""
    by: By = By.STAFF
    required: Needed = Needed.NEVER
    required_if: Mapping[str, tuple[str, ...]] = {}
    instead: tuple[str, ...] = ()
    codes: str | None = None
    columns: Mapping[str, Column] = {}
    fill: Fill | None = None
    item: bool = True
    identifies: bool = False
    others: bool = False
    concealed: bool = False
    max: int = 0
    lines: Annotated[int, Field(ge=1, le=30)] = 1
    hint: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.grade is not Grade.OWN and not self.source:
            raise ValueError(f"grade が {self.grade.value} なら、source(何にもとづくか)を書いてください")
        _codes_fit(self.type, self.codes)
        if (self.type is FieldType.ROWS) != bool(self.columns):
            raise ValueError("columns は表(type: R)にだけ、必ず書いてください")
        return self

    @property
    def longest(self) -> int:
        """How many letters, or rows, it may hold."""
        return self.max or _LONGEST.get(self.type.value, 0)


def _codes_fit(kind: FieldType, codes: str | None) -> None:
    if (kind in (FieldType.CHOICE, FieldType.MANY)) != (codes is not None):
        raise ValueError("codes は選ぶ欄(type: C か M)にだけ、必ず書いてください")


class Cell(Part):
    """A field in its place; `width` is relative to its neighbours in the row."""

    field: str
    width: Annotated[int, Field(ge=1, le=12)] = 1


def _cell(value: object) -> object:
    """`name*3` is the field `name`, three parts wide."""
    if isinstance(value, str) and (found := re.fullmatch(r"([a-z][a-z0-9_]*)(?:\*(\d+))?", value)):
        return {"field": found[1], "width": found[2] or 1}
    return value


Line = Annotated[tuple[Annotated[Cell, BeforeValidator(_cell)], ...], Field(min_length=1, max_length=6)]


class Section(Part):
    """A headed part of a page. `sign` asks for a signature on the printed paper; `note` stands under the heading."""

    title: Ruby
    rows: Annotated[tuple[Line, ...], Field(min_length=1)]
    note: str = ""
    sign: str = ""


class SeenBy(StrEnum):
    """Whom a page is made with: with the person, who sees and corrects it, or among the agencies."""

    RESIDENT = "resident"
    AGENCIES = "agencies"


class Page(Part):
    """One side of the paper. With `seen_by: resident` every kanji of its labels needs a reading."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Ruby
    seen_by: SeenBy
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    def fields(self) -> Iterator[str]:
        """The fields of this page in reading order."""
        return (cell.field for section in self.sections for line in section.rows for cell in line)


class Terms(Part):
    """By when a recipient should answer (grade D: councils set their own)."""

    receive_workdays: Annotated[int, Field(ge=0, le=60)] = 2
    reply_days: Annotated[int, Field(ge=0, le=365)] = 7
    second_person_hours: Annotated[int, Field(ge=0, le=168)] = 24


class Form(Part):
    """A whole form. `mark` is printed on every side; `bases` are the grounds that a record without consent may name."""

    title: Ruby
    kind: Kind
    grade: Grade
    source: str = ""
    mark: Annotated[str, Field(max_length=4)] = ""
    needs: Needs
    second_person: SecondPerson = SecondPerson.NONE
    bases: tuple[str, ...] = ()
    terms: Terms = Terms()
    notes: tuple[str, ...] = ()
    codes: Annotated[Mapping[str, Codes], BeforeValidator(_without_null)] = {}
    fields: Annotated[Mapping[str, Item], BeforeValidator(_without_null)]
    pages: Annotated[tuple[Page, ...], Field(min_length=1)]

    def laid_out(self) -> Iterator[tuple[Page, str]]:
        """Every field that stands on a page, in reading order."""
        return ((page, key) for page in self.pages for key in page.fields())

    def code_label(self, table: str | None, code: str) -> str:
        """The plain label of a code; the code itself when an older form knew it."""
        found = self.codes.get(table or "", {}).get(code)
        return code if found is None else plain(found.label)


Problem = tuple[tuple[Any, ...], str]
