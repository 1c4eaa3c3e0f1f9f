"""What stands in the detail of an act, in Japanese: the auditor reads words of the office, not of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casework.alerting import Circle
from casework.permissions import Action
from casework.sheet_views import Standing
from config.categories import categories
from handlers.staff import case_labels, check_in_labels
from handlers.staff.words import ROLES

_NAMES: Mapping[str, str] = {
    "action": "操作",
    "area": "圏域",
    "by_itself": "画面がひとりでに新しくなった",
    "category": "困りごと",
    "certificate": "証明書",
    "confirmed": "確かめた欄",
    "count": "件数",
    "erased": "消し直した人",
    "fields": "書いた欄",
    "given": "登録した",
    "kind": "種類",
    "list": "一覧",
    "number": "番号",
    "org": "機関",
    "people": "人数",
    "reason": "理由",
    "role": "役割",
    "roles": "役割",
    "source": "経路",
    "standing": "立場",
    "step": "段階",
    "to": "相手・変えたあと",
    "told": "知らせた人",
    "verdict": "判断",
    "version": "版",
    "who": "だれ",
    "words": "言葉の見える画面",
}
ACTIONS: Mapping[Action, str] = {
    Action.SEE_QUEUE: "相談の一覧を見る",
    Action.SEE_CASE: "相談を見る",
    Action.READ_WORDS: "言葉を読む",
    Action.ANSWER: "返事をする",
    Action.CLAIM: "引き受ける",
    Action.ASSIGN: "割り当てる",
    Action.HAND_OVER: "引き継ぐ",
    Action.NOTE: "記録する",
    Action.CORRECT_TAG: "困りごとを直す",
    Action.LOWER_RISK: "危険度を変える",
    Action.CLOSE: "終了する",
    Action.NEW_CASE: "相談を登録する",
    Action.EXCLUDE: "担当から外す",
    Action.DECLARE_CONFLICT: "利害関係を申し出る",
    Action.LINK_HOUSEHOLD: "世帯をつなぐ",
    Action.JOIN_ROOMS: "部屋をつなぐ",
    Action.SEE_SHEET: "シートを見る",
    Action.EDIT_SHEET: "シートを書く",
    Action.SUBMIT_SHEET: "シートを提出する",
    Action.RECEIVE_SHEET: "シートを受け取る",
    Action.TRIAGE: "シートを振り分ける",
    Action.BREAK_GLASS: "同意なしで開く",
    Action.REVIEW_READING: "同意なしの閲覧を確かめる",
    Action.SEE_LOOKERS: "見た人の一覧を見る",
    Action.SEE_STATISTICS: "統計を見る",
    Action.EXPORT: "書き出す",
    Action.SEE_AUDIT: "操作の記録を見る",
    Action.MANAGE_STAFF: "職員を登録する",
    Action.MANAGE_DESK: "窓口を設定する",
    Action.SEE_SET_ASIDE: "処理できなかった届きものを見る",
}
CIRCLES: Mapping[Circle, str] = {
    Circle.ON_CALL: "当番",
    Circle.AREA: "圏域の相談員",
    Circle.SUPERVISORS: "主任相談員",
    Circle.DESK: "窓口の宛先",
}
STANDINGS: Mapping[Standing, str] = {
    Standing.HOME: "送り元の職員",
    Standing.PENDING: "つなぎ先(まだ引き受けていない)",
    Standing.RECIPIENT: "つなぎ先",
    Standing.MEMBER: "会議の構成員",
}


def _plain(*tables: Mapping[Any, str]) -> dict[str, str]:
    return {key.value: label for table in tables for key, label in table.items()}


#: By the name of the part; the same word may mean something else in another part.
_VALUES: Mapping[str, Mapping[str, str]] = {
    "action": _plain(ACTIONS),
    "role": _plain(ROLES),
    "standing": _plain(STANDINGS),
    "source": _plain(case_labels.SOURCES),
    "kind": _plain(case_labels.NOTE_KINDS),
    "verdict": _plain(case_labels.VERDICTS),
    "reason": _plain(case_labels.CLOSE_REASONS, case_labels.REASONS, check_in_labels.REASONS),
    "to": _plain(CIRCLES, case_labels.LEVELS),
}


def detail_shown(detail: Mapping[str, Any], people: Mapping[str, str], area_name: Callable[[str], str]) -> list[str]:
    """Each part in words. What was not so (False, None) is no news; what has no name of ours stands as it is."""
    return [
        _part(name, value, people, area_name)
        for name, value in detail.items()
        if value is not None and value is not False
    ]


def _part(name: str, value: Any, people: Mapping[str, str], area_name: Callable[[str], str]) -> str:
    label = _NAMES.get(name, name)
    if value is True:
        return label
    if name == "area":
        return f"{label}: {area_name(value)}"
    if name == "category" and value in categories():
        return f"{label}: {categories()[value].label}"
    if name == "roles":
        return f"{label}: {'・'.join(_VALUES['role'].get(one, one) for one in str(value).split(','))}"
    return f"{label}: {people.get(str(value)) or _VALUES.get(name, {}).get(str(value), value)}"
