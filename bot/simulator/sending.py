"""What the bot sends: taken or refused as LINE would.

https://developers.line.biz/en/reference/messaging-api/#send-reply-message, #send-push-message
"""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.answers import MONTHLY_LIMIT, Answer, bad_body, refused
from bot.simulator.checks import messages_errors
from bot.simulator.core import Core
from bot.simulator.model import Entry, Friendship, Json, Resident, Side
from bot.simulator.quota import Quota
from bot.simulator.residents import Residents
from bot.simulator.rules import detail
from bot.simulator.tokens import Accepted, ReplyTokens, RetryKeys

# Somebody who wrote without adding the account can be pushed to for a week.
STRANGER_FOR = timedelta(days=7)
_QUOTABLE = ("text", "sticker", "image", "video", "template", "flex")


class Sending:
    def __init__(self, core: Core, residents: Residents, tokens: ReplyTokens, quota: Quota) -> None:
        self._core = core
        self._residents = residents
        self._tokens = tokens
        self._keys = RetryKeys()
        self.quota = quota

    def reply(self, body: Json, retry_key: str | None) -> Answer:
        if retry_key is not None:
            return refused(400, "The retry key is not supported by this endpoint")
        errors = messages_errors(body.get("messages"))
        if errors:
            return bad_body(errors)
        user_id = self._tokens.use(str(body.get("replyToken", "")), self._core.now())
        if user_id is None:
            return refused(400, "Invalid reply token")
        resident = self._residents.get(user_id)
        return self._sent(self._deliver(resident, body["messages"], "reply"))

    def push(self, body: Json, retry_key: str | None, request_id: str) -> Answer:
        if retry_key is not None:
            if not self._keys.well_formed(retry_key):
                return bad_body([detail("must be a UUID in hexadecimal notation", "X-Line-Retry-Key")])
            known = self._keys.accepted(retry_key, self._core.now())
            if known is not None:
                return _already(known)
        errors = messages_errors(body.get("messages"))
        if errors:
            return bad_body(errors)
        if not self._residents.known(str(body.get("to", ""))):
            return bad_body([detail("The value for the 'to' parameter is invalid", "to")])
        resident = self._residents.get(body["to"])
        if self._reachable(resident):
            if self.quota.spent(self._core.now()):
                return MONTHLY_LIMIT
            self.quota.count(self._core.now())
        sent = self._deliver(resident, body["messages"], "push")
        if retry_key is not None:
            self._keys.remember(retry_key, Accepted(request_id=request_id, sent=tuple(sent), at=self._core.now()))
        return self._sent(sent)

    @staticmethod
    def validate(body: Json) -> Answer:
        errors = messages_errors(body.get("messages"))
        return bad_body(errors) if errors else Answer()

    def loading(self, body: Json) -> Answer:
        """https://developers.line.biz/en/reference/messaging-api/#display-a-loading-indicator"""
        seconds = body.get("loadingSeconds", 20)
        if not isinstance(seconds, int) or not 5 <= seconds <= 60 or seconds % 5:
            return bad_body([detail("must be a multiple of 5 between 5 and 60", "loadingSeconds")])
        chat_id = body.get("chatId")
        if not isinstance(chat_id, str) or not chat_id.startswith("U"):
            return bad_body([detail("May not be empty", "chatId")])
        if self._residents.known(chat_id):
            resident = self._residents.get(chat_id)
            if resident.friendship is not Friendship.BLOCKED:
                resident.loading_until = self._core.now() + timedelta(seconds=seconds)
        return Answer(status=202)

    def _reachable(self, resident: Resident) -> bool:
        if resident.friendship is Friendship.STRANGER:
            return resident.wrote_at is not None and self._core.now() < resident.wrote_at + STRANGER_FOR
        return resident.friendship is Friendship.FRIEND

    def _deliver(self, resident: Resident, messages: list[Json], via: str) -> list[Json]:
        """Put the messages into the talk; who blocked the account gets nothing, and the bot does not learn it."""
        sent = [self._named(message) for message in messages]
        reaches = resident.friendship is not Friendship.BLOCKED if via == "reply" else self._reachable(resident)
        if reaches:
            now = self._core.now()
            resident.loading_until = None
            resident.entries += [
                Entry(id=ids["id"], side=Side.BOT, message=message, at=now, via=via)
                for ids, message in zip(sent, messages, strict=True)
            ]
        return sent

    def _named(self, message: Json) -> Json:
        ids = {"id": self._core.ids.message()}
        return {**ids, "quoteToken": self._core.ids.token(88)} if message["type"] in _QUOTABLE else ids

    @staticmethod
    def _sent(sent: list[Json]) -> Answer:
        return Answer(body={"sentMessages": sent})


def _already(known: Accepted) -> Answer:
    return Answer(
        status=409,
        body={"message": "The retry key is already accepted", "sentMessages": list(known.sent)},
        headers={"x-line-accepted-request-id": known.request_id},
    )
