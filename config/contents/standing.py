"""What is said to words that come some messages after a person was offered, or while somebody is waited for."""

from __future__ import annotations

from config.contents.models import Line, Part, Voiced


class TakenBack(Part):
    """The request for a person, and with it the consent to be read where one stands."""

    request: Voiced
    both: Voiced
    read_before: Line


class Nod(Part):
    """The question whether a mere yes was meant for the offer."""

    ask: Voiced


class Wished(Part):
    """The question whether a person is meant by words that wish for a talk."""

    ask: Voiced


class Standing(Part):
    """Answers about a person who was offered or is waited for."""

    taken_back: TakenBack
    request_stays: Line
    nod: Nod
    wished: Wished
    by_letters: Voiced
    by_letters_told: Line
    not_meet: Voiced
    no_visit: Voiced
    noted_wish: Line
    told_already: Voiced
    sorry: Voiced
    silent: Voiced
    noted_hours: Voiced
    with_hours: Line
    hours: Voiced
    no_calls: Voiced
    when_written: Voiced
    unsure: Voiced
    told: Voiced
    aside: Voiced
