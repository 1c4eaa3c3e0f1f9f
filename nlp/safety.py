"""In a danger: the writer's part, who is at risk, and whether it is now.

A child who is hit, a mother about to shake her baby, a carer with a pillow and a neighbour at the wall need different
words (DESIGN section 5).
"""

from __future__ import annotations

import re

from nlp.findings import AtRisk, Risk, RiskKind, RiskLevel, Safety, SafetyRole, WriterRole
from nlp.foreign_people import scene_of
from nlp.foreign_safety import foreign_safety
from nlp.mentions import CHILDREN, ELDERS, PARENTS, PARTNERS, SMALL_ONES, WRITER, Mention
from nlp.understanding import Understanding

_OTHERS_PLAN = frozenset({"sign/suicide/other_says", "sign/suicide/someone_place", "sign/suicide/sudden_change"})
# What is told without a time happens as it is told when the body fails, or the house burns.
_BODY = ("breath", "bleeding", "stroke", "unconscious", "fire")
_NOW = frozenset({"mark/now"} | {f"sign/medical/{name}" for name in _BODY})
_REGRET = re.compile(
    "しま|じま|ちゃ|そう|(?<=[きりしびぎにちえべめげ])た[いく]|(?<![るただなのい]み)(?<=み)た[いく]|自分|止ま|止め|怖|こわ"
)
_TAIL = 4
_SUBJECT = re.compile("[さちゃん]{0,3}[がはも](?!.{0,8}(?:亡くな|逝|死んで|先立|他界))")
# Whoever waits for the one who wants to die is dead, or at home.
_WAITS = re.compile(
    "[さちゃん]{0,3}(?:が|は|も|って)[^。!?\n]{0,8}(?:待って|待っと|待っち|まって|まっと|待ち|迎えに|呼んで|"
    "呼んどる|呼びよる)"
)
_CRIES = re.compile("泣いて|泣き|泣く|夜泣き|みるく|授乳|産後|寝かしつけ|揺さぶ|ゆさぶ")
_BIRTH = re.compile("産ま|産ん|うんだ|生まれちゃ|生まれた|うまれた|破水|陣痛|へその緒")
# Whoever lives under one roof is short of food and light together; another home is named.
_HOUSEHOLD = CHILDREN | PARTNERS
_HOME = re.compile("[さちゃん]{0,3}(?:の|ん)(?:家|いえ|うち|とこ|ところ|実家|部屋|あぱーと|ち(?![ゃょ]))|宅")
_SO = "[さちゃん]{0,3}"
_FAR = "[^。!?\n]{0,20}"
# Who is hit (母が叔父に殴られ, 子どもを叩く), and by whom.
_BLOWS = (
    "(?:殴ら|なぐら|叩か|たたか|蹴ら|怒鳴ら|どなら|つねら|絞めら|縛ら|しばら|拘束さ|閉じ込めら|とじこめら|締め出さ|閉め出さ|引きずら|暴力を?(?:受|ふるわ|振るわ)|"
    "虐待さ|手を(?:あ|上)げら|(?:べらんだ|外|物置)に(?:出さ|入れら))"
)
_IS_HIT = re.compile(f"(?:{_SO}(?:が|は|も|って){_FAR}|(?:さん|ちゃん)?){_BLOWS}")
_HITS = re.compile(
    f"{_SO}(?:(?:の(?:こと|頭|腕|顔|体))?を|のこと|(?:だけ|ばかり)を?)[^。!?\n]{{0,10}}(?:殴|なぐ|叩|たた|蹴|揺さぶ|ゆさぶ|つね|投げ|怒鳴|縛|しば|閉じ込め|"
    "とじこめ|締め出|閉め出|(?:べらんだ|外|物置)に(?:出|入れ))"
)
# Who hurts without being kin: 「ヘルパーさんが…つねってる」 is not told of the writer's own hand.
_HELPER = re.compile(
    "(?:へるぱー|職員|介護士|介護員|介護の人|看護師|先生|せんせい|保育士|こーち|監督|顧問|店長|社長|上司|部長|班長|寮母|施設長|施設の人|しせつのひと|でいの人|でいさーびすの人|男の人|女の人|知らない人|"
    "あの人|その人|園長|ご主人|隣の人|しったー)(?:さん|たち|達)?(?:が|は)"
)
# Honorifics are for others: nobody 仰る of themselves.
_HONOURED = re.compile(
    "(?:死|しに|消え|終わ|逝|楽に|いなくな|生きて)[^。!?\n]{0,14}(?:と|って)[^。!?\n]{0,6}(?:仰|おっしゃ|話され|訴えられ|こぼされ|漏らされ|もらされ)"
)
# Somebody else is spoken of who is no kin.
_SOMEBODY = re.compile(
    "男性|女性|方[がはもに、]|患者|お客|常連|住人|住民|入居|利用者|担当|本人|(?:さん|様)[がはもの]|子[がはも]|生徒|児童|園児|世帯|お宅|あの人|同僚|独居|高齢|お年寄り|代の|歳の|」と|」って"
)
# What is told of others, or heard.
_HEARSAY = re.compile(
    "らしい|みたい|よう(?:です|だ|で)|そうです|と聞|って聞|って言|と言|という|音|声|悲鳴|本人|子[がはも、]|方[がはも、]|人[がはも、]|男性|女性|」"
)
# A friend whom a parent hits is a child.
_BY_PARENT = re.compile(f"(?:親|父|母|まま|ぱぱ|かあさん|とうさん|義父|継父){_SO}(?:に|から){_FAR}{_BLOWS}")
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
_MAYBE_YOUNG = frozenset({"friend", "younger_brother", "younger_sister"})


def safety_of(seen: Understanding, risk: Risk) -> Safety | None:
    """In a danger to somebody: the writer's part, who is at risk, and whether it is now."""
    if risk.level is RiskLevel.NONE:
        return None
    if (scene := scene_of(seen.reading)) is not None:
        return foreign_safety(seen.reading, scene, risk, minor=bool(seen.facts.writer_minor))
    role = _role(seen, risk)
    now = risk.level is RiskLevel.URGENT and not _NOW.isdisjoint(seen.reading.by_label)
    return Safety(role=role, at_risk=_at_risk(seen, role), now=now)


def _role(seen: Understanding, risk: Risk) -> SafetyRole:
    if RiskKind.VIOLENCE in risk.kinds and (role := _part_in_violence(seen)):
        return role
    marks = seen.reading.by_label
    if (_is_outside(seen) or _HONOURED.search(seen.reading.text)) and not _is_own_wish(seen, risk):
        return SafetyRole.WITNESS
    if risk.kinds == (RiskKind.MEDICAL,) and not _UNSEEN.isdisjoint(marks):
        return SafetyRole.WITNESS
    if RiskKind.VIOLENCE not in risk.kinds and _of_another(seen, risk):
        return SafetyRole.WITNESS
    return SafetyRole.HARMED


def _part_in_violence(seen: Understanding) -> SafetyRole | None:
    """Whether the writer hurts, sees or suffers it, as far as the words say who does it to whom."""
    if _by_own_hand(seen):
        return SafetyRole.MAY_HARM
    if _victims(seen) and (not seen.facts.writer_minor or _a_helper_hurts(seen)):
        return SafetyRole.WITNESS
    struck = _is_struck(seen) or _HURT_BY_THEM.search(seen.reading.text)
    return SafetyRole.HARMED if struck else None


def _is_outside(seen: Understanding) -> bool:
    """Whether a neighbour, a shopkeeper or somebody at work writes."""
    by_calling = "trade" in seen.marks or seen.facts.writer_role is WriterRole.PROFESSIONAL
    return by_calling or not _OUTSIDE.isdisjoint(seen.reading.by_label)


def _is_struck(seen: Understanding) -> bool:
    """Whether the writer is hit by the only people who are named: a helper by a client, somebody by the neighbour."""
    text, others = seen.reading.text, _others(seen)
    by = [m for m in others if _BY.match(text, m.end)]
    rest = [m for m in others if m not in by and not text.startswith(("の", "さんの"), m.end)]
    return bool(by) and not rest and _HEARSAY.search(text) is None


def _is_own_wish(seen: Understanding, risk: Risk) -> bool:
    """Whether a wish to die is the writer's: nurses and shopkeepers have such wishes, too."""
    marks = seen.reading.by_label
    another = bool(_others(seen)) or not _OTHERS_PLAN.isdisjoint(marks) or "mark/bystander" in marks
    text = seen.reading.text
    return risk.kinds == (RiskKind.SUICIDE,) and not (another or _HONOURED.search(text) or _SOMEBODY.search(text))


def _by_own_hand(seen: Understanding) -> bool:
    """Whether the writer is the one who hurts: told with regret or fear, or with nobody else as the subject."""
    marks = seen.reading.by_label
    for hit in marks.get("mark/may_harm", ()):
        if "sign/violence/dread" in marks or _REGRET.search(seen.reading.text, hit.start, hit.end + _TAIL):
            return True
        before = seen.reading.sentence(hit.start)[0]
        if _HELPER.search(seen.reading.text, before, hit.start):
            continue
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
    acts = [m.start for m in others if _is_subject(seen, m)] + [m.start() for m in _HELPER.finditer(text)]
    return suffers + [m for m in others if _HITS.match(text, m.end) and any(start < m.start for start in acts)]


def _a_helper_hurts(seen: Understanding) -> bool:
    """Whether it is a helper or a teacher who hurts: then a child who tells of it is not hit along with the other."""
    return _HELPER.search(seen.reading.text) is not None


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


def _is_aside(seen: Understanding, mention: Mention) -> bool:
    """Whether a person is not the one at risk: whoever hits, and the grown son of a client (息子さん)."""
    text = seen.reading.text
    of_client = seen.facts.writer_role is WriterRole.PROFESSIONAL and text.startswith(
        ("息子さん", "娘さん"), mention.start
    )
    return of_client or _BY.match(text, mention.end) is not None


def _by_a_parent(seen: Understanding) -> bool:
    """Whether it is a parent who hits: then a friend, a brother or a sister is a child."""
    acts = any(m.relation in PARENTS and _is_subject(seen, m) for m in seen.cast.mentions)
    return acts or _BY_PARENT.search(seen.reading.text) is not None


def _at_risk(seen: Understanding, role: SafetyRole) -> AtRisk:
    if role is SafetyRole.HARMED:
        return AtRisk.SELF
    victims = _victims(seen)
    relations = [m.relation for m in victims or seen.cast.mentions if not _is_aside(seen, m)]
    groups = ((AtRisk.CHILD, SMALL_ONES), (AtRisk.ELDER, ELDERS), (AtRisk.PARTNER, PARTNERS))
    counts = {who: sum(relation in group for relation in relations) for who, group in groups}
    who, most = max(counts.items(), key=lambda pair: pair[1])
    if most:
        return who
    if any(m.relation in _MAYBE_YOUNG for m in victims) and _by_a_parent(seen):
        return AtRisk.CHILD
    if not _OLD_WORDS.isdisjoint(seen.reading.by_label):
        # The old woman next door is no grandmother of the writer's.
        return AtRisk.ELDER
    small = role is SafetyRole.MAY_HARM and _CRIES.search(seen.reading.text) is not None
    return AtRisk.CHILD if small or "mark/child_in_danger" in seen.reading.by_label else AtRisk.OTHER
