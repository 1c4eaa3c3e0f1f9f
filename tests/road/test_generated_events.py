"""Events made at random from LINE's own OpenAPI file: none breaks the reader, none stays unworked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line_openapi import ABSENT, FOLDER
from road import Bot
from sqlalchemy import select
from yaml_files import read_yaml

from bot.simulator import SimulatorServer
from handlers.incoming import Incoming, UnreadableEvent
from handlers.line.events import read_event
from storage.tables import InboxEvent, InboxState

SPEC = FOLDER / "webhook.yml"


def schemas() -> dict[str, Any]:
    return read_yaml(SPEC)["components"]["schemas"] if SPEC.exists() else {}


SCHEMAS = schemas()


def flat(schema: dict[str, Any]) -> dict[str, Any]:
    """One schema with the properties of all its parts."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]
    merged = {**schema, "properties": dict(schema.get("properties", {})), "required": list(schema.get("required", []))}
    for part in schema.get("allOf", []):
        below = flat(part)
        merged["properties"] = {**below["properties"], **merged["properties"]}
        merged["required"] += below["required"]
    return merged


@st.composite
def made_from(draw: st.DrawFn, schema: dict[str, Any], depth: int = 0, *, resolved: bool = False) -> Any:
    full = flat(schema)
    kinds = full.get("discriminator", {}).get("mapping", {})
    if kinds and not resolved:
        kind = draw(st.sampled_from(sorted(kinds)))
        made = draw(made_from({"$ref": kinds[kind]}, depth, resolved=True))
        return {**made, full["discriminator"]["propertyName"]: kind}
    if full["properties"]:
        chosen = {n for n in full["properties"] if n in full["required"] or (depth < 4 and draw(st.booleans()))}
        return {name: draw(made_from(full["properties"][name], depth + 1)) for name in sorted(chosen)}
    if "enum" in full:
        return draw(st.sampled_from(full["enum"]))
    plain = {
        "string": st.text(max_size=30),
        "integer": st.integers(0, 2**43),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "object": st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
    }
    if full.get("type") == "array":
        return draw(st.lists(made_from(full.get("items", {}), depth + 1), max_size=2))
    return draw(plain.get(full.get("type", "string"), st.none()))


@pytest.mark.skipif(not SCHEMAS, reason=ABSENT)
@given(made_from({"$ref": "#/components/schemas/Event"}) if SCHEMAS else st.none())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_event_line_describes_is_read_or_named_unreadable(event: Any) -> None:
    try:
        found = read_event(json.loads(json.dumps(event)), received_at=datetime.now(UTC))
    except UnreadableEvent:
        return
    assert isinstance(found, Incoming)


# Beside the strategies the program itself runs in this process, whose database pool draws its pauses by `random`.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.skipif(not SCHEMAS, reason=ABSENT)
def test_generated_events_are_all_worked_off(sim: SimulatorServer, bot: Bot) -> None:
    sent: list[int] = []

    @given(st.lists(made_from({"$ref": "#/components/schemas/Event"}), min_size=3, max_size=12))
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    def send(events: list[Any]) -> None:
        sim.send_events(*events)
        sim.wait_until_delivered()
        sent.append(len(events))

    send()
    bot.settle()
    assert sum(sent) > 40
    assert [d.status for d in sim.platform.webhook.deliveries] == [200] * len(sent)
    states = {row.state for row in bot.rows(select(InboxEvent.state))}
    assert InboxState.WAITING not in states
