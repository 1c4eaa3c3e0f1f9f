"""Answers of the Messaging API.

https://developers.line.biz/en/reference/messaging-api/#error-responses
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.simulator.model import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    status: int = 200
    body: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    # A rich menu's image is the one answer that is not JSON.
    content: bytes | None = None

    @property
    def accepted(self) -> bool:
        return self.status < 300


def refused(status: int, message: str, details: Sequence[Json] = ()) -> Answer:
    """An error as LINE words it; `details` is left out when empty."""
    body: Json = {"message": message}
    return Answer(status=status, body={**body, "details": list(details)} if details else body)


def bad_body(details: Sequence[Json]) -> Answer:
    return refused(400, f"The request body has {len(details)} error(s)", details)


UNAUTHORISED = refused(
    401, "Authentication failed. Confirm that the access token in the authorization header is valid."
)
NOT_FOUND = refused(404, "Not found")
TOO_LARGE = refused(413, "Request Entity Too Large")
WRONG_TYPE = refused(415, "Unsupported Media Type")
NOT_JSON = refused(400, "The request body could not be parsed as JSON")
RATE_LIMITED = refused(429, "The API rate limit has been exceeded. Try again later.")
MONTHLY_LIMIT = refused(429, "You have reached your monthly limit.")
SERVER_ERROR = refused(500, "Internal server error")
