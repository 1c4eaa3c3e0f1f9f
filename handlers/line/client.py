"""The one typed seam to LINE's SDK: two ways to send, a few questions, and what LINE's answers mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import aiohttp
from linebot.v3.messaging import (
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    PushMessageRequest,
    ReplyMessageRequest,
)
from linebot.v3.messaging.models.message import Message
from linebot.v3.messaging.models.show_loading_animation_request import ShowLoadingAnimationRequest
from pydantic.v1 import ValidationError

from handlers.line.delivery_rules import Answer, Outcome
from handlers.quota import Quota

#: Seconds for one request; the SDK's own default is five minutes.
TIMEOUT = 8.0
#: A sign of listening that comes late is none, and must not hold up the answer.
LOADING_TIMEOUT = 1.0
CONNECTIONS = 50
_REQUEST_ID = "x-line-request-id"
#: Staff are told this one: it does not heal in minutes.
QUOTA_REASON = "monthly quota reached"


class LineClient:
    """LINE's Messaging API for one account. Create it inside a running event loop and close it there."""

    def __init__(self, *, access_token: str, host: str | None, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        configuration = Configuration(access_token=access_token, **({"host": host} if host else {}))
        configuration.connection_pool_maxsize = CONNECTIONS
        self._client = AsyncApiClient(configuration)
        self._api = AsyncMessagingApi(self._client)

    async def close(self) -> None:
        await self._client.close()

    async def reply(self, token: str, messages: Sequence[dict[str, Any]]) -> Answer:
        """Answer for free with a reply token. LINE allows no retry key here."""
        request = ReplyMessageRequest(replyToken=token, messages=[Message.from_dict(m) for m in messages])
        return await _attempt(lambda: self._api.reply_message_with_http_info(request, _request_timeout=self._timeout))

    async def push(self, to: str, messages: Sequence[dict[str, Any]], *, retry_key: UUID) -> Answer:
        """Send at our own time; counts against the monthly quota. The same key never sends twice within 24 h."""
        request = PushMessageRequest(to=to, messages=[Message.from_dict(m) for m in messages])
        return await _attempt(
            lambda: self._api.push_message_with_http_info(request, str(retry_key), _request_timeout=self._timeout)
        )

    async def show_loading(self, chat: str) -> Answer:
        """Show that an answer is being written: five seconds, LINE's shortest, or until the next message."""
        request = ShowLoadingAnimationRequest(chatId=chat, loadingSeconds=5)
        return await _attempt(
            lambda: self._api.show_loading_animation_with_http_info(request, _request_timeout=LOADING_TIMEOUT)
        )

    async def quota(self) -> Quota:
        """How many messages this month may cost, and how many have. Raises what the SDK raises."""
        limit = await self._api.get_message_quota(_request_timeout=self._timeout)
        used = await self._api.get_message_quota_consumption(_request_timeout=self._timeout)
        limited = str(getattr(limit.type, "value", limit.type)) == "limited"
        return Quota(limit=int(limit.value) if limited else None, used=int(used.total_usage))

    async def chat_mode(self) -> str:
        """`bot` or `chat`. With `chat`, what residents write also stays in LINE's own chat screen."""
        info = await self._api.get_bot_info(_request_timeout=self._timeout)
        return str(info.chat_mode)

    async def webhook_endpoint(self) -> tuple[str, bool]:
        """The address LINE sends to, and whether it is switched on; no address when none was ever set."""
        try:
            found = await self._api.get_webhook_endpoint(_request_timeout=self._timeout)
        except ApiException as error:
            if error.status == 404:
                return "", False
            raise
        return str(found.endpoint), bool(found.active)


async def _attempt(send: Callable[[], Awaitable[Any]]) -> Answer:
    try:
        answer = await send()
    except ValidationError:
        # 200 with a body the SDK does not know: LINE has taken the message.
        return Answer(outcome=Outcome.ACCEPTED, reason="answer not understood")
    except ApiException as error:
        return _refusal(error)
    except (aiohttp.ClientConnectorError, aiohttp.ClientProxyConnectionError):
        # Never connected, so surely not sent; the pause is that of a busy server.
        return Answer(outcome=Outcome.RATE_LIMITED, reason="no connection")
    except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
        return Answer(outcome=Outcome.UNKNOWN, reason=type(error).__name__)
    return Answer(outcome=Outcome.ACCEPTED, request_id=(answer.headers or {}).get(_REQUEST_ID))


def _refusal(error: ApiException) -> Answer:
    """The status decides, because LINE's texts are not guaranteed; only 429 has to be read («Status codes»)."""
    status, text = int(error.status), str(error.body or "").lower()
    request_id = (error.headers or {}).get(_REQUEST_ID)
    if status == 409:
        outcome = Outcome.ALREADY_ACCEPTED
    elif status == 429:
        if "monthly limit" in text:
            return Answer(outcome=Outcome.QUOTA_REACHED, request_id=request_id, reason=QUOTA_REASON)
        outcome = Outcome.RATE_LIMITED
    elif status in {401, 403}:
        outcome = Outcome.CREDENTIALS
    elif status >= 500:
        outcome = Outcome.UNKNOWN
    else:
        outcome = Outcome.REFUSED
    return Answer(outcome=outcome, request_id=request_id, reason=f"LINE answered {status}")
