"""Nothing leaves without a yes, nothing is seen before somebody takes responsibility, everything can come back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest
from sheet_cast import (
    ANONYMOUS,
    CO,
    COLLEAGUE,
    FORM,
    FORMS,
    FULL,
    HOME,
    HOUKATSU,
    ITEMS,
    JIRITSU,
    LATER,
    MESSAGE,
    NOW,
    OTHER,
    TODAY,
    TORIMATOME,
    Said,
    draft,
    handed,
    ready,
    recipient,
    written,
)

from casework import sheet_moves as moves
from casework.forms import Row
from casework.sheet_needs import before_submission, due, second_due
from casework.sheet_views import MASK, Seat, Standing, View, view
from casework.sheets import (
    Basis,
    Entry,
    Handed,
    Member,
    NoConsents,
    Origin,
    Refused,
    Sheet,
    State,
    changed_since_consent,
    changes,
    without_message,
)
from casework.workdays import Workdays
from config.content import load_content

YES = Said().yes(HOUKATSU)
LATE = NOW + dt.timedelta(days=180)


def seen(sheet: Sheet, org: UUID, consents: Said = YES, staff: UUID = OTHER) -> View | None:
    return view(sheet, FORMS[sheet.form_id], Seat(org_id=org, staff_id=staff), consents, NOW)


def refusal(step: object, *args: object, **named: object) -> str:
    with pytest.raises(Refused) as refused:
        step(*args, **named)  # type: ignore[operator]
    return str(refused.value)


def test_a_full_sheet_goes_its_whole_way() -> None:
    sheet = handed(HOUKATSU, consents=YES)
    assert sheet.state is State.SUBMITTED
    sheet = moves.receive(sheet, HOUKATSU, by_name="受領 太郎", at=NOW, today=TODAY)
    sheet = moves.accept(sheet, FORM, HOUKATSU, YES, at=NOW)
    assert sheet.state is State.RECEIVED
    sheet = moves.triage(sheet, HOUKATSU, decision="several", lead_org="北地域包括支援センター", at=NOW)
    sheet = moves.met(sheet, HOUKATSU, on=TODAY)
    sheet = moves.reply(
        sheet, FORM, HOUKATSU, text="家計の相談を始めます。", next_step="12月1日に電話します。", at=NOW, on=TODAY
    )
    assert "本人に伝えた日" in refusal(moves.close, sheet, at=NOW)
    sheet = moves.close(moves.told(sheet, on=TODAY, at=NOW), at=NOW)
    assert sheet.state is State.CLOSED
    assert (sheet.told_on, sheet.value("told_person_on")) == (TODAY, TODAY)


def test_without_a_yes_nothing_is_submitted_whoever_calls() -> None:
    named = moves.name_recipient(written(draft(), **FULL), recipient(HOUKATSU))
    for consents in (NoConsents(), Said(), Said().yes(JIRITSU)):
        assert "本人の同意がまだありません" in refusal(moves.submit, named, FORM, consents, at=NOW)
        forged = replace(named, state=State.CONSENTED)
        assert "本人の同意がまだありません" in refusal(moves.submit, forged, FORM, consents, at=NOW)
        assert "本人の同意がまだありません" in refusal(moves.give_consent, named, FORM, consents, at=NOW)


def test_a_basis_in_law_never_carries_a_tsunagu_sheet() -> None:
    basis = Basis(
        kind="life_danger", reason="命", members=(), items=frozenset({"words"}), decided_by=CO, decided_at=NOW
    )
    assert "本人の同意がなければ" in refusal(moves.rest_on, draft(), FORM, basis)
    forged = replace(written(draft(), **FULL), state=State.BASIS_ONLY, basis=basis)
    assert "つなぎ先がまだ" in refusal(moves.submit, forged, FORM, YES, at=NOW)


def test_everything_that_is_missing_is_said_at_once_in_japanese() -> None:
    sheet = moves.name_recipient(draft(), recipient(HOUKATSU))
    said = refusal(moves.submit, moves.give_consent(sheet, FORM, YES, at=NOW), FORM, YES, at=NOW)
    for label in ("緊急度", "困りごとの区分", "作成日", "これまでの経過と対応", "連絡してよい方法"):
        assert f"「{label}" in said
    assert "「呼び名」か「氏名」がまだ書かれていません。" in said


def test_what_the_program_filled_in_must_be_looked_at_before_it_leaves() -> None:
    machine = Entry(value="week", origin=Origin.MACHINE, at=NOW, sources=frozenset({MESSAGE}))
    sheet = ready(HOUKATSU, consents=YES)
    sheet = replace(sheet, entries={**sheet.entries, "urgency": machine})
    assert "「緊急度」は自動で入ったままです" in refusal(moves.submit, sheet, FORM, YES, at=NOW)
    sheet = moves.confirm(sheet, "urgency", by=CO, at=NOW)
    assert moves.submit(sheet, FORM, YES, at=NOW).state is State.SUBMITTED


def test_an_anonymous_sheet_needs_no_name_and_a_named_one_does() -> None:
    anonymous = Said().yes(HOUKATSU, ANONYMOUS)
    sheet = ready(HOUKATSU, consents=anonymous)
    without = {key: entry for key, entry in sheet.entries.items() if key not in {"name", "kana", "area"}}
    sheet = replace(sheet, entries=without)
    assert before_submission(sheet, FORM, anonymous, NOW) == ()
    assert {one.key for one in before_submission(sheet, FORM, YES, NOW)} == {"name", "area"}


def test_another_recipient_needs_a_yes_of_its_own() -> None:
    sheet = moves.name_recipient(ready(HOUKATSU, consents=YES), recipient(JIRITSU))
    assert sheet.state is State.DRAFT
    assert "自立相談支援機関" in refusal(moves.give_consent, sheet, FORM, YES, at=NOW)
    assert moves.give_consent(sheet, FORM, YES.yes(JIRITSU), at=NOW).state is State.CONSENTED


def test_a_recipient_proposed_later_is_sent_nothing_before_the_yes() -> None:
    sheet = moves.name_recipient(handed(HOUKATSU, consents=YES), recipient(JIRITSU))
    proposed = sheet.handovers[-1]
    assert proposed.state is Handed.PROPOSED
    assert seen(sheet, JIRITSU) is None
    assert "同意がまだ" in refusal(moves.send_proposed, sheet, FORM, proposed.id, YES, at=NOW)
    sent = moves.send_proposed(sheet, FORM, proposed.id, YES.yes(JIRITSU), at=NOW)
    assert sent.handovers[-1].state is Handed.WAITING


def test_a_pending_recipient_sees_nothing_but_that_something_waits() -> None:
    sheet = handed(HOUKATSU, consents=YES)
    for step in (sheet, moves.receive(sheet, HOUKATSU, by_name="受領 太郎", at=NOW, today=TODAY)):
        pending = seen(step, HOUKATSU)
        assert pending is not None
        assert (pending.standing, dict(pending.entries)) == (Standing.PENDING, {})


def accepted(consents: Said = YES, sheet: Sheet | None = None) -> Sheet:
    sheet = moves.receive(
        sheet or handed(HOUKATSU, consents=consents), HOUKATSU, by_name="受領 太郎", at=NOW, today=TODAY
    )
    return moves.accept(sheet, FORM, HOUKATSU, consents, at=NOW)


def test_a_recipient_sees_what_was_agreed_to_and_nothing_else() -> None:
    anonymous = Said().yes(HOUKATSU, ANONYMOUS | {"household"})
    shown = seen(accepted(anonymous), HOUKATSU, anonymous)
    assert shown is not None
    assert "name" not in shown.entries
    assert "tel_mobile" not in shown.entries
    assert shown.entries["household"].value == (
        Row(cells={"relation": "mother", "age": 82, "lives_with": "together", "worry": "もの忘れ"}),
    )
    assert shown.entries["sheet_no"].value == "2026-0001"


def test_what_the_resident_ticked_off_is_in_no_view_at_all_also_afterwards() -> None:
    sheet = moves.exclude(accepted(), FORM, "tel_mobile")
    sheet = moves.put(sheet, FORM, "words", "電話は 090-0000-0000 です。", origin=Origin.STAFF, at=NOW, by=CO)
    for org in (HOME, HOUKATSU):
        shown = seen(sheet, org)
        assert shown is not None
        assert "tel_mobile" not in shown.entries
        assert shown.entries["words"].value == f"電話は {MASK} です。"
    again = seen(moves.include(sheet, "tel_mobile"), HOUKATSU)
    assert again is not None
    assert "tel_mobile" in again.entries


def test_a_name_inside_free_text_is_found_before_it_goes() -> None:
    anonymous = Said().yes(HOUKATSU, ANONYMOUS)
    sheet = ready(HOUKATSU, consents=anonymous)
    sheet = moves.put(sheet, FORM, "reason", "髙﨑 𠮷子さんの家計", origin=Origin.STAFF, at=NOW, by=CO)
    said = refusal(moves.submit, sheet, FORM, anonymous, at=NOW)
    assert said == "「つなぐ理由・お願いしたいこと」の中に、伝えないことになっている「氏名」があります。"


def test_a_recipient_may_see_no_more_than_its_place_allows() -> None:
    sheet = replace(
        handed(HOUKATSU, consents=YES),
        handovers=(
            replace(handed(HOUKATSU, consents=YES).handovers[0], fields=frozenset({"words"}), state=Handed.ACCEPTED),
        ),
    )
    shown = seen(sheet, HOUKATSU)
    assert shown is not None
    assert {key for key in shown.entries if FORM.fields[key].item} == {"words"}


def test_strangers_do_not_learn_that_a_sheet_exists() -> None:
    assert seen(accepted(), JIRITSU) is None
    assert seen(ready(HOUKATSU, consents=YES), HOUKATSU) is None


def test_declining_needs_a_reason_and_gives_the_sheet_back() -> None:
    sheet = handed(HOUKATSU, consents=YES)
    assert "理由" in refusal(moves.decline, sheet, HOUKATSU, reason=" ", at=NOW)
    back = moves.decline(accepted(), HOUKATSU, reason="担当の地区ではありません。", at=NOW)
    assert (back.state, back.handovers[0].reason) == (State.DRAFT, "担当の地区ではありません。")
    assert seen(back, HOUKATSU) is None


def test_a_sheet_is_sent_back_with_the_next_step_only() -> None:
    assert "次の一歩" in refusal(moves.send_back, accepted(), HOUKATSU, next_step="", at=NOW)
    assert "つなぎ戻し" in refusal(moves.triage, accepted(), HOUKATSU, decision="returned", lead_org="", at=NOW)
    back = moves.send_back(accepted(), HOUKATSU, next_step="自立相談支援機関に相談してください。", at=NOW)
    assert (back.state, back.next_step) == (State.DRAFT, "自立相談支援機関に相談してください。")
    anew = moves.name_recipient(back, recipient(JIRITSU))
    assert "自立相談支援機関" in refusal(moves.give_consent, anew, FORM, YES, at=NOW)


def test_one_who_still_has_it_keeps_it_when_another_declines() -> None:
    both = YES.yes(TORIMATOME)
    sheet = moves.decline(
        accepted(both, handed(HOUKATSU, TORIMATOME, consents=both)), TORIMATOME, reason="対象外", at=NOW
    )
    assert sheet.state is State.RECEIVED
    assert seen(sheet, HOUKATSU, both) is not None


@pytest.mark.parametrize("steps", range(5))
def test_a_withdrawal_calls_it_back_from_every_state(steps: int) -> None:
    sheet = ready(HOUKATSU, consents=YES)
    way = (
        lambda s: moves.submit(s, FORM, YES, at=NOW),
        lambda s: accepted(sheet=s),
        lambda s: moves.triage(s, HOUKATSU, decision="single", lead_org="", at=NOW),
        lambda s: moves.reply(s, FORM, HOUKATSU, text="結果", next_step="次", at=NOW, on=TODAY),
    )
    for step in way[:steps]:
        sheet = step(sheet)
    after = moves.withdrawn(sheet, FORM, YES.no_more(HOUKATSU), at=NOW)
    assert after.state is State.RECALLED
    assert after.handovers[0].state is Handed.RECALLED
    assert seen(after, HOUKATSU, YES) is None
    assert "取り消し" in refusal(moves.submit, after, FORM, YES, at=NOW)
    told = moves.stop_told(after, after.handovers[0].id, at=NOW)
    assert told.handovers[0].told_to_stop_at == NOW
    assert moves.reopen(after).state is State.DRAFT


def test_a_withdrawal_stops_the_view_even_before_anything_is_stored() -> None:
    assert seen(accepted(), HOUKATSU, YES.no_more(HOUKATSU)) is None


def test_a_withdrawal_for_one_leaves_the_others() -> None:
    both = YES.yes(TORIMATOME)
    sheet = moves.withdrawn(handed(HOUKATSU, TORIMATOME, consents=both), FORM, both.no_more(HOUKATSU), at=NOW)
    assert [one.state for one in sheet.handovers] == [Handed.RECALLED, Handed.WAITING]
    assert sheet.state is State.SUBMITTED


def test_withdrawal_after_closing_ends_the_view_and_asks_the_recipient_to_stop() -> None:
    sheet = replace(accepted(), state=State.CLOSED, closed_at=NOW)
    after = moves.withdrawn(sheet, FORM, YES.no_more(HOUKATSU), at=NOW)
    assert (after.state, after.handovers[0].state) == (State.CLOSED, Handed.RECALLED)


def test_accepting_after_a_withdrawal_is_refused() -> None:
    sheet = moves.receive(handed(HOUKATSU, consents=YES), HOUKATSU, by_name="受領 太郎", at=NOW, today=TODAY)
    assert "取り消されています" in refusal(moves.accept, sheet, FORM, HOUKATSU, Said(), at=NOW)


def meeting(second_by: UUID | None = None) -> Sheet:
    form = FORMS["meeting"]
    values = {
        "sheet_no": "1", "created_on": TODAY, "from_org": "社協", "from_person": "花子", "channel": "line",
        "meeting_on": TODAY, "convened_by": "見本市 福祉相談課", "why_without": "まだ会えていない。", "nickname": "あ",
        "topics": ("care",), "urgency": "week", "urgency_reason": "食事がとれていない。", "safety": ("unknown",),
        "safe_contact": "わからない", "history": (Row(cells={"what": "訪問した"}),), "discuss": "だれが会いに行くか",
    }  # fmt: skip
    sheet = draft("meeting")
    for key, value in values.items():
        if key in form.fields:
            sheet = moves.put(sheet, form, key, value, origin=Origin.STAFF, at=NOW, by=CO)  # type: ignore[arg-type]
    member = Member(org_id=HOUKATSU, staff_id=OTHER, org_name="北包括", name="会議 一郎")
    basis = Basis(
        kind="support_meeting", reason="会えていない。", members=(member,), items=frozenset({"discuss", "urgency"}),
        decided_by=CO, decided_at=NOW, second_asked=COLLEAGUE,
    )  # fmt: skip
    sheet = moves.rest_on(sheet, form, basis)
    return sheet if second_by is None else moves.second(sheet, by=second_by, at=NOW)


def test_a_record_without_consent_is_for_those_named_after_a_second_person_agreed() -> None:
    form = FORMS["meeting"]
    assert "もう1人" in refusal(moves.submit, meeting(), form, NoConsents(), at=NOW)
    assert "別の職員" in refusal(moves.second, meeting(), by=CO, at=NOW)
    assert "頼まれた" in refusal(moves.second, meeting(), by=OTHER, at=NOW)
    sheet = moves.submit(meeting(COLLEAGUE), form, NoConsents(), at=NOW)
    named = seen(sheet, HOUKATSU, Said(), OTHER)
    assert named is not None
    assert {key for key in named.entries if form.fields[key].item} == {"discuss", "urgency"}
    assert seen(sheet, HOUKATSU, Said(), UUID(int=999)) is None
    assert seen(sheet, HOME, Said(), UUID(int=999)) is None
    assert seen(sheet, HOME, Said(), COLLEAGUE) is not None


def test_a_notification_goes_at_once_and_a_second_person_agrees_within_the_hours() -> None:
    form = FORMS["notification"]
    sheet = draft("notification")
    values = {
        "known_at": "今日の14時",
        "subject": "もみじ",
        "facts": "泣き声",
        "notified": (Row(cells={"place": "児相"}),),
    }
    numbered = {"sheet_no": "1", "created_on": TODAY, "from_org": "社協", "from_person": "花子", "safety": ("unknown",)}
    for key, value in (values | numbered).items():
        sheet = moves.put(sheet, form, key, value, origin=Origin.STAFF, at=NOW, by=CO)  # type: ignore[arg-type]
    basis = Basis(
        kind="child_abuse", reason="泣き声が続く", members=(), items=frozenset({"facts"}), decided_by=CO, decided_at=NOW
    )
    sheet = moves.submit(moves.rest_on(sheet, form, basis), form, NoConsents(), at=NOW)
    assert second_due(sheet, form) == NOW + dt.timedelta(hours=24)
    assert "もう1人" in refusal(moves.close, sheet, at=NOW)
    sheet = moves.second(sheet, by=COLLEAGUE, at=NOW)
    assert second_due(sheet, form) is None
    assert moves.close(sheet, at=NOW).state is State.CLOSED


def test_information_about_somebody_is_no_consent_and_hides_who_gave_it() -> None:
    form = FORMS["information"]
    told = draft("information")
    assert "つなぎには使えません" in refusal(moves.name_recipient, told, recipient(HOUKATSU))
    for key, value in {"giver_name": "隣の 次郎", "topics": ("care",), "sheet_no": "9"}.items():
        told = moves.put(told, form, key, value, origin=Origin.STAFF, at=NOW, by=CO)  # type: ignore[arg-type]
    anew = moves.as_sheet(told, draft(number=2), FORM, at=NOW)
    assert anew.state is State.DRAFT
    assert anew.entries.keys() == {"topics"}


def test_a_sheet_begun_anew_takes_the_words_and_leaves_what_was_decided() -> None:
    said = moves.reply(accepted(), FORM, HOUKATSU, text="結果", next_step="次", at=NOW, on=TODAY)
    closed = moves.close(moves.told(said, on=TODAY, at=NOW), at=NOW)
    household = (Row(cells={"relation": "mother", "agrees": "yes"}),)
    closed = replace(closed, entries={**closed.entries, "household": replace(closed.entries["words"], value=household)})
    found = Entry(value="きのうから何も食べてない", origin=Origin.MACHINE, at=LATE)
    fresh = moves.prefilled(draft(number=2), FORM, {"words": found, "wish": found})
    anew = moves.as_sheet(closed, fresh, FORM, at=LATE)
    assert (anew.state, anew.handovers, anew.told_on) == (State.DRAFT, (), None)
    assert anew.value("words") == closed.value("words")
    assert anew.value("wish") == found.value
    assert not {"reply", "replied_on", "received_by", "told_person_on", "from_person"} & set(anew.entries)
    assert anew.value("household") == (Row(cells={"relation": "mother"}),)
    # Somebody looks at these two anew: they may be half a year old.
    assert {key for key, one in anew.entries.items() if one.unconfirmed} == {"urgency", "safe_contact", "wish"}


def test_a_sheet_begun_anew_rests_on_what_was_agreed_to_since() -> None:
    anew = replace(written(draft(number=2), **FULL), earlier=UUID(int=1), created_at=LATE)
    anew = moves.name_recipient(anew, recipient(HOUKATSU))
    assert "本人の同意がまだありません" in refusal(moves.give_consent, anew, FORM, YES, at=LATE)
    assert moves.give_consent(anew, FORM, replace(YES, on=LATE), at=LATE).state is State.CONSENTED


def test_dates_by_when_an_answer_is_expected() -> None:
    def add(day: dt.date, count: int) -> dt.date:
        """The last days of November are no working days."""
        later = day + dt.timedelta(days=count)
        return later if later.month == 12 or later.day < 28 else later + dt.timedelta(days=2)

    sheet = handed(HOUKATSU, consents=YES)
    asked = due(sheet, FORM, sheet.handovers[0], add, dt.UTC)
    assert (asked.receive_by, asked.reply_by) == (dt.date(2026, 11, 30), dt.date(2026, 12, 3))
    assert not asked.late(dt.date(2026, 11, 30))
    assert asked.late(dt.date(2026, 12, 1))
    assert due(accepted(), FORM, accepted().handovers[0], add, dt.UTC).receive_by is None


@pytest.mark.parametrize(("sent_on", "reply_by"), [(25, 4), (28, 5)])
def test_an_answer_that_would_be_due_while_the_desk_is_closed_is_due_when_it_opens(sent_on: int, reply_by: int) -> None:
    desk = Workdays.of(load_content().desk)
    sheet = handed(HOUKATSU, consents=YES)
    sent = dt.datetime(2026, 12, sent_on, 10, tzinfo=desk.zone)
    one = replace(sheet.handovers[0], sent_at=sent)

    def add(day: dt.date, count: int) -> dt.date:
        for _ in range(count):
            day = desk.workday_after(day) or day
        return day

    asked = due(sheet, FORM, one, add, desk.zone)
    assert (asked.receive_by, asked.reply_by) == (dt.date(2027, 1, reply_by), dt.date(2027, 1, reply_by))
    assert not asked.late(dt.date(2027, 1, reply_by))
    assert asked.late(dt.date(2027, 1, reply_by + 1))


def test_an_unsent_message_takes_with_it_what_was_read_from_it() -> None:
    quotes = (
        Row(cells={"text": "家賃が払えない"}, source=MESSAGE),
        Row(cells={"text": "眠れない"}, source=LATER),
    )
    entries = {
        "quotes": Entry(
            value=quotes, origin=Origin.MACHINE, at=NOW, sources=frozenset({MESSAGE, LATER}), confirmed_by=CO
        ),
        "age_band": Entry(value="50", origin=Origin.MACHINE, at=NOW, sources=frozenset({MESSAGE})),
        "topics": Entry(value=("income",), origin=Origin.STAFF, at=NOW, sources=frozenset({MESSAGE})),
    }
    left = without_message(replace(draft(), entries=entries), MESSAGE).entries
    assert left.keys() == {"quotes", "topics"}
    assert left["quotes"].value == quotes[1:]
    assert left["topics"].sources == frozenset()


def test_two_versions_tell_what_differs_and_what_came_after_the_yes() -> None:
    sheet = ready(HOUKATSU, consents=YES)
    later = moves.put(sheet, FORM, "wish", "母と暮らしたい", origin=Origin.RESIDENT, at=NOW + dt.timedelta(minutes=1))
    (change,) = changes(sheet, later)
    assert (change.key, change.before, change.after and change.after.value) == ("wish", None, "母と暮らしたい")
    assert changed_since_consent(later, FORM) == ("wish",)
    assert {"household", "household.name"} <= ITEMS


def test_what_the_recipient_stamps_and_answers_is_not_said_to_be_rewritten_after_the_yes() -> None:
    sheet = ready(HOUKATSU, consents=YES)
    after = NOW + dt.timedelta(days=1)
    stamps = {
        key: Entry(value="済", origin=Origin.STAFF, at=after) for key in ("received_by", "reply", "told_person_on")
    }
    stamped = replace(sheet, entries={**sheet.entries, **stamps})
    assert stamps.keys() <= FORM.fields.keys()
    assert changed_since_consent(stamped, FORM) == ()
    assert "to_org" not in ITEMS
