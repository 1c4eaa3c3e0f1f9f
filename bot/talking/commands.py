"""What is typed at the prompt: words of a resident, or a command after a slash. Pure: a line becomes a value."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from dialogue.events import WordlessKind

HELP = """\
  そのまま書くと、住民の言葉になります。/ で始まる行は、次の命令です(// で始めると / で始まる言葉)。
  /続けて 一つめ | 二つめ    間をおかずに続けて書く(返事は一つ)
  /押す 2                    返事の候補を押す(番号か、ボタンの言葉)
  /メニュー 急ぎのとき       下のメニューを押す(番号か言葉。何もなければ一覧)
  /スタンプ /写真 /動画 /声 /ファイル /場所    言葉のないものを送る
  /取消                      送信を取り消す
  /追加 /ブロック            友だち追加(ブロックのあとなら解除)、ブロック
  /相談員 名前 /相談員終わり   人が書きはじめる、書きおわる(/相談員終わり 無言: 返事がない)
  /お便り                    お便りの時が来る(/お便り 二度目: 返事がないとき、/お便り 言葉: 相談員のひとこと付き)
  /時刻 2026-12-31 23:50     時計を合わせる(23:50 だけなら同じ日)
  /待つ 3日                  時計を進める(3日2時間30分、1週間 など)
  /戻る                      一つ前に戻る
  /最初から                  新しい人になる(友だち追加の前)
  /状態                      覚えていることと、会話の状態を見る
  /保存 FILE 題              ここまでを見本の会話(YAML)として書く
  /おわり                    終わる"""


class Name(StrEnum):
    """The commands, by the words people type."""

    BURST = "続けて"
    PRESS = "押す"
    MENU = "メニュー"
    WORDLESS = "送る"
    UNSEND = "取消"
    FOLLOW = "追加"
    BLOCK = "ブロック"
    STAFF = "相談員"
    STAFF_LEAVES = "相談員終わり"
    CHECK_IN = "お便り"
    CLOCK = "時刻"
    WAIT = "待つ"
    BACK = "戻る"
    ANEW = "最初から"
    STATE = "状態"
    SAVE = "保存"
    HELP = "助け"
    END = "おわり"


#: Other ways to write the same.
_ALSO = {
    "終わり": Name.END,
    "quit": Name.END,
    "exit": Name.END,
    "?": Name.HELP,
    "help": Name.HELP,
    "ヘルプ": Name.HELP,
    "もどる": Name.BACK,
    "おたより": Name.CHECK_IN,
    "おす": Name.PRESS,
    "まつ": Name.WAIT,
}
SENDS = {
    "スタンプ": WordlessKind.STICKER,
    "写真": WordlessKind.IMAGE,
    "動画": WordlessKind.VIDEO,
    "声": WordlessKind.AUDIO,
    "ファイル": WordlessKind.FILE,
    "場所": WordlessKind.LOCATION,
}


class NotUnderstood(Exception):
    """The line is no command. The text says what would be one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What a resident writes."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command with the rest of its line."""

    name: Name
    rest: str = ""


def parse(line: str) -> Words | Command | None:
    """None for an empty line. Raises `NotUnderstood`."""
    text = line.rstrip("\r\n")
    if not text.strip():
        return None
    if not text.startswith(("/", "／")):
        return Words(text=text)
    if text[1:2] in {"/", "／"}:
        return Words(text=text[1:])
    head, _, rest = text[1:].strip().replace("　", " ").partition(" ")
    word = unicodedata.normalize("NFKC", head)
    if word in SENDS:
        return Command(name=Name.WORDLESS, rest=word)
    if word in _ALSO:
        return Command(name=_ALSO[word], rest=rest.strip())
    if word in set(Name) - {Name.WORDLESS}:
        return Command(name=Name(word), rest=rest.strip())
    raise NotUnderstood(f"「/{head}」という命令はありません。/助け で一覧が出ます")


def burst(rest: str) -> tuple[str, ...]:
    """The messages of a burst, written with bars between them."""
    texts = tuple(part.strip() for part in re.split(r"[|｜]", rest) if part.strip())
    if not texts:
        raise NotUnderstood("「/続けて 一つめ | 二つめ」のように書いてください")
    return texts


def pick(rest: str, labels: tuple[str, ...], what: str) -> int:
    """The place of a button named by number or by its words."""
    if not labels:
        raise NotUnderstood(f"いま押せる{what}はありません")
    wanted = unicodedata.normalize("NFKC", rest)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(labels):
        return int(wanted) - 1
    if rest in labels:
        return labels.index(rest)
    raise NotUnderstood(f"1から{len(labels)}の番号か、次の言葉で選んでください: {'、'.join(labels)}")


_UNITS = {"週間": 7 * 24 * 60, "週": 7 * 24 * 60, "日": 24 * 60, "時間": 60, "分": 1}
_SPAN = re.compile(r"(\d{1,4})(週間|週|日|時間|分)")


def span(rest: str) -> dt.timedelta:
    """「3日」「2時間30分」「1週間」."""
    text = unicodedata.normalize("NFKC", rest).replace(" ", "")
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise NotUnderstood("「/待つ 3日」「/待つ 2時間30分」のように書いてください")
    return dt.timedelta(minutes=sum(int(number) * _UNITS[unit] for number, unit in parts))


def moment(rest: str, here: dt.datetime) -> dt.datetime:
    """「2026-12-31 23:50」 or 「23:50」 on the wall clock of `here`, whose day stands in for a missing one."""
    text = unicodedata.normalize("NFKC", rest).strip().replace("/", "-").replace("T", " ")
    day, _, clock = text.rpartition(" ")
    try:
        date = dt.date.fromisoformat(day) if day else here.date()
        return dt.datetime.combine(date, dt.time.fromisoformat(clock.zfill(len("09:00"))), here.tzinfo)
    except ValueError:
        raise NotUnderstood("「/時刻 2026-12-31 23:50」のように書いてください") from None
