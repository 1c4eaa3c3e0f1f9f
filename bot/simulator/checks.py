"""Is this a message LINE would take? The limits of its reference, with its way of naming what is wrong.

https://developers.line.biz/en/reference/messaging-api/#message-objects
"""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.actions import action_errors
from bot.simulator.counting import utf16_units
from bot.simulator.flexchecks import container_errors
from bot.simulator.model import Json
from bot.simulator.rules import detail, optional_words, web_address, words

MESSAGES = 5
TEXT_UNITS = 5_000
QUICK_REPLIES = 13
QUICK_REPLY_LABEL = 20
ALT_TEXT = 1_500

Check = Callable[[Json, str], list[Json]]


def messages_errors(messages: object) -> list[Json]:
    """Everything wrong with the `messages` of a send, empty when LINE would take them."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= MESSAGES:
        return [detail(f"Size must be between 1 and {MESSAGES}", "messages")]
    errors: list[Json] = []
    for position, message in enumerate(messages):
        at = f"messages[{position}]"
        if not isinstance(message, dict) or message.get("type") not in MESSAGE_CHECKS:
            errors.append(detail(f"Must be one of the following values: [{', '.join(MESSAGE_CHECKS)}]", f"{at}.type"))
            continue
        errors += MESSAGE_CHECKS[message["type"]](message, at)
        errors += _quick_reply_errors(message.get("quickReply"), f"{at}.quickReply")
        errors += _sender_errors(message.get("sender"), f"{at}.sender")
    return errors


# Messages


def _text(message: Json, at: str) -> list[Json]:
    return words(message.get("text"), f"{at}.text", TEXT_UNITS, count=utf16_units)


def _sticker(message: Json, at: str) -> list[Json]:
    return [
        detail("May not be empty", f"{at}.{name}")
        for name in ("packageId", "stickerId")
        if not isinstance(message.get(name), str) or not message[name].isdecimal()
    ]


def _picture(message: Json, at: str) -> list[Json]:
    return [
        error
        for name in ("originalContentUrl", "previewImageUrl")
        for error in web_address(message.get(name), f"{at}.{name}")
    ]


def _audio(message: Json, at: str) -> list[Json]:
    errors = web_address(message.get("originalContentUrl"), f"{at}.originalContentUrl")
    return (
        errors if isinstance(message.get("duration"), int) else [*errors, detail("May not be null", f"{at}.duration")]
    )


def _location(message: Json, at: str) -> list[Json]:
    errors = words(message.get("title"), f"{at}.title", 100) + words(message.get("address"), f"{at}.address", 100)
    return errors + [
        detail("May not be null", f"{at}.{name}")
        for name in ("latitude", "longitude")
        if not isinstance(message.get(name), int | float)
    ]


def _template(message: Json, at: str) -> list[Json]:
    errors = words(message.get("altText"), f"{at}.altText", ALT_TEXT)
    template = message.get("template")
    at = f"{at}.template"
    if not isinstance(template, dict) or template.get("type") not in ("buttons", "confirm"):
        return [*errors, detail("Must be one of the following values: [buttons, confirm]", f"{at}.type")]
    if template["type"] == "confirm":
        errors += words(template.get("text"), f"{at}.text", 240)
        return errors + _actions_errors(template.get("actions"), f"{at}.actions", 2, 2)
    illustrated = template.get("title") or template.get("thumbnailImageUrl")
    errors += words(template.get("text"), f"{at}.text", 60 if illustrated else 160)
    errors += optional_words(template.get("title"), f"{at}.title", 40)
    return errors + _actions_errors(template.get("actions"), f"{at}.actions", 1, 4)


def _flex(message: Json, at: str) -> list[Json]:
    errors = words(message.get("altText"), f"{at}.altText", ALT_TEXT)
    return errors + container_errors(message.get("contents"), f"{at}.contents")


MESSAGE_CHECKS: dict[str, Check] = {
    "text": _text,
    "sticker": _sticker,
    "image": _picture,
    "video": _picture,
    "audio": _audio,
    "location": _location,
    "template": _template,
    "flex": _flex,
}


# Parts of messages


def _actions_errors(actions: object, at: str, least: int, most: int) -> list[Json]:
    if not isinstance(actions, list) or not least <= len(actions) <= most:
        return [detail(f"Size must be between {least} and {most}", at)]
    return [error for i, action in enumerate(actions) for error in action_errors(action, f"{at}[{i}]")]


def _quick_reply_errors(quick_reply: object, at: str) -> list[Json]:
    if quick_reply is None:
        return []
    items = quick_reply.get("items") if isinstance(quick_reply, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= QUICK_REPLIES:
        return [detail(f"Size must be between 1 and {QUICK_REPLIES}", f"{at}.items")]
    errors: list[Json] = []
    for position, item in enumerate(items):
        here = f"{at}.items[{position}]"
        if not isinstance(item, dict) or item.get("type", "action") != "action":
            errors.append(detail("Must be one of the following values: [action]", f"{here}.type"))
            continue
        if item.get("imageUrl") is not None:
            errors += web_address(item["imageUrl"], f"{here}.imageUrl")
        errors += action_errors(item.get("action"), f"{here}.action", label_most=QUICK_REPLY_LABEL)
        if isinstance(item.get("action"), dict) and item["action"].get("type") == "richmenuswitch":
            errors.append(detail("richmenuswitch is for rich menus only", f"{here}.action.type"))
    return errors


def _sender_errors(sender: object, at: str) -> list[Json]:
    if sender is None:
        return []
    if not isinstance(sender, dict):
        return [detail("must be an object", at)]
    errors = optional_words(sender.get("name"), f"{at}.name", 20)
    if "LINE" in str(sender.get("name", "")):
        errors.append(detail("The name contains a word that may not be used", f"{at}.name"))
    if sender.get("iconUrl") is not None:
        errors += web_address(sender["iconUrl"], f"{at}.iconUrl")
    return errors
