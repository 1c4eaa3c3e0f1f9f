"""What the listener found, as the dialogue needs it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nlp.findings import Assessment, AtRisk, Facts, Risk, RiskKind, RiskLevel, Safety, SafetyRole, WriterRole

RANK = {level: level.rank for level in RiskLevel}
STRANGERS = frozenset({WriterRole.NEIGHBOUR, WriterRole.PROFESSIONAL})
MAJORITY = 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Listened:
    """`message` is what this turn's words show, `overall` all that is known after them."""

    message: Assessment = field(default_factory=Assessment)
    overall: Assessment = field(default_factory=Assessment)
    #: What the words tell of that has a card of its own: being touched or looked at, now or before; now a fire,
    #: a flood, somebody missing or locked in.
    tells: frozenset[str] = frozenset()

    def without(self, names: tuple[str, ...]) -> Listened:
        """Without the categories `names`, unless this message tells of them anew."""
        told = {concern.id for concern in self.message.concerns}
        gone = set(names) - told
        if not gone:
            return self
        left = tuple(concern for concern in self.overall.concerns if concern.id not in gone)
        return replace(self, overall=replace(self.overall, concerns=left))

    def not_about(self, name: str) -> Listened:
        """Without one category, now and before: this writer cannot mean it."""
        message = tuple(concern for concern in self.message.concerns if concern.id != name)
        overall = tuple(concern for concern in self.overall.concerns if concern.id != name)
        return replace(
            self, message=replace(self.message, concerns=message), overall=replace(self.overall, concerns=overall)
        )

    def alone(self) -> Listened:
        """This message as if nothing had been told before; how high the danger is, and who writes, stay known."""
        facts = replace(self.facts, people=self.message.facts.people)
        return replace(self, overall=replace(self.overall, concerns=self.message.concerns, facts=facts))

    def young(self) -> Listened:
        """As a minor's, where no age is known."""
        if self.minor or self.facts.writer_age is not None:
            return self
        return replace(self, overall=replace(self.overall, facts=replace(self.facts, writer_minor=True)))

    def grown(self) -> Listened:
        """As a grown-up's, whatever age was read: that of a child, or of a dog, is easily taken for the writer's."""
        if not self.minor:
            return self
        return replace(self, message=_of_age(self.message), overall=_of_age(self.overall))

    @property
    def facts(self) -> Facts:
        return self.overall.facts

    @property
    def minor(self) -> bool:
        return bool(self.facts.writer_minor or self.message.facts.writer_minor)

    @property
    def level(self) -> RiskLevel:
        """The highest level, now or before: what somebody says later never lowers it."""
        return max(self.message.risk.level, self.overall.risk.level, key=RANK.__getitem__)

    @property
    def danger(self) -> Risk:
        """The danger to answer: this turn's if it shows any, else what is known."""
        if RANK[self.message.risk.level] >= RANK[self.overall.risk.level]:
            return self.message.risk
        return self.overall.risk

    @property
    def safety(self) -> Safety | None:
        return self.message.facts.safety or self.facts.safety

    @property
    def role(self) -> str:
        """The writer's part in the danger; without a finding, strangers are witnesses."""
        if self.safety is not None:
            return self.safety.role.value
        return SafetyRole.WITNESS.value if self.facts.writer_role in STRANGERS else "unknown"

    @property
    def at_risk(self) -> AtRisk | None:
        return None if self.safety is None else self.safety.at_risk

    @property
    def violent(self) -> bool:
        """Any sign of violence: somebody else may hold the phone. Not where the writer surely holds it alone:
        a neighbour, a professional, or the one who fears to do harm."""
        if self.role == SafetyRole.MAY_HARM or self.facts.writer_role in STRANGERS:
            return False
        kinds = {kind for risk in (self.message.risk, self.overall.risk) if not risk.faint for kind in risk.kinds}
        return RiskKind.VIOLENCE in kinds or any(c.id == "abuse_dv" for c in self.overall.concerns)


def _of_age(known: Assessment) -> Assessment:
    age = known.facts.writer_age
    kept = age if age is not None and age >= MAJORITY else None
    return replace(known, facts=replace(known.facts, writer_age=kept, writer_minor=False))
