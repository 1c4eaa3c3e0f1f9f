"""The rich menu at LINE: the one typed seam to the SDK's menu calls, and how ours is put up.

Ours are known by their names, which residents never see. A menu this program did not make is never changed or
deleted; the API's menus and those of LINE Official Account Manager do not see each other anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from linebot.v3.messaging import (
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    AsyncMessagingApiBlob,
    Configuration,
    CreateRichMenuAliasRequest,
    RichMenuRequest,
    UpdateRichMenuAliasRequest,
)
from pydantic.v1 import ValidationError

from config.richmenu import MenuCell, RichMenuWords
from config.settings import LINE_API
from dialogue.words import Choice
from handlers.line import postback
from handlers.line.menu_picture import HEIGHT, WIDTH, cell_boxes, draw_menu

#: Seconds for one request; the picture takes longer than words do.
TIMEOUT = 30.0
NOT_THERE = 404
_OURS = "tsunagu"

T = TypeVar("T")


class MenuError(Exception):
    """LINE did not do it. The text says in plain Japanese why, and what helps; `status` is LINE's, 0 without one."""

    def __init__(self, why: str, *, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """A menu to put up: LINE's object, its picture, and the alias under which it is found again."""

    body: dict[str, Any]
    picture: bytes
    alias: str

    @property
    def name(self) -> str:
        return str(self.body["name"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What was done: whether the menu was made, and newly shown to everybody, and how many old ones went.

    `instead` tells that residents saw a menu of somebody else until now, which is still kept.
    """

    made: bool
    shown: bool
    removed: int
    instead: bool


def compose(words: RichMenuWords, desk_id: str) -> Menu:
    """The menu of a desk. Its name changes with every word and every stroke, so that an equal one is recognised."""
    picture = draw_menu(words.cells)
    shown: dict[str, Any] = {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": words.bar,
        "areas": [_area(cell, box) for cell, box in zip(words.cells, cell_boxes(), strict=True)],
    }
    print_of = hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode() + picture).hexdigest()[:16]
    name = f"{_prefix(desk_id)}{print_of}"
    return Menu(body={"name": name, **shown}, picture=picture, alias=f"{_OURS}-{desk_id}"[:32])


def _area(cell: MenuCell, box: tuple[int, int, int, int]) -> dict[str, Any]:
    data = postback.encode(Choice(label=cell.label, action=cell.action))
    # Who wants to talk gets the keyboard; everybody else came for the answer, which the open menu would cover.
    option = "openKeyboard" if cell.action == "talk" else "closeRichMenu"
    return {
        "bounds": dict(zip(("x", "y", "width", "height"), box, strict=True)),
        "action": {
            "type": "postback",
            "label": cell.label,
            "data": data,
            "displayText": cell.shown,
            "inputOption": option,
        },
    }


def _prefix(desk_id: str) -> str:
    return f"{_OURS}:{desk_id}:"


class MenuClient:
    """LINE's menu calls for one account. Create it inside a running event loop and close it there."""

    def __init__(self, *, access_token: str, host: str | None, timeout: float = TIMEOUT) -> None:
        # LINE takes pictures at another host than everything else; the SDK knows both as long as none is named.
        elsewhere = {"host": host} if host and host != LINE_API else {}
        configuration = Configuration(access_token=access_token, **elsewhere)
        self._timeout = timeout
        self._client = AsyncApiClient(configuration)
        self._api = AsyncMessagingApi(self._client)
        self._blob = AsyncMessagingApiBlob(self._client)

    async def close(self) -> None:
        await self._client.close()

    async def names(self) -> dict[str, str]:
        """The names of all menus made through the API, by id."""
        return await self._ask(self._listed())

    async def _listed(self) -> dict[str, str]:
        # Not the SDK's own list: one foreign menu with an action it does not know would make it fail.
        answer = await self._client.call_api(
            "/v2/bot/richmenu/list",
            "GET",
            response_types_map={},
            auth_settings=["Bearer"],
            _host=LINE_API,
            _request_timeout=self._timeout,
        )
        found = json.loads(answer.raw_data)["richmenus"]
        return {str(menu["richMenuId"]): str(menu.get("name", "")) for menu in found}

    async def create(self, body: dict[str, Any]) -> str:
        """Make a menu, as yet without a picture; nobody sees it."""
        request = RichMenuRequest.from_dict(body)
        made = await self._ask(self._api.create_rich_menu(request, _request_timeout=self._timeout))
        return str(made.rich_menu_id)

    async def upload(self, menu_id: str, picture: bytes) -> None:
        """Give a menu its picture, once and for all: LINE lets nobody replace one."""
        kind = {"Content-Type": "image/png"}
        call = self._blob.set_rich_menu_image(
            menu_id, body=bytearray(picture), _headers=kind, _request_timeout=self._timeout
        )
        await self._ask(call)

    async def delete(self, menu_id: str) -> None:
        await self._ask(self._api.delete_rich_menu(menu_id, _request_timeout=self._timeout))

    async def default(self) -> str | None:
        """The menu that everybody sees who has none of their own."""
        try:
            found = await self._ask(self._api.get_default_rich_menu_id(_request_timeout=self._timeout))
        except MenuError as error:
            if error.status == NOT_THERE:
                return None
            raise
        return str(found.rich_menu_id)

    async def make_default(self, menu_id: str) -> None:
        await self._ask(self._api.set_default_rich_menu(menu_id, _request_timeout=self._timeout))

    async def aliases(self) -> dict[str, str]:
        """The menu behind each alias."""
        found = await self._ask(self._api.get_rich_menu_alias_list(_request_timeout=self._timeout))
        return {str(alias.rich_menu_alias_id): str(alias.rich_menu_id) for alias in found.aliases}

    async def create_alias(self, alias: str, menu_id: str) -> None:
        request = CreateRichMenuAliasRequest(richMenuAliasId=alias, richMenuId=menu_id)
        await self._ask(self._api.create_rich_menu_alias(request, _request_timeout=self._timeout))

    async def move_alias(self, alias: str, menu_id: str) -> None:
        request = UpdateRichMenuAliasRequest(richMenuId=menu_id)
        await self._ask(self._api.update_rich_menu_alias(alias, request, _request_timeout=self._timeout))

    @staticmethod
    async def _ask(call: Awaitable[T]) -> T:
        try:
            return await call
        except ApiException as error:
            raise MenuError(_why(error), status=int(error.status or 0)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise MenuError(_unreachable(error)) from error
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise MenuError(_UNCLEAR) from error


async def apply_menu(client: MenuClient, menu: Menu, desk_id: str) -> Applied:
    """Put up `menu`, and only it. Doing it again changes nothing; a try that broke off is cleared away by the next.

    1. An equal menu behind our alias is complete, because the alias is set last: keep it. Else make it.
    2. Show it to everybody. 3. Only then delete our older ones, so that residents never stand without a menu.
    """
    names, aliases, before = await client.names(), await client.aliases(), await client.default()
    ours = {menu_id for menu_id, name in names.items() if name.startswith(_prefix(desk_id))}
    current = aliases.get(menu.alias)
    made = current is None or current not in ours or names[current] != menu.name
    if made or current is None:
        current = await client.create(menu.body)
        await client.upload(current, menu.picture)
        place = client.move_alias if menu.alias in aliases else client.create_alias
        await place(menu.alias, current)
    if before != current:
        await client.make_default(current)
    old = sorted(ours - {current})
    for menu_id in old:
        await client.delete(menu_id)
    foreign = before is not None and before not in ours | {current}
    return Applied(made=made, shown=before != current, removed=len(old), instead=foreign)


async def put_up(menu: Menu, desk_id: str, *, access_token: str, host: str | None) -> Applied:
    """`apply_menu` with a client of its own. Raises `MenuError`."""
    client = MenuClient(access_token=access_token, host=host)
    try:
        return await apply_menu(client, menu, desk_id)
    finally:
        await client.close()


_UNCLEAR = "LINEの返事が読めませんでした。少し待って、もう一度実行してください"


def _unreachable(error: Exception) -> str:
    return f"LINEにつながりません({type(error).__name__})。ネットワークと LINE_API_URL を確かめてください"


def _why(error: ApiException) -> str:
    """LINE's refusal in plain words; its own text only where it says what is wrong with the menu."""
    status = int(error.status or 0)
    if status in {401, 403}:
        return f"LINEが鍵を受け付けませんでした({status})。LINE_CHANNEL_ACCESS_TOKEN を確かめてください"
    if status == 429:
        return "LINEの回数の上限です(メニューを作る・消すのは1時間に100回まで)。時間をおいて、もう一度実行してください"
    if status >= 500:
        return f"LINEの側で問題が起きています({status})。少し待って、もう一度実行してください"
    return f"LINEがメニューを受け付けませんでした({status}: {_message(error)})"


def _message(error: ApiException) -> str:
    try:
        said = json.loads(str(error.body))
        return str(said["message"])
    except (ValueError, TypeError, KeyError):
        return str(error.reason or "理由は示されていません")
