"""How the pages call what has to do with check-ins, in Japanese."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue.effects import CheckInAnswer
from dialogue.followups import Band, Rhythm
from storage.followup_tables import CheckInKind, CheckInState, PauseReason, PlanEnd

RHYTHMS: Mapping[Rhythm, str] = {
    Rhythm.TOMORROW: "あした1回",
    Rhythm.WEEKLY: "週に1回",
    Rhythm.FORTNIGHTLY: "2週に1回",
    Rhythm.MONTHLY: "月に1回",
    Rhythm.ON_DAY: "この日に1回",
}
BANDS: Mapping[Band, str] = {Band.MORNING: "朝", Band.NOON: "昼", Band.EVENING: "夕方"}
KINDS: Mapping[CheckInKind, str] = {
    CheckInKind.WORD: "お便り",
    CheckInKind.SECOND: "2度目のひと声",
    CheckInKind.LOOK: "返事があったかを見る",
}
STATES: Mapping[CheckInState, str] = {
    CheckInState.WAITING: "これから",
    CheckInState.QUEUED: "送った",
    CheckInState.SKIPPED: "送らなかった",
    CheckInState.LOOKED: "返事がなかった",
    CheckInState.VOID: "取りやめた",
}
ENDS: Mapping[PlanEnd, str] = {
    PlanEnd.EDITED: "変えた",
    PlanEnd.DONE: "予定の回数・日まで届けた",
    PlanEnd.RESIDENT: "本人が終わりにした",
    PlanEnd.STAFF: "職員が終わりにした",
    PlanEnd.STOPPED: "本人が、こちらからの連絡をやめてほしいと言った",
    PlanEnd.SILENT: "2度返事がなく、止まった",
}
REASONS: Mapping[PauseReason, str] = {
    PauseReason.DISASTER: "災害",
    PauseReason.CLOSED: "休館",
    PauseReason.OTHER: "そのほか",
}
ANSWERS: Mapping[CheckInAnswer, str] = {
    CheckInAnswer.GOOD: "元気",
    CheckInAnswer.SO_SO: "ぼちぼち",
    CheckInAnswer.HARD: "しんどい",
    CheckInAnswer.TALK: "話したい",
    CheckInAnswer.PAUSE: "お休みする",
    CheckInAnswer.WORDS: "言葉で返事",
}
