"""Is this an action LINE would take?

https://developers.line.biz/en/reference/messaging-api/#action-objects
"""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.model import Json
from bot.simulator.rules import detail, one_of, optional_words, web_address, words

URI = 1_000
URI_SCHEMES = ("http://", "https://", "line://", "tel:")
_INPUT_OPTIONS = ("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")


def _postback(action: Json, at: str) -> list[Json]:
    errors = words(action.get("data"), f"{at}.data", 300, count=len)
    errors += one_of(action.get("inputOption"), f"{at}.inputOption", _INPUT_OPTIONS)
    for name in ("displayText", "text", "fillInText"):
        errors += optional_words(action.get(name), f"{at}.{name}", 300)
    if action.get("fillInText") is not None and action.get("inputOption") != "openKeyboard":
        errors.append(detail("only with inputOption openKeyboard", f"{at}.fillInText"))
    return errors


def _message_action(action: Json, at: str) -> list[Json]:
    return words(action.get("text"), f"{at}.text", 300)


def _uri(action: Json, at: str) -> list[Json]:
    return web_address(action.get("uri"), f"{at}.uri", URI_SCHEMES, URI)


def _datetimepicker(action: Json, at: str) -> list[Json]:
    errors = words(action.get("data"), f"{at}.data", 300, count=len)
    return errors + one_of(action.get("mode"), f"{at}.mode", ("date", "time", "datetime"), required=True)


def _clipboard(action: Json, at: str) -> list[Json]:
    return words(action.get("clipboardText"), f"{at}.clipboardText", 1_000)


def _switch(action: Json, at: str) -> list[Json]:
    errors = words(action.get("richMenuAliasId"), f"{at}.richMenuAliasId", 32)
    return errors + words(action.get("data"), f"{at}.data", 300, count=len)


def _nothing(_action: Json, _at: str) -> list[Json]:
    return []


ACTION_CHECKS: dict[str, Callable[[Json, str], list[Json]]] = {
    "postback": _postback,
    "message": _message_action,
    "uri": _uri,
    "datetimepicker": _datetimepicker,
    "camera": _nothing,
    "cameraRoll": _nothing,
    "location": _nothing,
    "clipboard": _clipboard,
    "richmenuswitch": _switch,
}


def action_errors(action: object, at: str, label_required: bool = True, label_most: int = 20) -> list[Json]:
    if not isinstance(action, dict) or action.get("type") not in ACTION_CHECKS:
        return [detail(f"Must be one of the following values: [{', '.join(ACTION_CHECKS)}]", f"{at}.type")]
    label = action.get("label")
    errors = words(label, f"{at}.label", label_most) if label_required or label is not None else []
    return errors + ACTION_CHECKS[action["type"]](action, at)
