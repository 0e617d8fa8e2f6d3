"""The outcome of one statement: what it states, what the rows show, and the verdict between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.decisions.rows import Seen, places
from rda_nb.findings.decisions.text import Sentence
from rda_nb.findings.decisions.words import Advice

ALIGNED, DRIFT, DECISION_RISK, GAP = "ALIGNED", "DRIFT", "DECISION RISK", "GAP"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """One statement of a sentence against the rows; `rows` are those it was held against, the telling one first.

    `name` is the vocabulary's entry, `noun` what is stated about, `stated` and `observed` short texts. `same` is True when
    the rows say by themselves what contradicts or carries out the decision; rows that only give a number or a value may
    raise a finding about something else.
    """

    sentence: Sentence
    name: str
    noun: str
    stated: str
    observed: str
    verdict: str
    rows: tuple[Seen, ...]
    advice: Advice
    remedy: str = ""
    same: bool = False

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where the rows stand: the sites first, then what gave their numbers."""
        sites = [e for one in self.rows[:_MOST_NAMED] for e in one.row.evidence[:1]]
        more = [e for one in self.rows[:1] for e in places(one.row)]
        return tuple(dict.fromkeys([*sites, *more]))[:6]


def named(rows: tuple[Seen, ...] | list[Seen], say: Mapping[str, str], telling: Mapping[int, str] | None = None) -> str:
    """`a (path:1, 2 s), b (path:2, 5 s) and 4 more`: rows by what they are called, with what tells them apart."""
    parts: list[str] = []
    for one in rows:
        what = str(
            getattr(one.row, "control", "") or getattr(one.row, "operation", "") or one.row.subject or one.row.symbol
        )
        site = f" at {one.row.evidence[0]}" if one.row.evidence else ""
        value = (telling or {}).get(id(one.row), "")
        part = f"{value} for {what}{site}" if value else f"{what}{site}"
        if part not in parts:
            parts.append(part)
    more = say["more"].format(n=len(parts) - _MOST_NAMED) if len(parts) > _MOST_NAMED else ""
    return "; ".join(parts[:_MOST_NAMED]) + more
