"""In a danger: the writer's part, who is at risk, and whether it is now.

A child who is hit, a mother about to shake her baby, a carer with a pillow and a neighbour at the wall need different
words (DESIGN section 5).
"""

from __future__ import annotations

import re

from nlp.findings import AtRisk, Risk, RiskKind, RiskLevel, Safety, SafetyRole
from nlp.mentions import CHILDREN, GRANDPARENTS, PARENTS, WRITER, Mention
from nlp.understanding import Understanding

_OTHERS_PLAN = frozenset({"sign/suicide/other_says", "sign/suicide/someone_place", "sign/suicide/sudden_change"})
# What is told without a time happens as it is told when the body fails, or the house burns.
_BODY = ("breath", "bleeding", "stroke", "unconscious", "fire")
_NOW = frozenset({"mark/now"} | {f"sign/medical/{name}" for name in _BODY})
_REGRET = re.compile("しま|じま|ちゃ|そう|(?<=[きりしみびぎにちえべめげ])た[いく]|自分|止ま|止め|怖|こわ")
_TAIL = 4
_SUBJECT = re.compile("[さちゃん]{0,3}[がはも](?!.{0,8}(?:亡くな|逝|死んで|先立|他界))")
# Whoever waits for the one who wants to die is dead, or at home.
_WAITS = re.compile(
    "[さちゃん]{0,3}(?:が|は|も|って)[^。!?\n]{0,8}(?:待って|待っと|待っち|まって|まっと|待ち|迎えに|呼んで|"
    "呼んどる|呼びよる)"
)
_ELDERS = PARENTS | GRANDPARENTS
_PARTNERS = frozenset({"husband", "wife", "partner"})
_CRIES = re.compile("泣いて|泣き|泣く|夜泣き|みるく|授乳|産後|寝かしつけ|揺さぶ|ゆさぶ")
_BIRTH = re.compile("産ま|産ん|うんだ|生まれちゃ|生まれた|うまれた|破水|陣痛|へその緒")
# Whoever lives under one roof is short of food and light together; another home is named.
_HOUSEHOLD = CHILDREN | _PARTNERS
_HOME = re.compile("[さちゃん]{0,3}(?:の|ん)(?:家|いえ|うち|とこ|ところ|実家|部屋|あぱーと|ち(?![ゃょ]))|宅")
_SO = "[さちゃん]{0,3}"
_FAR = "[^。!?\n]{0,20}"
# Who is hit (母が叔父に殴られ, 子どもを叩く), and by whom.
_BLOWS = (
    "(?:殴ら|なぐら|叩か|たたか|蹴ら|怒鳴ら|どなら|つねら|絞めら|暴力を?(?:受|ふるわ|振るわ)|虐待さ|手を(?:あ|上)げら)"
)
_IS_HIT = re.compile(f"{_SO}(?:が|は|も|って){_FAR}{_BLOWS}")
_HITS = re.compile(
    f"{_SO}(?:の(?:こと|頭|腕|顔|体))?を[^。!?\n]{{0,10}}(?:殴|なぐ|叩|たた|蹴|揺さぶ|ゆさぶ|つね|投げ|怒鳴)"
)
_BY = re.compile(f"{_SO}(?:に|から){_FAR}{_BLOWS}")
# Who works with people, or lives beside them, may be the one who is hurt (利用者さんにつねられた).
_HURT_BY_THEM = re.compile(
    "(?:利用者|入居者|患者|お客|客|ご家族|生徒|児童|園児|隣の人|隣人|近所の人|上の階の人|下の階の人|先輩|同僚|"
    "上司)(?:さん|さま|様|の方|の人)?"
    f"(?:に|から){_FAR}(?:{_BLOWS}|噛ま|かま|ひっかか|引っ?掻か|触ら|さわら|抱きつか|ぶた|突き飛ばさ|つばを)"
)
_OLD_WORDS = frozenset({"kin/grandmother", "kin/grandfather", "mark/old_sign"})
_OUTSIDE = frozenset({"mark/bystander", "mark/professional"})
# Signs that nobody tells of themselves.
_UNSEEN = frozenset({"sign/medical/no_answer", "sign/medical/silence"})
_YOUNG = CHILDREN | {"grandchild", "nephew", "niece"}


def safety_of(seen: Understanding, risk: Risk) -> Safety | None:
    """In a danger to somebody: the writer's part, who is at risk, and whether it is now."""
    if risk.level is RiskLevel.NONE:
        return None
    role = _role(seen, risk)
    now = risk.level is RiskLevel.URGENT and not _NOW.isdisjoint(seen.reading.by_label)
    return Safety(role=role, at_risk=_at_risk(seen, role), now=now)


def _role(seen: Understanding, risk: Risk) -> SafetyRole:
    if RiskKind.VIOLENCE in risk.kinds and (role := _role_in_violence(seen)):
        return role
    marks = seen.reading.by_label
    if not _OUTSIDE.isdisjoint(marks) or "trade" in seen.marks:
        return SafetyRole.WITNESS
    if risk.kinds == (RiskKind.MEDICAL,) and not _UNSEEN.isdisjoint(marks):
        return SafetyRole.WITNESS
    if RiskKind.VIOLENCE not in risk.kinds and _of_another(seen, risk):
        return SafetyRole.WITNESS
    return SafetyRole.HARMED


def _role_in_violence(seen: Understanding) -> SafetyRole | None:
    """The writer's part where the words say whose hand it is and whom it hits."""
    if _by_own_hand(seen):
        return SafetyRole.MAY_HARM
    if not seen.facts.writer_minor and _victims(seen):
        return SafetyRole.WITNESS
    return SafetyRole.HARMED if _HURT_BY_THEM.search(seen.reading.text) else None


def _by_own_hand(seen: Understanding) -> bool:
    """Whether the writer is the one who hurts: told with regret or fear, or with nobody else as the subject."""
    marks = seen.reading.by_label
    for hit in marks.get("mark/may_harm", ()):
        if "sign/violence/dread" in marks or _REGRET.search(seen.reading.text, hit.start, hit.end + _TAIL):
            return True
        before = seen.reading.sentence(hit.start)[0]
        if not any(before <= other.start <= hit.start and _is_subject(seen, other) for other in _others(seen)):
            return True
    return False


def _others(seen: Understanding) -> list[Mention]:
    return [mention for mention in seen.cast.mentions if mention.relation != WRITER]


def _is_subject(seen: Understanding, mention: Mention) -> bool:
    """Whether the person does or suffers what is told; somebody dead does not."""
    return _SUBJECT.match(seen.reading.text, mention.end) is not None


def _plans(seen: Understanding, mention: Mention) -> bool:
    return _is_subject(seen, mention) and _WAITS.match(seen.reading.text, mention.end) is None


def _victims(seen: Understanding) -> list[Mention]:
    """Whom a hand is raised against, where it is somebody else than the writer."""
    text, others = seen.reading.text, _others(seen)
    if any(m.relation == WRITER and not text.startswith("の", m.end) for m in seen.cast.mentions):
        return []
    suffers = [m for m in others if _IS_HIT.match(text, m.end)]
    acts = [m.start for m in others if _is_subject(seen, m)]
    return suffers + [m for m in others if _HITS.match(text, m.end) and any(start < m.start for start in acts)]


def _of_another(seen: Understanding, risk: Risk) -> bool:
    """Whether the danger is another's. Who plans to die speaks of those who stay: there the other must be subject."""
    others = _others(seen)
    if any(m.relation == WRITER and not seen.reading.text.startswith("の", m.end) for m in seen.cast.mentions):
        return False
    if RiskKind.SUICIDE in risk.kinds:
        named = not _OTHERS_PLAN.isdisjoint(seen.reading.by_label)
        return bool(others) and (named or any(_plans(seen, mention) for mention in others))
    if RiskKind.MEDICAL in risk.kinds and _BIRTH.search(seen.reading.text) and {m.relation for m in others} <= CHILDREN:
        # Whoever gives birth tells of the child.
        return False
    if risk.kinds == (RiskKind.LIFELINE,):
        return any(_in_want(seen, mention) for mention in others)
    return any(mention.relation != "coworker" or _is_subject(seen, mention) for mention in others)


def _in_want(seen: Understanding, mention: Mention) -> bool:
    """Whether the want is another's: whoever has nothing to give the children tells of the own home."""
    if _HOME.match(seen.reading.text, mention.end):
        return True
    return mention.relation not in _HOUSEHOLD and _is_subject(seen, mention)


def _at_risk(seen: Understanding, role: SafetyRole) -> AtRisk:
    if role is SafetyRole.HARMED:
        return AtRisk.SELF
    victims = _victims(seen)
    relations = [m.relation for m in victims or seen.cast.mentions if not _BY.match(seen.reading.text, m.end)]
    groups = ((AtRisk.CHILD, _YOUNG), (AtRisk.ELDER, _ELDERS), (AtRisk.PARTNER, _PARTNERS))
    counts = {who: sum(relation in group for relation in relations) for who, group in groups}
    who, most = max(counts.items(), key=lambda pair: pair[1])
    if most:
        return who
    if not _OLD_WORDS.isdisjoint(seen.reading.by_label):
        # The old woman next door is no grandmother of the writer's.
        return AtRisk.ELDER
    small = role is SafetyRole.MAY_HARM and _CRIES.search(seen.reading.text) is not None
    return AtRisk.CHILD if small or "mark/child_in_danger" in seen.reading.by_label else AtRisk.OTHER
