"""Rich menus, their pictures and aliases.

https://developers.line.biz/en/reference/messaging-api/#rich-menu
"""

from __future__ import annotations

import re
import struct

from bot.simulator.actions import action_errors
from bot.simulator.answers import NOT_FOUND, Answer, bad_body, refused
from bot.simulator.core import Core
from bot.simulator.counting import graphemes
from bot.simulator.model import Json
from bot.simulator.rules import detail

MENUS = 1_000
AREAS = 20
IMAGE_BYTES = 1_048_576
_ALIAS = re.compile(r"[a-z0-9_-]{1,32}")


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return int(width), int(height)
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return None


class RichMenus:
    def __init__(self, core: Core) -> None:
        self._core = core
        self.menus: dict[str, Json] = {}
        self.images: dict[str, tuple[str, bytes]] = {}
        self.aliases: dict[str, str] = {}
        self.default_id: str | None = None

    def shown_to(self, own_id: str | None) -> Json | None:
        """A menu of one's own goes before the default."""
        return self.menus.get(own_id or "") or self.menus.get(self.default_id or "")

    def create(self, body: Json) -> Answer:
        errors = _menu_errors(body)
        if errors:
            return bad_body(errors)
        if len(self.menus) >= MENUS:
            return refused(400, "The maximum number of rich menus has been reached")
        menu_id = self._core.ids.rich_menu()
        self.menus[menu_id] = {"richMenuId": menu_id, **body}
        return Answer(body={"richMenuId": menu_id})

    @staticmethod
    def validate(body: Json) -> Answer:
        errors = _menu_errors(body)
        return bad_body(errors) if errors else Answer()

    def get(self, menu_id: str) -> Answer:
        menu = self.menus.get(menu_id)
        return Answer(body=menu) if menu is not None else refused(404, "richmenu not found")

    def list_all(self) -> Answer:
        return Answer(body={"richmenus": list(self.menus.values())})

    def delete(self, menu_id: str) -> Answer:
        if self.menus.pop(menu_id, None) is None:
            return refused(404, "richmenu not found")
        self.images.pop(menu_id, None)
        if self.default_id == menu_id:
            self.default_id = None
        return Answer()

    def set_image(self, menu_id: str, content_type: str, content: bytes) -> Answer:
        menu = self.menus.get(menu_id)
        if menu is None:
            return refused(404, "richmenu not found")
        if content_type not in ("image/png", "image/jpeg"):
            return refused(415, "Unsupported Media Type")
        if menu_id in self.images:
            return refused(400, "An image has already been uploaded to the richmenu")
        if len(content) > IMAGE_BYTES or image_size(content) != (menu["size"]["width"], menu["size"]["height"]):
            return refused(400, "The image is too large or does not have the size of the richmenu")
        self.images[menu_id] = (content_type, content)
        return Answer()

    def image(self, menu_id: str) -> Answer:
        if menu_id not in self.images:
            return NOT_FOUND
        content_type, content = self.images[menu_id]
        return Answer(content=content, headers={"content-type": content_type})

    def set_default(self, menu_id: str) -> Answer:
        if menu_id not in self.menus:
            return refused(404, "richmenu not found")
        if menu_id not in self.images:
            return refused(400, "must upload richmenu image before applying it to user")
        self.default_id = menu_id
        return Answer()

    def get_default(self) -> Answer:
        if self.default_id is None:
            return refused(404, "no default richmenu")
        return Answer(body={"richMenuId": self.default_id})

    def clear_default(self) -> Answer:
        self.default_id = None
        return Answer()

    def create_alias(self, body: Json) -> Answer:
        alias, menu_id = str(body.get("richMenuAliasId", "")), str(body.get("richMenuId", ""))
        if _ALIAS.fullmatch(alias) is None:
            return bad_body([detail("must match ^[a-z0-9_-]{1,32}$", "richMenuAliasId")])
        if alias in self.aliases:
            return refused(400, "conflict richmenu alias id")
        return self._point(alias, menu_id)

    def update_alias(self, alias: str, body: Json) -> Answer:
        if alias not in self.aliases:
            return refused(404, "richmenu alias not found")
        return self._point(alias, str(body.get("richMenuId", "")))

    def _point(self, alias: str, menu_id: str) -> Answer:
        if menu_id not in self.images:
            return refused(400, "richmenu not found, or it has no image")
        self.aliases[alias] = menu_id
        return Answer()

    def get_alias(self, alias: str) -> Answer:
        if alias not in self.aliases:
            return refused(404, "richmenu alias not found")
        return Answer(body=self._alias(alias))

    def list_aliases(self) -> Answer:
        return Answer(body={"aliases": [self._alias(alias) for alias in self.aliases]})

    def delete_alias(self, alias: str) -> Answer:
        if self.aliases.pop(alias, None) is None:
            return refused(404, "richmenu alias not found")
        return Answer()

    def _alias(self, alias: str) -> Json:
        return {"richMenuAliasId": alias, "richMenuId": self.aliases[alias]}


def _menu_errors(body: Json) -> list[Json]:
    size = body.get("size")
    errors: list[Json] = []
    if not isinstance(size, dict) or not _size_allowed(size.get("width"), size.get("height")):
        errors.append(detail("width 800-2500, height at least 250, width / height at least 1.45", "size"))
    for name, most in (("name", 300), ("chatBarText", 14)):
        text = body.get(name)
        if not isinstance(text, str) or not 1 <= graphemes(text) <= most:
            errors.append(detail(f"Size must be between 1 and {most}", name))
    if not isinstance(body.get("selected"), bool):
        errors.append(detail("May not be null", "selected"))
    areas = body.get("areas")
    if not isinstance(areas, list) or len(areas) > AREAS:
        return [*errors, detail(f"Size must be between 0 and {AREAS}", "areas")]
    for position, area in enumerate(areas):
        errors += _area_errors(area, f"areas[{position}]")
    return errors


def _size_allowed(width: object, height: object) -> bool:
    if not isinstance(width, int) or not isinstance(height, int):
        return False
    return 800 <= width <= 2500 and height >= 250 and width / height >= 1.45


def _area_errors(area: object, at: str) -> list[Json]:
    bounds = area.get("bounds") if isinstance(area, dict) else None
    if not isinstance(area, dict) or not isinstance(bounds, dict):
        return [detail("May not be null", f"{at}.bounds")]
    wrong = [
        detail("must be an integer of at least 0", f"{at}.bounds.{side}")
        for side in ("x", "y", "width", "height")
        if not isinstance(bounds.get(side), int) or bounds[side] < 0
    ]
    return wrong + action_errors(area.get("action"), f"{at}.action", label_required=False)
