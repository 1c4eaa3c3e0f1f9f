"""Who may come to the routes of sheets, and the sheet the table asks for: handed to the recipient's organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sheet_cast import FORMS, FULL, Said, written

from casework import sheet_moves as moves
from casework.people import Viewer
from casework.sheets import Handover, new_sheet
from casework.workdays import Workdays
from config.content import Content
from handlers.staff.sheet_work import SheetWork
from storage import recipients, sheets, staff
from storage.case_tables import Case
from storage.database import Connection
from storage.ids import new_id
from storage.keyring import Keyring
from storage.sheets import Saving

CASE = "/cases/{case_id}/sheets"
SHEET = f"{CASE}/{{sheet_id}}"
HANDED = "/handed/{sheet_id}"
NEXT_DOOR = "となりの機関"
#: Let in, and perhaps told what is missing, or that the form said nothing.
ASKED = frozenset({200, 303, 400, 409})
FINE = frozenset({200, 303})
#: Everybody who may see sheets somewhere; what waits for their own organisation decides what they find.
SEERS = frozenset({"owner", "colleague", "supervisor", "other_area", "other_desk", "triager", "recipient"})
TEAM = frozenset({"owner", "colleague", "supervisor"})
ADMINS = frozenset({"admin", "other_desk"})
EDITORS = TEAM | {"other_area", "other_desk"}
ROWS: dict[tuple[str, str], tuple[frozenset[str], frozenset[int], dict[str, str]]] = {
    ("GET", CASE): (TEAM, FINE, {}),
    ("POST", CASE): (TEAM, FINE, {"form": "tsunagu"}),
    ("GET", SHEET): (TEAM, FINE, {}),
    ("POST", SHEET): (TEAM, ASKED, {}),
    ("GET", f"{SHEET}/history"): (TEAM, FINE, {}),
    ("GET", f"{SHEET}/files/{{kind}}"): (TEAM, FINE, {}),
    ("POST", f"{SHEET}/prepare"): (TEAM, ASKED, {"act": "reopen"}),
    ("POST", f"{SHEET}/hand"): (TEAM, ASKED, {"act": "close"}),
    ("POST", f"{SHEET}/consents"): (TEAM, frozenset({422}), {}),
    ("POST", f"{SHEET}/tell"): (TEAM, frozenset({422}), {}),
    ("POST", f"{SHEET}/show"): (TEAM, ASKED, {}),
    ("POST", f"{SHEET}/as-sheet"): (TEAM, ASKED, {}),
    ("POST", f"{SHEET}/anew"): (TEAM, ASKED, {}),
    ("POST", f"{SHEET}/ask"): (TEAM, frozenset({422}), {}),
    ("POST", f"{SHEET}/withdrawal"): (TEAM, frozenset({400}), {}),
    ("GET", "/sheets/blank/{form_id}"): (EDITORS, FINE, {}),
    ("GET", "/places"): (ADMINS, FINE, {}),
    ("POST", "/places"): (ADMINS, frozenset({422}), {}),
    ("POST", "/places/{place_id}"): (frozenset({"admin"}), FINE, {}),
    ("POST", "/places/{place_id}/end"): (frozenset({"admin"}), FINE, {}),
    ("GET", "/handed"): (SEERS, FINE, {}),
    ("GET", HANDED): (frozenset({"recipient"}), FINE, {}),
    ("GET", f"{HANDED}/files/{{kind}}"): (frozenset({"recipient"}), FINE, {}),
    ("POST", f"{HANDED}/answer"): (frozenset({"recipient"}), ASKED, {"act": "met"}),
    ("POST", f"{HANDED}/triage"): (frozenset(), ASKED, {}),
    ("POST", f"{HANDED}/conflict"): (frozenset({"recipient"}), FINE, {}),
}


def sheet_work(content: Content) -> SheetWork:
    """The pages of sheets. Every resident has said yes to the organisation next door, and to nobody else."""
    calendar = Workdays.of(content.desk)

    async def consents(connection: Connection, _keyring: Keyring, _resident_id: UUID, /) -> Said:
        said = Said()
        for place in await recipients.of_desk(connection, "default"):
            said = said.yes(place.organisation_id) if place.name == NEXT_DOOR else said
        return said

    desks = ("default", "other")
    workdays = dict.fromkeys(desks, calendar)
    return SheetWork(forms=dict.fromkeys(desks, FORMS), workdays=workdays, consents=consents)


async def furnish_sheet(office: Any, case_id: UUID) -> dict[str, str]:
    """A sheet of the case that the recipient's organisation has accepted. The resident said yes to it alone."""
    console, now = office.console, office.clock()
    async with console.database.write() as connection:
        owner = await staff.by_id(connection, office.people["owner"].id)
        there = await staff.by_id(connection, office.people["recipient"].id)
        assert owner is not None
        assert there is not None
        place = await recipients.add(
            connection, desk_id="default", name=NEXT_DOOR, mail=None, fields=None, collects=False,
            at=now, new_id=new_id, organisation_id=there.organisation_id,
        )  # fmt: skip
        viewer = Viewer(staff_id=owner.id, organisation_id=owner.organisation_id)
        form, yes = FORMS["tsunagu"], Said().yes(place.organisation_id)
        sheet = written(
            new_sheet(
                "tsunagu", form, sheet_id=new_id(), desk_id="default", org_id=viewer.organisation_id,
                by=viewer.staff_id, now=now,
            ),
            **FULL,
        )  # fmt: skip
        named = Handover(
            id=new_id(), org_id=place.organisation_id, name=place.name, named_by=viewer.staff_id, named_at=now
        )
        sheet = moves.give_consent(moves.name_recipient(sheet, named), form, yes, at=now)
        sheet = moves.submit(sheet, form, yes, at=now)
        sheet = moves.receive(sheet, place.organisation_id, by_name="受領", at=now, today=now.date())
        sheet = moves.accept(sheet, form, place.organisation_id, yes, at=now)
        saving = Saving(actor=viewer.staff_id, action="created", at=now, forms_version="f" * 12)
        resident_id = (
            (
                await connection.execute(Case.__table__.select().where(Case.id == case_id))  # type: ignore[attr-defined]
            )
            .one()
            .resident_id
        )
        number = await sheets.next_number(connection, case_id)
        await sheets.add(
            connection, console.keyring, sheet, saving,
            case_id=case_id, resident_id=resident_id, number=number, new_id=new_id,
        )  # fmt: skip
    return {"sheet_id": str(sheet.id), "place_id": str(place.id), "kind": "json", "form_id": "tsunagu"}
