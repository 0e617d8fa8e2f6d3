"""What a declared limit becomes: the kind of the library's setting that its value is given to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.service import terms
from rda_nb.service.limit_words import side, words

if TYPE_CHECKING:
    from rda_nb.service.knob import Knob
    from rda_nb.service.settings import Settings

_LIMIT = "resource_limit"
# Kinds that a name gives for want of a better word: where the value goes tells more. For other times and numbers the name
# says what the service means by them, whatever setting of a library that is put into.
_WEAK = {True: frozenset({_LIMIT, "server_timeout", "poll_interval"}), False: frozenset({_LIMIT, "payload_limit"})}


class LimitUses:
    """The kinds of the declared limits of one program, told by where their values go before the words of their names."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def kind(self, knob: Knob, key: str) -> str:
        """The kind of a limit: of the settings that its value or its key reaches, where they agree; else by its name."""
        if knob.kind not in _WEAK[knob.timed]:
            return knob.kind
        places = {(place.path, place.line) for place in (knob.evidence, *knob.more)}
        found = {kind for place in places for kind in self._given.get((*place, knob.timed), ())}
        key = knob.value.config_key or key
        if not found and len(words(key)) > 1:
            found = self._given.get((key, 0, knob.timed), set())
        # The time of a client's call or connection has no kind of its own; a server's it is not.
        if found == {""}:
            return _LIMIT if knob.kind == "server_timeout" else knob.kind
        if len(found) == 1:
            return next(iter(found))
        return side(knob.kind, knob.name, knob.symbol) if knob.timed else knob.kind

    @cached_property
    def _given(self) -> dict[tuple[str, int, bool], set[str]]:
        """(path and line of a value or its key and 0, whether it is a time) -> the kinds of the settings that it reaches."""
        found: dict[tuple[str, int, bool], set[str]] = {}
        for setting in self.settings.all:
            meaning = terms.meaning(setting.means)
            timed = meaning.unit == "s"
            if setting.file.role != "product" or not (meaning.control or timed):
                continue
            quantity = self.settings.quantity(setting)
            if quantity.config_key:
                found.setdefault((quantity.config_key, 0, timed), set()).add(meaning.control)
            for origin in quantity.origins:
                if origin.evidence is not None:
                    key = (origin.evidence.path, origin.evidence.line, timed)
                    found.setdefault(key, set()).add(meaning.control)
        return found
