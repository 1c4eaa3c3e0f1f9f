"""The pages of sheets: drafted, written by two people at once, handed over, answered — and seen by nobody else."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from office import Browser, Office, Person, Shown, shared_content
from openpyxl import load_workbook
from sheet_cast import ANONYMOUS, FORMS, Said

from casework.people import Grant, Role
from casework.sheets import consent_items
from casework.standing import News, Terms
from casework.workdays import Workdays
from handlers.staff.sheet_consents import given_of
from handlers.staff.sheet_work import SheetWork
from storage import cases, consents, recipients, residents, sheets
from storage.cases import Whose
from storage.ids import new_id
from storage.residents import Sender
from storage.tables import Channel

pytestmark = pytest.mark.anyio


@dataclass
class Scene:
    """A desk with a case, its coordinators, and two organisations next door."""

    office: Office
    case_id: UUID
    said: dict[str, Said] = field(default_factory=lambda: {"now": Said()})
    places: dict[str, recipients.RecipientRow] = field(default_factory=dict)

    @property
    def here(self) -> str:
        return f"/staff/cases/{self.case_id}/sheets"

    async def at(self, name: str) -> Browser:
        return await self.office.at_work(self.office.people[name])

    def agrees(self, place: str, items: frozenset[str] | None = None) -> None:
        """The resident says yes to an organisation."""
        org = self.places[place].organisation_id
        self.said["now"] = self.said["now"].yes(org) if items is None else self.said["now"].yes(org, items)

    def withdraws(self, place: str) -> None:
        self.said["now"] = self.said["now"].no_more(self.places[place].organisation_id)


COORDINATOR = Grant(role=Role.COORDINATOR, desk_id="default")
USER_ID = f"U{7:032x}"
KITA = Grant(role=Role.RECIPIENT, desk_id="default")
CITY = (Grant(role=Role.RECIPIENT, desk_id="default"), Grant(role=Role.TRIAGER, desk_id="default"))


@pytest.fixture
async def scene(office: Office) -> Scene:
    said = {"now": Said()}

    async def agreed(_connection: object, _keyring: object, _resident: object, /) -> Said:
        return said["now"]

    calendar = Workdays.of(shared_content().desk)
    desks = ("default", "other")
    workdays = dict.fromkeys(desks, calendar)
    work = SheetWork(forms=dict.fromkeys(desks, FORMS), workdays=workdays, consents=agreed)
    opened = await Office.opened(office.console.database, sheets=work)
    await opened.person("hanako", COORDINATOR, shown_name="相談 花子")
    await opened.person("jiro", COORDINATOR, shown_name="相談 次郎")
    await opened.person("kita", KITA, organisation="北地域包括支援センター")
    await opened.person("city", *CITY, organisation="市福祉相談課")
    made = Scene(office=opened, case_id=await _case(opened), said=said)
    async with opened.console.database.write() as connection:
        for name, login in (("北地域包括支援センター", "kita"), ("市福祉相談課", "city")):
            org = await _organisation(connection, opened.people[login])
            made.places[login] = await recipients.add(
                connection, desk_id="default", name=name, mail=None, fields=None, collects=login == "city",
                at=opened.clock(), new_id=new_id, organisation_id=org,
            )  # fmt: skip
    return made


async def _organisation(connection: Any, person: Person) -> UUID:
    from storage import staff

    account = await staff.by_id(connection, person.id)
    assert account is not None
    return account.organisation_id


async def _case(office: Office) -> UUID:
    console, now = office.console, office.clock()
    sender = Sender(desk_id="default", channel=Channel.LINE, index=b"i" * 32)
    terms = Terms(urgent_within=timedelta(minutes=30), workdays=Workdays.of(shared_content().desk))
    news = News(at=now, turn=1, wrote=True, answered=True, asks="accepts_person")
    async with console.database.write() as connection:
        resident = await residents.create(connection, console.keyring, sender, address=USER_ID, now=now, new_id=new_id)
        whose = Whose(id=resident.id, desk_id="default", alias=resident.alias)
        case = await cases.note_turn(connection, whose, news, terms, new_id=new_id)
    assert case is not None
    return case.id


def words(shown: Shown) -> str:
    """What a page says, without tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", shown.text))


async def drafted(scene: Scene, browser: Browser, form: str = "tsunagu") -> str:
    """The address of a new draft."""
    made = await browser.send(scene.here, scene.here, form=form)
    assert made.status == 303, made.text
    return made.location.split("?")[0]


FRONT = {
    "f.channel": "line", "f.nickname": "もみじ", "f.name": "髙﨑 𠮷子", "f.area": "北町",
    "f.birth_date": "昭和49年3月2日",
    "f.from_org": "見本市社協", "f.from_person": "花子", "f.created_on": "令和8年11月26日",
    "f.safe_contact": "LINEだけ", "f.topics": ["income", "care"], "f.top_topic": "income", "f.words": "家賃が払えない",
    "f.reason": "家計をみてほしい", "r.household.0.relation": "mother", "r.household.0.name": "髙﨑 ウメ",
    "r.household.0.age": "82",
}  # fmt: skip
BACK = {
    "f.urgency": "week", "f.urgency_reason": "来週支払い", "f.safety": ["food"], "f.shared_scope": "母には言わない",
    "f.ask": ["visit"], "r.history.0.what": "話を聞いた",
}  # fmt: skip


async def saved(browser: Browser, at: str, side: str, fields: dict[str, Any]) -> Shown:
    page = await browser.get(f"{at}?side={side}")
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    return await browser.post(f"{at}?side={side}", page.token, version=version[1], **fields)


async def act(browser: Browser, at: str, where: str, name: str, **fields: Any) -> Shown:
    return await browser.send(at, f"{at}/{where}", act=name, **fields)


async def filled(scene: Scene, browser: Browser) -> str:
    at = await drafted(scene, browser)
    for side, fields in (("front", FRONT), ("back", BACK)):
        shown = await saved(browser, at, side, fields)
        assert shown.status == 303, words(shown)
    return at


async def submitted(scene: Scene, browser: Browser, place: str = "kita") -> str:
    at = await filled(scene, browser)
    assert (await act(browser, at, "prepare", "name", recipient=str(scene.places[place].id))).status == 303
    scene.agrees(place)
    assert (await act(browser, at, "prepare", "consent")).status == 303
    shown = await act(browser, at, "hand", "submit")
    assert shown.status == 303, words(shown)
    return at


async def test_a_draft_says_what_is_missing_and_nothing_can_be_submitted(scene: Scene) -> None:
    async with await scene.at("hanako") as browser:
        at = await drafted(scene, browser)
        page = await browser.get(at)
        assert "つなぎ先がまだ決まっていません。" in words(page)
        assert "「困りごとの区分」がまだ書かれていません。" in words(page)
        assert "2026-0001-1" in words(page)
        refused = await act(browser, at, "hand", "submit")
        assert refused.status == 409
        assert "「緊急度」は自動で入ったままです。" in words(refused)
        assert "自動・未確認" in words(await browser.get(f"{at}?side=back"))


async def test_what_is_typed_wrongly_stays_with_the_reason(scene: Scene) -> None:
    async with await scene.at("hanako") as browser:
        at = await drafted(scene, browser)
        shown = await saved(browser, at, "front", FRONT | {"f.birth_date": "むかし", "r.household.0.age": "八十"})
        assert shown.status == 422
        assert "日付は「令和8年11月26日」や" in words(shown)
        assert "「年齢」：数字で書いてください。" in words(shown)
        assert 'value="むかし"' in shown.text
        assert 'value="八十"' in shown.text
        assert "家賃が払えない" in shown.text


async def test_two_people_write_and_neither_loses_a_word(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("jiro") as jiro:
        at = await drafted(scene, hanako)
        first, second = await hanako.get(at), await jiro.get(at)
        version = re.search(r'name="version" value="(\d+)"', first.text)
        assert version is not None
        same = {"version": version[1]}
        assert (await hanako.post(f"{at}?side=front", first.token, **same, **FRONT)).status == 303
        other = await jiro.post(f"{at}?side=front", second.token, **same, **(FRONT | {"f.words": "別の言葉"}))
        assert other.status == 409
        assert "ほかの職員が書いたもの" in words(other)
        assert "家賃が払えない" in words(other)
        assert "別の言葉" in other.text
        more = await jiro.post(f"{at}?side=front", second.token, **same, **{**_as_shown(second), "f.wish": "眠りたい"})
        assert more.location.startswith(f"{at}?done=merged")
        page = await hanako.get(at)
        assert "眠りたい" in page.text
        assert "家賃が払えない" in page.text


def _as_shown(page: Shown) -> dict[str, Any]:
    """What a browser sends of a page nobody wrote in."""
    found: dict[str, Any] = dict(re.findall(r'<input id="f-[a-z_]+" name="(f\.[a-z_]+)" value="([^"]*)"', page.text))
    for name, chosen in re.findall(
        r'<select id="f-[a-z_]+" name="(f\.[a-z_]+)">.*?value="([^"]*)" selected', page.text
    ):
        found[name] = chosen
    return found


async def test_the_whole_way_to_a_recipient_and_back(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("kita") as kita:
        at = await submitted(scene, hanako)
        listed = await kita.get("/staff/handed")
        assert "2026-0001-1" in words(listed)
        sheet_id = at.rsplit("/", 1)[1]
        there = f"/staff/handed/{sheet_id}"
        assert "家賃" not in words(await kita.get(there))
        assert (await kita.get(f"{there}/files/pdf")).status == 404
        await kita.send(there, f"{there}/answer", act="receive")
        assert "家賃" not in words(await kita.get(there))
        await kita.send(there, f"{there}/answer", act="accept")
        page = await kita.get(there)
        assert "家賃が払えない" in words(page)
        assert "髙﨑 𠮷子" in words(page)
        incomplete = await kita.send(there, f"{there}/answer", act="reply", text="始めます", next_step="")
        assert (incomplete.status, "次の一歩を書いてください。" in words(incomplete)) == (409, True)
        assert "始めます" in incomplete.text
        await kita.send(there, f"{there}/answer", act="reply", text="始めます", next_step="12月1日に電話")
        page = await hanako.get(at)
        assert "始めます" in words(page)
        early = await act(hanako, at, "hand", "close")
        assert "回答を本人に伝えた日がまだ記録されていません。" in words(early)
        await act(hanako, at, "hand", "told")
        assert (await act(hanako, at, "hand", "close")).status == 303
    acts = await scene.office.acts()
    assert {"sheet_created", "sheet_seen", "sheet_submitted", "sheet_accepted", "sheet_replied"} <= set(acts)


async def test_the_one_who_divides_up_does_so_after_taking_responsibility(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("city") as city:
        at = await submitted(scene, hanako, "city")
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        await city.send(there, f"{there}/answer", act="receive")
        early = await city.send(there, f"{there}/triage", act="triage", decision="several")
        assert early.status == 409
        await city.send(there, f"{there}/answer", act="accept")
        none = await city.send(there, f"{there}/triage", act="triage", decision="")
        assert "振り分けを選んでください。" in words(none)
        done = await city.send(there, f"{there}/triage", act="triage", decision="several", lead_org="北包括")
        assert done.status == 303
        assert "振り分け済み" in words(await hanako.get(at))


async def test_a_recipient_sees_only_what_was_agreed_to_on_page_and_in_files(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("kita") as kita:
        at = await filled(scene, hanako)
        await act(hanako, at, "prepare", "name", recipient=str(scene.places["kita"].id))
        scene.agrees("kita", ANONYMOUS)
        await act(hanako, at, "prepare", "consent")
        assert (await act(hanako, at, "hand", "submit")).status == 303
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        for name in ("receive", "accept"):
            await kita.send(there, f"{there}/answer", act=name)
        shown = [words(await kita.get(there))]
        shown.append((await kita.get(f"{there}/files/json")).text)
        book = await kita.http.get(f"{there}/files/xlsx")
        cells = load_workbook(io.BytesIO(book.content)).worksheets[0].iter_rows(values_only=True)
        shown.append(str(list(cells)))
        for text in shown:
            assert "家賃が払えない" in text
            assert "髙﨑" not in text
            assert "母には言わない" not in text
        assert (await kita.http.get(f"{there}/files/pdf")).content.startswith(b"%PDF-")


async def test_a_withdrawal_shuts_the_door_at_once(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("kita") as kita:
        at = await submitted(scene, hanako)
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        token = (await kita.get(there)).token
        scene.withdraws("kita")
        assert (await kita.get(there)).status == 404
        assert (await kita.post(f"{there}/answer", token, act="receive")).status == 404
        assert "2026-0001-1" not in words(await kita.get("/staff/handed"))


async def test_what_the_resident_keeps_is_on_no_page_and_survives_the_writing_of_others(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await filled(scene, hanako)
        await act(hanako, at, "prepare", "exclude", item="name")
        await act(hanako, at, "prepare", "exclude", item="household.name")
        page = await hanako.get(at)
        assert "髙﨑" not in page.text
        shown = await saved(
            hanako, at, "front", {**FRONT, "f.name": "だれか", "f.wish": "眠りたい", "r.household.0.name": ""}
        )
        assert shown.status == 303, words(shown)
        await act(hanako, at, "prepare", "include", item="name")
        await act(hanako, at, "prepare", "include", item="household.name")
        page = await hanako.get(at)
        assert 'value="髙﨑 𠮷子"' in page.text
        assert 'value="髙﨑 ウメ"' in page.text


async def test_confirming_takes_the_mark_off_and_says_who(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await drafted(scene, hanako)
        assert (await saved(hanako, at, "back", {"f.urgency": "usual", "confirm": "urgency"})).status == 303
        assert "自動・確認済み" in words(await hanako.get(f"{at}?side=back"))


async def test_a_record_without_consent_is_found_by_those_named_only(scene: Scene) -> None:
    jiro_id = scene.office.people["jiro"].id
    async with await scene.at("hanako") as hanako, await scene.at("jiro") as jiro:
        at = await drafted(scene, hanako, "notification")
        assert (await jiro.get(at)).status == 404
        assert "通告・通報記録" not in (await jiro.get(scene.here)).text.split("新しく作る")[0]
        kept = await act(
            hanako, at, "prepare", "basis", kind="child_abuse", reason="泣き声", items=["facts"], second=str(jiro_id)
        )
        assert kept.status == 303, words(kept)
        assert (await jiro.get(at)).status == 200
        assert "別の職員" in words(await act(hanako, at, "prepare", "second"))
        assert (await act(jiro, at, "prepare", "second")).status == 303


async def test_what_the_police_need_to_find_somebody_is_on_their_paper_only(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        assert USER_ID in (await hanako.get(await drafted(scene, hanako, "inquiry"))).text
        for form in ("tsunagu", "notification"):
            at = await drafted(scene, hanako, form)
            assert USER_ID not in (await hanako.get(at)).text
            assert USER_ID not in (await hanako.get(f"{at}?side=back")).text


async def test_history_and_blank_forms(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await filled(scene, hanako)
        page = await hanako.get(f"{at}/history")
        assert "書きかえ" in words(page)
        assert "家賃" not in words(page)
        for form in FORMS.by_id:
            assert (await hanako.http.get(f"/staff/sheets/blank/{form}")).content.startswith(b"%PDF-")
        assert (await hanako.get("/staff/sheets/blank/none")).status == 404
        assert (await hanako.get(f"{at}/files/exe")).status == 404


async def test_pages_are_light(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await filled(scene, hanako)
        for side in ("front", "back"):
            assert len((await hanako.get(f"{at}?side={side}")).text.encode()) < 100_000


async def test_a_stranger_organisation_finds_nothing(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("city") as city:
        at = await submitted(scene, hanako)
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        assert (await city.get(there)).status == 404
        assert (await city.get(at)).status == 404
        assert (await city.get(scene.here)).status == 404
        async with scene.office.console.database.read() as connection:
            assert await sheets.handed_to(connection, scene.case_id) == {scene.places["kita"].organisation_id}


@pytest.fixture
async def desk(office: Office, scene: Scene) -> Scene:
    """The same, with consents as they are kept in the database."""
    assert scene.office.console.sheets is not None
    work = replace(scene.office.console.sheets, consents=consents.of_resident, given=given_of)
    opened = Office.over(replace(scene.office.console, sheets=work), scene.office.clock)
    opened.people = scene.office.people
    return replace(scene, office=opened)


async def test_a_yes_taken_down_on_paper_opens_the_way_and_its_end_shuts_it(desk: Scene) -> None:
    items = sorted(consent_items(FORMS["tsunagu"]))
    async with await desk.at("hanako") as hanako, await desk.at("kita") as kita:
        at = await filled(desk, hanako)
        await act(hanako, at, "prepare", "name", recipient=str(desk.places["kita"].id))
        handover = re.search(r'name="handover"><option value="([0-9a-f-]{36})"', (await hanako.get(at)).text)
        assert handover is not None
        place = {"handover": handover[1]}
        early = await act(hanako, at, "prepare", "consent")
        assert "本人の同意がまだありません" in words(early)
        nothing = await hanako.send(at, f"{at}/consents", **place, method="paper")
        assert nothing.status == 422
        unknown = await hanako.send(at, f"{at}/consents", **place, method="paper", items=["everything"])
        assert unknown.status == 422
        assert (await hanako.send(at, f"{at}/consents", **place, method="paper", items=items)).status == 303
        await act(hanako, at, "prepare", "consent")
        assert (await act(hanako, at, "hand", "submit")).status == 303
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        for name in ("receive", "accept"):
            await kita.send(there, f"{there}/answer", act=name)
        assert "家賃が払えない" in words(await kita.get(there))
        printed = (await hanako.http.get(f"{at}/files/json")).json()
        (row,) = next(one["value"] for one in printed["fields"] if one["key"] == "to_org")
        assert (row["cells"]["named"], row["cells"]["method"]) == ("伝える", "written")
        assert (await hanako.send(at, f"{at}/withdrawal", **place)).status == 303
        assert (await kita.get(there)).status == 404
        page = await hanako.get(at)
        assert "取り消し（本人の撤回）" in words(page)
        assert "使わないよう、まだ伝えていません。" in words(page)
        assert (await act(hanako, at, "hand", "stopped", **place)).status == 303
        assert (await act(hanako, at, "prepare", "reopen")).status == 303
    assert {"consent_taken_down", "consent_withdrawn", "sheet_stopped"} <= set(await desk.office.acts())


async def test_a_desk_keeps_its_recipients(scene: Scene) -> None:
    await scene.office.person("admin", Grant(role=Role.ADMIN, desk_id="default"))
    async with await scene.at("admin") as admin, await scene.at("hanako") as hanako:
        page = await admin.get("/staff/places")
        assert "北地域包括支援センター" in words(page)
        wrong = await admin.send("/staff/places", "/staff/places", name="児童相談所", mail="みぎ@ひだり")
        assert (wrong.status, "正しいメールアドレス" in words(wrong), "児童相談所" in wrong.text) == (422, True, True)
        twice = await admin.send("/staff/places", "/staff/places", name="市福祉相談課")
        assert "もう登録されています" in words(twice)
        made = await admin.send(
            "/staff/places", "/staff/places", name="児童相談所", mail="a@example.jp", limited="yes", fields=["words"]
        )
        assert made.status == 303
        async with scene.office.console.database.read() as connection:
            place = next(p for p in await recipients.of_desk(connection, "default") if p.name == "児童相談所")
        assert (place.mail, place.fields) == ("a@example.jp", frozenset({"words"}))
        at = await drafted(scene, hanako)
        assert "児童相談所" in words(await hanako.get(at))
        await admin.send("/staff/places", f"/staff/places/{place.id}", mail="")
        await admin.send("/staff/places", f"/staff/places/{place.id}/end")
        assert "児童相談所" not in words(await hanako.get(at))
        assert (await admin.send("/staff/places", f"/staff/places/{new_id()}/end")).status == 404


MEETING = {
    "f.channel": "line", "f.meeting_on": "2026-12-01", "f.convened_by": "見本市 福祉相談課",
    "f.why_without": "まだ会えていない", "f.nickname": "もみじ", "f.topics": ["care"],
    "f.urgency": "week", "f.urgency_reason": "食事がとれていない",
    "f.safety": ["unknown"], "f.safe_contact": "わからない",
    "r.history.0.what": "訪問した", "f.discuss": "会いに行く人",
    "f.created_on": "2026-11-26", "f.from_org": "見本市社協", "f.from_person": "花子", "f.strengths": "ひみつの強み",
}  # fmt: skip


async def test_whoever_cannot_decide_is_not_asked_to_be_the_second(scene: Scene) -> None:
    office = scene.office
    member = Grant(role=Role.MEETING_MEMBER, desk_id="default")
    await office.person("ichiro", member, organisation="北地域包括支援センター", shown_name="会議 一郎")
    await office.person("kansa", Role.AUDITOR, shown_name="監査 花")
    jiro_id = office.people["jiro"].id
    async with await scene.at("hanako") as hanako:
        page = (await hanako.get(await drafted(scene, hanako, "meeting"))).text
    members = page.partition("<legend>見る人</legend>")[2].partition("</fieldset>")[0]
    seconds = page.partition('<select id="second"')[2].partition("</select>")[0]
    assert "会議 一郎（北地域包括支援センター）" in members
    assert "会議 一郎" not in seconds
    assert str(jiro_id) in seconds
    assert "監査 花" not in page


async def test_a_member_of_a_meeting_sees_the_items_named_after_two_have_decided(scene: Scene) -> None:
    office = scene.office
    member = Grant(role=Role.MEETING_MEMBER, desk_id="default")
    await office.person("ichiro", member, organisation="北地域包括支援センター", shown_name="会議 一郎")
    await office.person("saburo", member, organisation="北地域包括支援センター", shown_name="会議 三郎")
    jiro_id, ichiro_id = office.people["jiro"].id, office.people["ichiro"].id
    async with await scene.at("hanako") as hanako, await scene.at("jiro") as jiro, await scene.at("ichiro") as ichiro:
        at = await drafted(scene, hanako, "meeting")
        shown = await saved(hanako, at, "front", MEETING)
        assert shown.status == 303, words(shown)
        named = {"items": ["discuss", "urgency"], "members": str(ichiro_id), "second": str(jiro_id)}
        await act(hanako, at, "prepare", "basis", kind="support_meeting", reason="会えていない", **named)
        early = await act(hanako, at, "hand", "submit")
        assert "もう1人の職員の確認がまだありません。" in words(early)
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        assert (await ichiro.get(there)).status == 404
        await act(jiro, at, "prepare", "second")
        done = await act(hanako, at, "hand", "submit")
        assert done.status == 303, words(done)
        assert "本人に伝えてください" not in words(await hanako.get(done.location))
        page = words(await ichiro.get(there))
        assert "会いに行く人" in page
        assert "伝えないことになっている欄です" in page
        assert "ひみつの強み" not in page
        assert "ひみつの強み" not in (await ichiro.get(f"{there}/files/json")).text
        assert "2026-0001-1" in words(await ichiro.get("/staff/handed"))
        async with await scene.at("saburo") as saburo:
            assert (await saburo.get(there)).status == 404
            assert "2026-0001-1" not in words(await saburo.get("/staff/handed"))
