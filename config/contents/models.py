"""Typed, frozen models of the words: what each YAML file must hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Answer = Literal["yes", "call", "meet", "stay", "no"]
FRESH_DAYS = 180
STATIC_PLACEHOLDERS = frozenset({"organisation", "account", "staff", "hours"})
#: Filled by the rule that says the sentence.
VALUES = frozenset({"next_open", "first", "second", "at", "who", "topic", "list", "place"})
VALUES |= frozenset({"age", "count", "rhythm", "band", "begins", "ends", "minutes", "days"})
VALUES |= frozenset({"years", "shortest", "received"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Part(BaseModel):
    """Base of all content models: frozen, and every unknown key is a mistake worth naming."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _neat(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("空にしたり、前や後ろに空白を入れたりしないでください")
    unknown = set(PLACEHOLDER.findall(text)) - STATIC_PLACEHOLDERS - VALUES
    if unknown or re.sub(PLACEHOLDER, "", text).count("{"):
        raise ValueError(f"この差しこみは使えません: {', '.join(sorted(unknown)) or '{'}")
    return text


def _clock(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\d{2}:\d{2}", value):
        raise ValueError("時刻は 09:00 の形で書いてください")
    return value


Phrase = Annotated[str, AfterValidator(_neat)]
Clock = Annotated[dt.time, BeforeValidator(_clock)]
Variants = Annotated[tuple[Phrase, ...], Field(min_length=3)]


class VariantsForMinor(Part):
    """The same where a grown-up's words would be wrong: `plain` for those of 13 and more, `kana` for the smaller."""

    plain: Variants
    kana: Variants


class LineForMinor(Part):
    """One sentence where the grown-up's would be wrong for a child or a teenager."""

    plain: Phrase
    kana: Phrase


class Voiced(Part):
    """The same thing said at least three ways, for grown-ups and in kana (children, やさしい日本語).

    Elders hear the `plain` ones that need no katakana word; who is under age the `minor` ones, where there are any.
    """

    plain: Variants
    kana: Variants
    minor: VariantsForMinor | None = None


class Said(Part):
    """Fixed bubbles, said in this order, in both voices; `elder` where the plain ones need a katakana word."""

    plain: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=3)]
    kana: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=3)]
    elder: Annotated[tuple[Phrase, ...], Field(max_length=3)] = ()


class Line(Part):
    """One fixed sentence in both voices; `elder` where the plain one needs a katakana word, `minor` where it would be
    wrong for who is under age."""

    plain: Phrase
    kana: Phrase
    elder: Phrase | None = None
    minor: LineForMinor | None = None


class Opening(Part):
    """Hours in which a person reads, on the days named (0 = Monday)."""

    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1)]
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens は closes より前にしてください")
        return self


class Place(Part):
    """A place to call or write to. Only facts that were checked; `checked_on` says when."""

    name: Phrase
    kana: Phrase
    official_name: str
    number: str | None = None
    uri: str
    hours: Line
    cost: str
    always: bool
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    about: Line | None = None
    ages: Literal["all", "children", "adults"] = "all"
    #: Prefectures it is for; none means everywhere.
    areas: tuple[str, ...] = ()
    #: The contact whose place it takes in these prefectures.
    instead_of: str | None = None
    checked_on: dt.date
    source_url: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @model_validator(mode="after")
    def _number_and_uri_agree(self) -> Self:
        if not self.source_url.startswith("https://"):
            raise ValueError("source_url は https:// で始めてください")
        if self.instead_of is not None and not self.areas:
            raise ValueError("instead_of を書くなら、areas もいります")
        if self.topics and self.about is None:
            raise ValueError("topics を書くなら、about(かけるとどうなるか)もいります")
        if self.number is None:
            if urlsplit(self.uri).scheme != "https" or not urlsplit(self.uri).netloc:
                raise ValueError("番号がないなら、uri は https:// のアドレスにしてください")
            return self
        if not re.fullmatch(r"#?\d{2,5}(-\d{1,6}){0,3}", self.number):
            raise ValueError(f"「{self.number}」は、電話番号の形ではありません")
        if self.uri != "tel:" + self.number.replace("-", "").replace("#", "%23"):
            raise ValueError(f"uri が {self.number} にかかりません")
        if len(re.sub(r"\D", "", self.number)) not in {3, 4, 10, 11}:
            raise ValueError(f"「{self.number}」は、数字が足りないか多すぎます")
        return self

    def valid_on(self, day: dt.date) -> bool:
        """Whether it may be shown on `day`."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def fresh_on(self, day: dt.date) -> bool:
        """Whether it was checked lately enough to be told as a fact. Danger does not wait for that."""
        return self.valid_on(day) and (day - self.checked_on).days <= FRESH_DAYS


class SendingLimits(Part):
    """How much the desk sends by itself. `quota_reserve` messages of a month are kept for people and crises."""

    per_minute: Annotated[int, Field(ge=1, le=6000)] = 120
    quota_reserve: Annotated[int, Field(ge=0)] = 50


class Retention(Part):
    """How long words are kept: days after the last contact of somebody who never agreed to be read, 年度 after the
    closing of a case with consent. `automatic`: the clock carries it out, else a person does (`tsunagu retention`).
    """

    automatic: bool = False
    anonymous_days: Annotated[int, Field(ge=7, le=3650)] = 90
    consented_years: Annotated[int, Field(ge=1, le=30)] = 5


class DeskWords(Part):
    """The desk itself: whose it is, when a person reads, which local numbers it has."""

    example: bool
    organisation: Phrase
    account: Phrase
    staff: Phrase
    #: 都道府県, for contacts that are for some of them only.
    prefecture: str = ""
    zone: str
    hours: Annotated[tuple[Opening, ...], Field(min_length=1)]
    hours_shown: Line
    #: Seconds to wait for more words after the last one, because people write in bursts.
    listening_pause: Annotated[float, Field(ge=0, le=10)] = 2.0
    closed_days: tuple[dt.date, ...] = ()
    closed_every_year: tuple[Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")], ...] = ()
    holidays_known_until: dt.date
    offers_person: bool
    sending: SendingLimits = SendingLimits()
    retention: Retention = Retention()
    #: So many months before somebody turns 18, 40 or 65 staff are reminded, where an age is known.
    months_before_milestone: Annotated[int, Field(ge=0, le=24)] = 6
    #: Where residents talk: in LINE, or in a room on our own page, so that LINE only knocks.
    conversation_place: Literal["line", "room"] = "line"
    local: Mapping[Literal["elder", "child", "livelihood", "disability", "desk"], Place] = {}

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"「{self.zone}」という時間帯はありません(日本は Asia/Tokyo)") from error
        return self


class Notice(Part):
    """What is said before anything else, and when somebody comes back."""

    full: Said
    short: Line
    invite: Line
    welcome_back: Voiced


class ForeignConsent(Part):
    """What is asked before anybody else may know. `{place}` is the organisation that would be told."""

    read: Phrase
    ask_around: Phrase
    tell_name: Phrase


class ForeignCheckIn(Part):
    """What stands beside the offer of check-ins, beside what is asked for them, and beside each of them."""

    offer: Phrase
    often: Phrase
    seen: Phrase
    word: Phrase


class Foreign(Part):
    """What is fixed in another language: the notice, where to turn in danger, that the talk is in easy Japanese and
    where other languages are spoken, that a person was asked for, and what consent is asked for."""

    name: str
    reviewed: bool
    notice: Phrase
    danger: Phrase
    language: Phrase
    person: Phrase
    consent: ForeignConsent
    check_in: ForeignCheckIn


class Topic(Part):
    """How one category is taken up: its word in a resident's ear, what is said to it, what is asked."""

    word: Line
    take_up: Voiced
    ask: Voiced


class Role(Part):
    """For those who write about somebody else: never asked to find out more."""

    take_up: Voiced
    #: To what strangers write after that: what is said to the person concerned would be said to the wrong one.
    further: Voiced | None = None
    ask: Voiced


class States(Part):
    """What is said by the state of the talk rather than by its subject."""

    open: Voiced
    further: Voiced
    both: Voiced
    guarded: Voiced
    brief: Voiced
    beside_guarded: Voiced
    invite: Voiced
    ask: Voiced
    greeting: Voiced
    thanks: Voiced
    test: Voiced
    good_news: Voiced
    fine: Voiced
    bye: Voiced
    alive: Voiced
    returns: Voiced
    eased: Voiced
    leaves: Voiced
    question: Voiced
    apology: Voiced
    not_dying: Voiced
    short: Voiced
    ask_open: Voiced
    closed: Voiced


class Information(Part):
    """One place that fits, when somebody asks."""

    found: Voiced
    unasked: Voiced
    title: Line
    local: Mapping[str, tuple[str, ...]]


class Listening(Part):
    """The listening answers that do not depend on a category."""

    feelings: Mapping[str, Voiced]
    roles: Mapping[str, Role]
    not_your_fault: Voiced
    states: States
    information: Information
    #: What a question that was not understood may have been about: labels of buttons by right.
    questions: Mapping[Literal["who_sees", "name_needed", "told_family", "record"], Line]
    #: The button of such an answer that asks for a person.
    ask_person: Line


class Offer(Part):
    """The offer of a person: soft, and as easy to decline as to take."""

    text: Voiced
    urgent: Line
    labels: Mapping[Answer, Line]
    answers: Mapping[Answer, Voiced]
    call_elsewhere: Voiced
    closed: Line
    title: Line


class Kinds(Part):
    """Answers to what came without words, and to a button of ours that means nothing any more."""

    sticker: Voiced
    image: Voiced
    video: Voiced
    audio: Voiced
    file: Voiced
    location: Voiced
    other: Voiced
    old_button: Voiced


class Rule(Part):
    """A wording that must not reach a resident, and why."""

    pattern: str
    why: str


class Forbidden(Part):
    """The rules of wording that the content check applies."""

    rules: tuple[Rule, ...]
    easy_kanji: str
