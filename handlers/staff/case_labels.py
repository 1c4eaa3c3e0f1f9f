"""How the pages of cases call things, in Japanese. What is not listed is shown by its own name."""

from __future__ import annotations

from collections.abc import Mapping

from casework.consents import ConsentKind
from casework.history import Line, Strand
from casework.queue import CaseState, Lane, LastWord, Level, SafeContact, Silence
from casework.reading import Reason
from storage.case_tables import CloseReason, NoteKind, Source, Verdict
from storage.cases import CaseRow
from storage.household_tables import Part

LEVELS: Mapping[Level, str] = {Level.URGENT: "緊急", Level.WATCH: "要注意", Level.NONE: "ふつう"}
KINDS: Mapping[str, str] = {
    "suicide": "自死・自傷",
    "violence": "暴力・虐待",
    "lifeline": "食べ物・住まいの切迫",
    "medical": "体の危険",
}
STATES: Mapping[CaseState, str] = {
    CaseState.WAITING: "担当者なし",
    CaseState.OPEN: "対応中",
    CaseState.SNOOZED: "あとで",
    CaseState.CLOSED: "終了",
}
LAST_WORDS: Mapping[LastWord, str] = {
    LastWord.RESIDENT: "本人",
    LastWord.STAFF: "相談員",
    LastWord.PROGRAM: "自動の返事",
}
LANES: Mapping[Lane, str] = {
    Lane.ALL: "すべて",
    Lane.UNCLAIMED: "担当者なし",
    Lane.MINE: "わたしの担当",
    Lane.CHILDREN: "家のことを担う子ども",
}
SOURCES: Mapping[Source, str] = {
    Source.LINE: "LINE",
    Source.PHONE: "電話",
    Source.VISIT: "来所",
    Source.OUTREACH: "訪問",
    Source.PANTRY: "フードパントリー",
    Source.MEETING: "会議",
}
NOTE_KINDS: Mapping[NoteKind, str] = {
    NoteKind.NOTE: "メモ",
    NoteKind.PHONE: "電話",
    NoteKind.VISIT: "来所",
    NoteKind.OUTREACH: "訪問",
    NoteKind.PANTRY: "フードパントリー",
    NoteKind.MEETING: "会議",
    NoteKind.HANDED_ON: "引継ぎ",
}
#: What can be chosen for a note; the others come about by an act.
WRITTEN_KINDS = tuple(kind for kind in NoteKind if kind is not NoteKind.HANDED_ON)
CLOSE_REASONS: Mapping[CloseReason, str] = {
    CloseReason.DONE: "相談が落ち着いた",
    CloseReason.HANDED_OVER: "ほかの機関につないだ",
    CloseReason.WISHED: "本人がここまでと言った",
    CloseReason.MISTAKE: "相談ではなかった",
    CloseReason.ERASED: "本人が消した",
}
SAFE: Mapping[SafeContact, str] = {
    SafeContact.UNKNOWN: "まだ分からない",
    SafeContact.YES: "届けてよい",
    SafeContact.NO: "ほかの人が画面を見るおそれ",
}
_ROLES_IN_DANGER: Mapping[str, str] = {
    "may_harm": "本人がしてしまいそうな側",
    "witness": "本人は見聞きした側",
}
AT_RISK: Mapping[str, str] = {
    "self": "本人",
    "child": "子ども",
    "elder": "高齢の人",
    "partner": "配偶者・交際相手",
    "other": "ほかの人",
}
AGE_BANDS: Mapping[str, str] = {
    "minor": "18歳未満らしい",
    "0-11": "11歳以下",
    "12-14": "12–14歳",
    "15-17": "15–17歳",
    "18-24": "18–24歳",
    "25-39": "25–39歳",
    "40-64": "40–64歳",
    "65-74": "65–74歳",
    "75-": "75歳以上",
}
LANGUAGES: Mapping[str, str] = {
    "ja": "日本語",
    "en": "英語",
    "zh": "中国語",
    "ko": "韓国・朝鮮語",
    "vi": "ベトナム語",
    "tl": "タガログ語",
    "pt": "ポルトガル語",
    "ne": "ネパール語",
    "es": "スペイン語",
    "easy": "やさしい日本語",
}
_RULES: Mapping[str, str] = {
    "accepts_person": "相談員と話すことを選んだ",
    "accepts_meeting": "会って話すことを選んだ",
    "asks_for_person": "人と話したいと書いた",
    "child_carer": "家のことを担う子どもの話",
    "by_hand": "職員が登録した",
    "urgent.means": "危険な手段が手もとにある話",
    "scam_now": "お金をだまし取られそうな話",
    "check_in_hard": "お便りに「しんどい」と答えた",
    "check_in_worry": "お便りへの返事に気になる言葉",
}
_PARTS = {
    "urgent": "緊急の言葉",
    "watch": "気になる言葉",
    "may_harm": "してしまいそうな側",
    "witness": "見聞きした人",
    "again": "くり返し",
}
SILENCES: Mapping[Silence, str] = {
    Silence.BLOCKED: "ブロックされた",
    Silence.UNANSWERED: "相談員の言葉に返事がない",
    Silence.CHECK_IN: "お便りに返事がない",
    Silence.OFFERED: "相談員の案内に返事がない",
}
REASONS: Mapping[Reason, str] = {
    Reason.LIFE: "命の危険",
    Reason.ABUSE: "虐待",
    Reason.DV: "DV",
    Reason.FALSE_ALARM: "誤検知の確認",
    Reason.OTHER: "その他(理由を書く)",
}
VERDICTS: Mapping[Verdict, str] = {Verdict.RIGHT: "合っている", Verdict.WRONG: "ちがう", Verdict.MISSING: "足した"}
REVIEWS: Mapping[str, str] = {"fine": "適切だった", "question": "話し合いが必要"}
#: What residents answer to the questions of the program, in the order of the page.
TOLD: Mapping[str, str] = {
    "nickname": "呼び名",
    "area": "町名",
    "contact": "連絡のしかた",
    "secret": "知られたくない人",
    "unseen": "見られたくない人・地区",
    "hope": "どうなるといいか",
}
PARTS: Mapping[Part, str] = {
    Part.PARENT: "親",
    Part.CHILD: "子",
    Part.PARTNER: "配偶者・パートナー",
    Part.GRANDPARENT: "祖父母",
    Part.SIBLING: "きょうだい",
    Part.OTHER: "いっしょに住む人",
}
UNSAID = "(答えたくない)"
EVENTS: Mapping[str, str] = {
    "consent_read": "読むことに同意した",
    "consent_given": "伝えることに同意した",
    "consent_declined": "同意しなかった(いまは決めない)",
    "consent_withdrawn": "同意を取り消した",
    "area_kept_away": "見られたくない地区を外した",
    "page_saved": "自分のページで直した",
    "sheet_late": "つなぎ先の期限が過ぎた",
    "sheet_told_submitted": "つないだことを本人に伝えた",
    "sheet_told_answered": "つなぎ先の回答を本人に伝えた",
    "sheet_told_overdue": "返事が遅れていることを本人に伝えた",
    "opened": "相談が始まった",
    "alarm_urgent": "緊急の知らせ",
    "alarm_watch": "要注意の知らせ",
    "asked": "人と話すことを望んだ",
    "took_back": "望みを取り下げた",
    "blocked": "ブロックした",
    "unblocked": "ブロックをやめた",
    "hidden": "消してほしいと申し出た",
    "shown_again": "消す申し出を取りやめた",
    "erased": "本人の記録を消した",
    "woke": "一覧に戻った",
    "claimed": "引き受けた",
    "assigned": "割り当てた",
    "handed_on": "引き継いだ",
    "joined": "世帯に入れた",
    "parted": "世帯から外した",
    "room_joined": "前の部屋とつないだ",
    "room_closed": "新しい部屋とつなぎ、この部屋を閉じた",
    "returned": "一覧に戻した",
    "snoozed": "あとでにした",
    "seen_to": "対応不要にした",
    "came": "書きはじめることを本人に伝えた",
    "left": "自動の返事に戻した",
    "wrote": "返事を書いた",
    "drafted": "下書きした",
    "dropped": "下書きをやめた",
    "told_read": "読んだことを本人に伝えた",
    "told": "職員にメールで知らせた",
    "silent": "お便りに返事がなかった",
    "milestone": "制度の切りかわる年齢が近い",
    "plan_set": "お便りを決めた",
    "plan_ended": "お便りを終わりにした",
    "line_added": "次のお便りにひとことを添えた",
    "line_taken": "お便りのひとことを取った",
    "left_after_danger": "緊急の知らせのあと3日のうちに、本人がブロックした",
    "told_nobody": "メールで知らせる相手がいなかった",
    "lowered": "危険度を下げた",
    "raised": "危険度を上げた",
    "area": "圏域を決めた",
    "tagged": "困りごとを直した",
    "noted": "記録を書いた",
    "task": "予定を入れた",
    "task_done": "予定を終えた",
    "glass": "同意なしで開いた",
    "excluded": "担当から外した",
    "conflict": "利害関係を申し出た",
    "closed": "終了した",
    "reopened": "もう一度開いた",
}
STRANDS: Mapping[Strand, str] = {
    Strand.TALK: "会話",
    Strand.CASE: "担当と状態",
    Strand.NOTE: "記録",
    Strand.TASK: "予定",
    Strand.CONSENT: "同意",
    Strand.SHEET: "シート",
    Strand.CALL: "知らせ",
    Strand.READING: "閲覧",
}
_AGREED: Mapping[ConsentKind, str] = {
    ConsentKind.READ: "会話を読むこと",
    ConsentKind.ASK_AROUND: "名前を出さずにたずねること",
    ConsentKind.TELL_NAME: "名前を伝えること",
    ConsentKind.MEETING: "会議で話すこと",
}
#: What is done with a sheet, by the names of its versions.
SHEET_ACTS: Mapping[str, str] = {
    "created": "作成",
    "written": "書きかえ",
    "carried": "前の記録から写した",
    "named": "つなぎ先を入れた",
    "dropped": "つなぎ先を外した",
    "excluded": "伝えない項目にした",
    "included": "伝えない項目から外した",
    "consented": "同意",
    "based": "根拠",
    "seconded": "2人目の確認",
    "reopened": "下書きに戻した",
    "submitted": "提出",
    "sent": "送った",
    "told": "本人に伝えた",
    "stopped": "使わないよう伝えた",
    "closed": "終了",
    "withdrawn": "本人の取り消し",
    "received": "受領",
    "accepted": "引き受け",
    "declined": "引き受けられない",
    "met": "本人と会った",
    "returned": "つなぎ戻し",
    "triaged": "振り分け",
    "replied": "回答",
}
MESSAGE_KINDS: Mapping[str, str] = {
    "text": "文章",
    "sticker": "スタンプ",
    "image": "写真",
    "video": "動画",
    "audio": "音声",
    "file": "ファイル",
    "location": "位置情報",
    "other": "そのほか",
}


def rule_shown(rule: str) -> str:
    """The reason of an alert in words: a label of the rule, never a resident's words."""
    if rule in _RULES:
        return _RULES[rule]
    parts = [_PARTS[part] for part in rule.split(".") if part in _PARTS]
    return "・".join(parts) or rule


def kinds_shown(kinds: tuple[str, ...]) -> str:
    """Kinds of danger, named."""
    return "・".join(KINDS.get(kind, kind) for kind in kinds)


def danger_shown(case: CaseRow) -> str:
    """Who is at risk, and what part the writer has in it; empty when that is not known. Who is in danger themselves
    has no part to be named, except where somebody else does it.
    """
    if case.at_risk is None:
        return ""
    role = _ROLES_IN_DANGER.get(case.safety_role or "", "")
    if case.safety_role == "harmed" and "violence" in case.risk_kinds:
        role = "本人が受けている側"
    return f"危険なのは{AT_RISK.get(case.at_risk, case.at_risk)}{f'({role})' if role else ''}"


def history_shown(line: Line) -> str:
    """A line of the history in words."""
    if line.strand is Strand.SHEET:
        return f"{line.note} {SHEET_ACTS.get(line.kind, line.kind)}"
    how, _, kind = line.kind.partition("_")
    if line.strand is Strand.CONSENT and kind in set(ConsentKind):
        what = "同意した" if how == "agreed" else "同意を取り消した"
        return f"{_AGREED[ConsentKind(kind)]}に{what}{f'({line.note})' if line.note else ''}"
    if line.kind == "talked":
        return line.note
    return EVENTS.get(line.kind, line.kind)
