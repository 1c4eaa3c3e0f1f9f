"""The Messaging API over HTTP, at LINE's own paths: those the bot uses.

https://developers.line.biz/en/reference/messaging-api/
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.simulator.answers import (
    NOT_FOUND,
    NOT_JSON,
    RATE_LIMITED,
    SERVER_ERROR,
    TOO_LARGE,
    UNAUTHORISED,
    WRONG_TYPE,
    Answer,
    bad_body,
    refused,
)
from bot.simulator.faults import Fault, FaultKind
from bot.simulator.model import Json
from bot.simulator.platform import ApiRequest, Platform
from bot.simulator.rules import detail
from bot.simulator.wire import Dropped

REQUEST_BYTES = 2 * 1024 * 1024
WEBHOOK_URL = 500
_KEPT_HEADERS = ("content-type", "user-agent", "x-line-retry-key")
_BEFORE = (FaultKind.RATE_LIMIT, FaultKind.SERVER_ERROR, FaultKind.DROP_BEFORE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request, read and let in."""

    platform: Platform
    body: Json
    raw: bytes
    content_type: str
    retry_key: str | None
    request_id: str
    path: dict[str, str]


Operation = Callable[[Call], Answer | Awaitable[Answer]]


def messaging_api(platform: Platform) -> Starlette:
    """The API as an application; the same paths serve api.line.me and api-data.line.me."""
    known = [_route(platform, [method], path, operation) for method, path, operation in OPERATIONS]
    unknown = _route(platform, ["GET", "POST", "PUT", "DELETE"], "/{path:path}", lambda _call: NOT_FOUND)
    return Starlette(routes=[*known, unknown])


def _route(platform: Platform, methods: list[str], path: str, operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _serve(platform, request, operation)

    return Route(path, endpoint, methods=methods)


async def _serve(platform: Platform, request: Request, operation: Operation) -> Response:
    with platform.core.lock:
        request_id = platform.core.ids.request()
    raw = await _read(request)
    call = _admit(platform, request, raw, request_id)
    if isinstance(call, Answer):
        return _finish(platform, request, call, request_id=request_id)
    with platform.core.lock:
        fault = platform.faults.take(_own_path(request))
    if fault is not None:
        return await _go_wrong(fault, platform, request, operation, call)
    answer = await _run(operation, call)
    return _finish(platform, request, answer, request_id=request_id, body=call.body)


def _own_path(request: Request) -> str:
    """The path as LINE knows it, wherever this application is mounted."""
    return request.url.path.removeprefix(request.scope.get("root_path", ""))


async def _read(request: Request) -> bytes | None:
    """The body; None when it is larger than LINE reads."""
    raw = b""
    try:
        async for part in request.stream():
            raw += part
            if len(raw) > REQUEST_BYTES:
                return None
    except ClientDisconnect:
        return b""
    return raw


def _admit(platform: Platform, request: Request, raw: bytes | None, request_id: str) -> Call | Answer:
    if not platform.authorised(request.headers.get("authorization", "")):
        return UNAUTHORISED
    if raw is None:
        return TOO_LARGE
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body: Any = {}
    if request.method in ("POST", "PUT") and not content_type.startswith("image/") and raw:
        if content_type != "application/json":
            return WRONG_TYPE
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return NOT_JSON
        if not isinstance(body, dict):
            return NOT_JSON
    return Call(
        platform=platform,
        body=body,
        raw=raw,
        content_type=content_type,
        retry_key=request.headers.get("x-line-retry-key"),
        request_id=request_id,
        path={name: str(value) for name, value in request.path_params.items()},
    )


async def _run(operation: Operation, call: Call) -> Answer:
    with call.platform.core.lock:
        answer = operation(call)
    if isinstance(answer, Answer):
        with call.platform.core.lock:
            call.platform.core.touch()
        return answer
    return await answer


async def _go_wrong(fault: Fault, platform: Platform, request: Request, operation: Operation, call: Call) -> Response:
    if fault.kind is FaultKind.SLOW_BEFORE:
        await platform.pause(fault.seconds)
    if fault.kind in _BEFORE:
        answer = RATE_LIMITED if fault.kind is FaultKind.RATE_LIMIT else SERVER_ERROR
        heard = _finish(platform, request, answer, request_id=call.request_id, body=call.body, fault=fault)
        return Dropped() if fault.kind is FaultKind.DROP_BEFORE else heard
    answer = await _run(operation, call)
    heard = _finish(platform, request, answer, request_id=call.request_id, body=call.body, fault=fault)
    if fault.kind is FaultKind.SLOW_AFTER:
        await platform.pause(fault.seconds)
    if fault.kind is FaultKind.DROP_AFTER:
        return Dropped()
    if fault.kind is FaultKind.SERVER_ERROR_AFTER and answer.accepted:
        return _response(SERVER_ERROR, call.request_id)
    if fault.kind is FaultKind.ODD_JSON and answer.accepted:
        return _response(Answer(body={"unexpected": True}), call.request_id)
    return heard


def _finish(
    platform: Platform,
    request: Request,
    answer: Answer,
    *,
    request_id: str,
    body: Json | None = None,
    fault: Fault | None = None,
) -> Response:
    """Write the request down, and answer it."""
    dropped = fault is not None and fault.kind is FaultKind.DROP_BEFORE
    platform.record(
        ApiRequest(
            method=request.method,
            path=_own_path(request),
            body=body,
            headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
            at=platform.core.now(),
            status=0 if dropped else answer.status,
            accepted=answer.accepted,
            request_id=request_id,
            fault="" if fault is None else fault.kind,
        )
    )
    return _response(answer, request_id)


def _response(answer: Answer, request_id: str) -> Response:
    headers = {"x-line-request-id": request_id, **answer.headers}
    if answer.content is not None:
        return Response(answer.content, status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)


# What each path does


def _reply(call: Call) -> Answer:
    return call.platform.sending.reply(call.body, call.retry_key)


def _push(call: Call) -> Answer:
    return call.platform.sending.push(call.body, call.retry_key, call.request_id)


def _validate(call: Call) -> Answer:
    return call.platform.sending.validate(call.body)


def _loading(call: Call) -> Answer:
    return call.platform.sending.loading(call.body)


def _quota(call: Call) -> Answer:
    limit = call.platform.quota.limit
    return Answer(body={"type": "none"} if limit is None else {"type": "limited", "value": limit})


def _consumption(call: Call) -> Answer:
    return Answer(body={"totalUsage": call.platform.quota.used(call.platform.core.now())})


def _info(call: Call) -> Answer:
    platform = call.platform
    return Answer(
        body={
            "userId": platform.bot_user_id,
            "basicId": "@simulator",
            "displayName": platform.settings.account_name,
            "chatMode": platform.chat_mode,
            "markAsReadMode": "auto" if platform.chat_mode == "bot" else "manual",
        }
    )


def _get_endpoint(call: Call) -> Answer:
    webhook = call.platform.webhook
    if not webhook.url:
        return refused(404, "Webhook endpoint not found")
    return Answer(body={"endpoint": webhook.url, "active": webhook.active})


def _set_endpoint(call: Call) -> Answer:
    endpoint = call.body.get("endpoint")
    # LINE wants https; the simulator's bot is on this machine, so plain http is let through.
    if not isinstance(endpoint, str) or len(endpoint) > WEBHOOK_URL or not endpoint.startswith(("http://", "https://")):
        return bad_body([detail("Invalid webhook endpoint URL", "endpoint")])
    call.platform.webhook.url = endpoint
    return Answer()


async def _test_endpoint(call: Call) -> Answer:
    url = str(call.body.get("endpoint") or call.platform.webhook.url)
    reason, status = await call.platform.webhook.test(url)
    at = call.platform.core.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Answer(
        body={
            "success": reason == "ok",
            "timestamp": at,
            "statusCode": status,
            "reason": "OK" if reason == "ok" else str(reason).upper(),
            "detail": str(status or reason),
        }
    )


def _content(call: Call) -> Answer:
    """Nothing a simulated resident sends has content; what was unsent is gone."""
    unsent = call.path["message_id"] in call.platform.residents.unsent
    return refused(410, "Gone") if unsent else NOT_FOUND


def _set_image(call: Call) -> Answer:
    return call.platform.menus.set_image(call.path["menu_id"], call.content_type, call.raw)


OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("POST", "/v2/bot/message/reply", _reply),
    ("POST", "/v2/bot/message/push", _push),
    ("POST", "/v2/bot/message/validate/reply", _validate),
    ("POST", "/v2/bot/message/validate/push", _validate),
    ("POST", "/v2/bot/chat/loading/start", _loading),
    ("GET", "/v2/bot/message/quota", _quota),
    ("GET", "/v2/bot/message/quota/consumption", _consumption),
    ("GET", "/v2/bot/info", _info),
    ("GET", "/v2/bot/channel/webhook/endpoint", _get_endpoint),
    ("PUT", "/v2/bot/channel/webhook/endpoint", _set_endpoint),
    ("POST", "/v2/bot/channel/webhook/test", _test_endpoint),
    ("GET", "/v2/bot/message/{message_id}/content", _content),
    ("GET", "/v2/bot/message/{message_id}/content/preview", _content),
    ("GET", "/v2/bot/message/{message_id}/content/transcoding", _content),
    ("POST", "/v2/bot/richmenu", lambda call: call.platform.menus.create(call.body)),
    ("POST", "/v2/bot/richmenu/validate", lambda call: call.platform.menus.validate(call.body)),
    ("GET", "/v2/bot/richmenu/list", lambda call: call.platform.menus.list_all()),
    ("POST", "/v2/bot/richmenu/alias", lambda call: call.platform.menus.create_alias(call.body)),
    ("GET", "/v2/bot/richmenu/alias/list", lambda call: call.platform.menus.list_aliases()),
    ("GET", "/v2/bot/richmenu/alias/{alias}", lambda call: call.platform.menus.get_alias(call.path["alias"])),
    (
        "POST",
        "/v2/bot/richmenu/alias/{alias}",
        lambda call: call.platform.menus.update_alias(call.path["alias"], call.body),
    ),
    ("DELETE", "/v2/bot/richmenu/alias/{alias}", lambda call: call.platform.menus.delete_alias(call.path["alias"])),
    ("GET", "/v2/bot/richmenu/{menu_id}", lambda call: call.platform.menus.get(call.path["menu_id"])),
    ("DELETE", "/v2/bot/richmenu/{menu_id}", lambda call: call.platform.menus.delete(call.path["menu_id"])),
    ("POST", "/v2/bot/richmenu/{menu_id}/content", _set_image),
    ("GET", "/v2/bot/richmenu/{menu_id}/content", lambda call: call.platform.menus.image(call.path["menu_id"])),
    ("POST", "/v2/bot/user/all/richmenu/{menu_id}", lambda call: call.platform.menus.set_default(call.path["menu_id"])),
    ("GET", "/v2/bot/user/all/richmenu", lambda call: call.platform.menus.get_default()),
    ("DELETE", "/v2/bot/user/all/richmenu", lambda call: call.platform.menus.clear_default()),
)
