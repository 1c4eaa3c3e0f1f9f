"""LINE's door: `POST /line/{desk}/webhook`. Check the signature, keep every event sealed, answer 200. Nothing else.

Reading and answering happen later, from the inbox: LINE waits two seconds at most and may deliver twice, late and
in any order (LINE docs «Receiving messages»).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from handlers.line.signature import signature_ok
from storage.ids import NewId
from storage.inbox import NewEvent, seal_event
from storage.intake import Intake, IntakeFailed, IntakeFull
from storage.jobs import JobEngine
from storage.keyring import Keyring
from storage.tables import Channel

log = structlog.get_logger(__name__)

LARGEST_BODY = 1024 * 1024
DEEPEST_NESTING = 100
#: Seconds, for a balancer that reads it; LINE comes again by itself.
RETRY_AFTER = "2"
_EVENT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_YEAR_2200_MS = 7_258_118_400_000


class Refused(Exception):
    """The request is not taken: the status and a word for LINE's error statistics."""

    def __init__(self, *, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


class WebhookDoor:
    """Takes webhooks for all desks of this process. `secrets` maps a desk to its channel secrets."""

    def __init__(
        self,
        *,
        secrets: Mapping[str, tuple[bytes, ...]],
        keyring: Keyring,
        intake: Intake,
        engine: JobEngine,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._secrets = secrets
        self._keyring = keyring
        self.intake = intake
        self._engine = engine
        self._clock = clock
        self._new_id = new_id

    async def receive(self, request: Request) -> Response:
        """One webhook request: 200 once its events are safe."""
        desk_id = request.path_params["desk"]
        try:
            secrets = self._secrets.get(desk_id)
            if secrets is None:
                raise Refused(status=404, word="no such desk")
            if self.intake.full:
                # Before the body is read and checked: whoever is turned away must cost next to nothing.
                raise IntakeFull
            body = await _read(request)
            if not signature_ok(secrets, body, request.headers.get("x-line-signature")):
                raise Refused(status=401, word="bad signature")
            events = [self._seal(desk_id, event) for event in parse_envelope(body)]
            woken = await self.intake.store(events)
        except Refused as refused:
            log.warning("webhook.refused", desk=desk_id[:32], status=refused.status, reason=refused.word)
            return PlainTextResponse(refused.word, status_code=refused.status)
        except IntakeFailed:
            return PlainTextResponse("try again", status_code=503, headers={"retry-after": RETRY_AFTER})
        for conversation in set() if woken else {event.conversation for event in events}:
            self._engine.wake(conversation)
        return PlainTextResponse("ok")

    def _seal(self, desk_id: str, event: Any) -> NewEvent:
        now = self._clock()
        fields = event if isinstance(event, dict) else {}
        source = fields.get("source")
        address = source.get("userId") if isinstance(source, dict) else None
        at = fields.get("timestamp")
        if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < _YEAR_2200_MS:
            at = int(now.timestamp() * 1000)
        return seal_event(
            self._keyring.data,
            id=self._new_id(),
            desk_id=desk_id,
            channel=Channel.LINE,
            event_id=_event_id(event, fields.get("webhookEventId")),
            sender=self._index(desk_id, address),
            event_at=at,
            received_at=now,
            body=event,
        )

    def _index(self, desk_id: str, address: Any) -> bytes | None:
        if not isinstance(address, str) or not address:
            return None
        return self._keyring.index.of(desk_id, Channel.LINE.value, address)


def parse_envelope(body: bytes) -> list[Any]:
    """The events of a webhook body. Raises Refused (400) when it is not an object with a list of events."""
    try:
        envelope = json.loads(body)
        if _deeper_than(envelope, DEEPEST_NESTING):
            raise Refused(status=400, word="nested too deep")
    except (ValueError, RecursionError) as error:
        raise Refused(status=400, word="not JSON") from error
    events = envelope.get("events") if isinstance(envelope, dict) else None
    if not isinstance(events, list):
        raise Refused(status=400, word="no list of events")
    return events


async def _read(request: Request) -> bytes:
    """The raw body, at most 1 MiB, without trusting what its length is said to be."""
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said) > LARGEST_BODY:
        raise Refused(status=413, word="too large")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise Refused(status=413, word="too large")
    except ClientDisconnect as error:
        raise Refused(status=400, word="cut off") from error
    return bytes(body)


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for node in level if isinstance(node, dict | list) for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: dict[str, Any] | list[Any]) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node


def _event_id(event: Any, given: Any) -> str:
    """LINE's id of the event; a hash stands in for one that is missing or strange, so that the event is kept."""
    if isinstance(given, str) and _EVENT_ID.fullmatch(given):
        return given
    return "sha256-" + hashlib.sha256(json.dumps(event, sort_keys=True).encode("ascii")).hexdigest()
