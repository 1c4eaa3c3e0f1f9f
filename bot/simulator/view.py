"""What the page's script is told: the platform's state as JSON."""

from __future__ import annotations

from bot.simulator.model import Entry, Json, Resident, Side
from bot.simulator.platform import Platform

# A talk of thousands of bubbles would make the page slow; the older ones stay in the platform.
SHOWN_ENTRIES = 300
SHOWN_RECORDS = 12


def state(platform: Platform, user_id: str) -> Json:
    """Everything the page shows, with the talk of one resident. The caller holds the lock."""
    now = platform.core.now()
    people = list(platform.residents)
    chosen = next((person for person in people if person.user_id == user_id), people[0] if people else None)
    return {
        "version": platform.core.version,
        "now": now.isoformat(),
        "offset": platform.core.offset.total_seconds(),
        "account": platform.settings.account_name,
        "residents": [_line(person) for person in people],
        "talk": None if chosen is None else _talk(platform, chosen),
        "lab": _lab(platform),
    }


def _line(person: Resident) -> Json:
    last = next((entry for entry in reversed(person.entries) if entry.side is not Side.NOTE), None)
    return {
        "id": person.user_id,
        "name": person.name,
        "friendship": person.friendship,
        "bubbles": len(person.bubbles()),
        "last": None if last is None else {"kind": last.kind, "text": last.text[:60], "unsent": last.unsent},
    }


def _talk(platform: Platform, person: Resident) -> Json:
    menu = platform.menus.shown_to(person.rich_menu_id)
    loading = person.loading_until
    left = 0.0 if loading is None else (loading - platform.core.now()).total_seconds()
    return {
        "id": person.user_id,
        "name": person.name,
        "friendship": person.friendship,
        "entries": [_entry(entry) for entry in person.entries[-SHOWN_ENTRIES:]],
        "chips": [chip.get("action", {}) for chip in person.chips()],
        "loading": max(0.0, left),
        "menu": menu,
    }


def _entry(entry: Entry) -> Json:
    return {
        "id": entry.id,
        "side": entry.side,
        "message": entry.message,
        "at": entry.at.isoformat(),
        "via": entry.via,
        "read": entry.read,
        "unsent": entry.unsent,
    }


def _lab(platform: Platform) -> Json:
    webhook, faults = platform.webhook, platform.webhook.faults
    return {
        "faults": [
            {"kind": fault.kind, "times": fault.times, "seconds": fault.seconds} for fault in platform.faults.planned()
        ],
        "limit": platform.quota.limit,
        "used": platform.quota.used(platform.core.now()),
        "webhook": {
            "url": webhook.url,
            "active": webhook.active,
            "redelivery": faults.redelivery,
            "copies": faults.copies > 0,
            "reorder": faults.reorder,
            "wrong_signature": faults.wrong_signatures > 0,
        },
        "records": _records(platform),
    }


def _records(platform: Platform) -> list[Json]:
    """The latest traffic in both directions, newest first: kinds and statuses, no words."""
    sent = [
        {
            "at": delivery.at.isoformat(),
            "way": "webhook",
            "what": "、".join(str(event.get("type", "")) for event in delivery.events),
            "status": delivery.status,
            "note": "redelivery" if delivery.redelivery else str(delivery.reason),
        }
        for delivery in list(platform.webhook.deliveries)[-SHOWN_RECORDS:]
    ]
    asked = [
        {
            "at": request.at.isoformat(),
            "way": "api",
            "what": f"{request.method} {request.path.removeprefix('/v2/bot')}",
            "status": request.status,
            "note": request.fault,
        }
        for request in list(platform.requests)[-SHOWN_RECORDS:]
    ]
    return sorted(sent + asked, key=lambda record: str(record["at"]), reverse=True)[:SHOWN_RECORDS]
