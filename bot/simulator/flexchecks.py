"""Is this a Flex container LINE would take? It refuses the whole message for one unknown property.

https://developers.line.biz/en/reference/messaging-api/#flex-message
"""

from __future__ import annotations

import json
import re

from bot.simulator.actions import action_errors
from bot.simulator.model import Json
from bot.simulator.rules import detail, one_of, web_address

BUBBLE_BYTES = 30 * 1024
CAROUSEL_BYTES = 50 * 1024
BUBBLES = 12
LABEL = 40

_OFFSETS = frozenset({"position", "offsetTop", "offsetBottom", "offsetStart", "offsetEnd"})
_PADDINGS = frozenset({"paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd"})
_TEXT_STYLE = frozenset({"type", "text", "size", "color", "weight", "style", "decoration"})
PROPERTIES: dict[str, frozenset[str]] = {
    "box": _OFFSETS
    | _PADDINGS
    | {"type", "layout", "contents", "flex", "spacing", "margin", "backgroundColor", "borderColor", "borderWidth"}
    | {"cornerRadius", "width", "maxWidth", "height", "maxHeight", "action", "justifyContent", "alignItems"}
    | {"background"},
    "button": _OFFSETS
    | {"type", "action", "flex", "margin", "height", "style", "color", "gravity", "adjustMode", "scaling"},
    "image": _OFFSETS
    | {"type", "url", "flex", "margin", "align", "gravity", "size", "aspectRatio", "aspectMode", "backgroundColor"}
    | {"action", "animated"},
    "video": frozenset({"type", "url", "previewUrl", "altContent", "aspectRatio", "action"}),
    "icon": _OFFSETS | {"type", "url", "margin", "size", "aspectRatio", "scaling"},
    "text": _OFFSETS
    | _TEXT_STYLE
    | {"contents", "adjustMode", "flex", "margin", "align", "gravity", "wrap", "lineSpacing", "maxLines", "action"}
    | {"scaling"},
    "span": _TEXT_STYLE,
    "separator": frozenset({"type", "margin", "color"}),
    "filler": frozenset({"type", "flex"}),
}
_BUBBLE = frozenset({"type", "size", "direction", "header", "hero", "body", "footer", "styles", "action"})
_IN_BASELINE = ("icon", "text", "filler", "box")
_ENUMS: dict[str, tuple[str, ...]] = {
    "weight": ("regular", "bold"),
    "decoration": ("none", "underline", "line-through"),
    "align": ("start", "end", "center"),
    "gravity": ("top", "bottom", "center"),
    "position": ("relative", "absolute"),
    "aspectMode": ("cover", "fit"),
    "adjustMode": ("shrink-to-fit",),
    "alignItems": ("center", "flex-start", "flex-end"),
    "justifyContent": ("center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"),
}
_STYLES = {"button": ("primary", "secondary", "link"), "text": ("normal", "italic"), "span": ("normal", "italic")}
_SIZES = ("nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
_LENGTH = re.compile(r"none|xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl|full|\d+(\.\d+)?(px|%)")
_KEYWORD_OR_LENGTH = ("margin", "spacing", "size", *sorted(_PADDINGS), *sorted(_OFFSETS - {"position"}))


def container_errors(container: object, at: str) -> list[Json]:
    """A bubble, or a carousel of bubbles."""
    if isinstance(container, dict) and container.get("type") == "bubble":
        return _bubble_errors(container, at)
    if not isinstance(container, dict) or container.get("type") != "carousel":
        return [detail("Must be one of the following values: [bubble, carousel]", f"{at}.type")]
    bubbles = container.get("contents")
    if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= BUBBLES:
        return [detail(f"Size must be between 1 and {BUBBLES}", f"{at}.contents")]
    errors = _too_big(container, at, CAROUSEL_BYTES)
    for position, bubble in enumerate(bubbles):
        errors += _bubble_errors(bubble, f"{at}.contents[{position}]")
    return errors


def _bubble_errors(bubble: object, at: str) -> list[Json]:
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        return [detail("Must be one of the following values: [bubble]", f"{at}.type")]
    errors = _too_big(bubble, at, BUBBLE_BYTES) + _unknown(bubble, _BUBBLE, at)
    errors += one_of(bubble.get("size"), f"{at}.size", _SIZES)
    if not any(bubble.get(block) for block in ("header", "hero", "body", "footer")):
        errors.append(detail("must have at least one block", at))
    for block, kinds in (
        ("header", ("box",)),
        ("hero", ("box", "image", "video")),
        ("body", ("box",)),
        ("footer", ("box",)),
    ):
        if bubble.get(block) is not None:
            errors += _component_errors(bubble[block], f"{at}.{block}", kinds)
    return errors


def _too_big(container: Json, at: str, most: int) -> list[Json]:
    size = len(json.dumps(container, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))
    return [] if size <= most else [detail(f"must be at most {most} bytes", at)]


def _unknown(value: Json, known: frozenset[str], at: str) -> list[Json]:
    return [detail("unknown field", f"{at}.{name}") for name in value if name not in known]


def _component_errors(component: object, at: str, kinds: tuple[str, ...]) -> list[Json]:
    kind = component.get("type") if isinstance(component, dict) else None
    if not isinstance(component, dict) or kind not in kinds:
        return [detail(f"Must be one of the following values: [{', '.join(kinds)}]", f"{at}.type")]
    errors = _unknown(component, PROPERTIES[kind], at) + _look_errors(component, at)
    errors += one_of(component.get("style"), f"{at}.style", _STYLES.get(kind, ()))
    if kind == "box":
        return errors + _box_errors(component, at)
    if kind == "text":
        return errors + _text_errors(component, at)
    if kind in ("image", "icon", "video"):
        errors += web_address(component.get("url"), f"{at}.url")
    if kind == "span" and not isinstance(component.get("text"), str):
        errors.append(detail("May not be empty", f"{at}.text"))
    if kind == "button" or component.get("action") is not None:
        errors += action_errors(component.get("action"), f"{at}.action", kind == "button", LABEL)
    return errors


def _look_errors(component: Json, at: str) -> list[Json]:
    errors: list[Json] = []
    for name, allowed in _ENUMS.items():
        errors += one_of(component.get(name), f"{at}.{name}", allowed)
    for name in ("color", "backgroundColor", "borderColor"):
        value = component.get(name)
        if value is not None and (not isinstance(value, str) or _COLOUR.fullmatch(value) is None):
            errors.append(detail("invalid color", f"{at}.{name}"))
    for name in _KEYWORD_OR_LENGTH:
        value = component.get(name)
        if value is not None and (not isinstance(value, str) or _LENGTH.fullmatch(value) is None):
            errors.append(detail("invalid property", f"{at}.{name}"))
    return errors


def _box_errors(box: Json, at: str) -> list[Json]:
    errors = one_of(box.get("layout"), f"{at}.layout", ("horizontal", "vertical", "baseline"), required=True)
    contents = box.get("contents")
    if not isinstance(contents, list):
        return [*errors, detail("May not be null", f"{at}.contents")]
    kinds = _IN_BASELINE if box.get("layout") == "baseline" else tuple(k for k in PROPERTIES if k != "span")
    for position, component in enumerate(contents):
        errors += _component_errors(component, f"{at}.contents[{position}]", kinds)
    if box.get("action") is not None:
        errors += action_errors(box["action"], f"{at}.action", False, LABEL)
    return errors


def _text_errors(text: Json, at: str) -> list[Json]:
    errors = [] if text.get("action") is None else action_errors(text["action"], f"{at}.action", False, LABEL)
    spans = text.get("contents")
    if spans:
        for position, span in enumerate(spans if isinstance(spans, list) else [spans]):
            errors += _component_errors(span, f"{at}.contents[{position}]", ("span",))
        return errors
    if not isinstance(text.get("text"), str) or not text["text"]:
        errors.append(detail("must be non-empty text", f"{at}.text"))
    return errors
