"""Architectural decisions as context: what the decisions file says of performance, quoted with its heading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.criteria import Rubric
from rda_nb.source.target import Target

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """One stated decision. `verdict` is ALIGNED, DRIFT, DECISION RISK, or GAP while code was not compared with it."""

    heading: str
    quote: str
    line: int
    topic: str
    stated: str
    observed: str
    verdict: str
    evidence: tuple[Evidence, ...]


def read_decisions(target: Target, rubric: Rubric) -> tuple[Decision, ...]:
    """The decisions of the target's decisions file that concern performance, in file order."""
    source = target.decisions
    if source is None:
        return ()
    from markdown_it import MarkdownIt  # 40 ms, and most targets have no decisions file

    topics = [(topic, re.compile(rf"(?i)\b(?:{words})")) for topic, words in rubric.decision_topics.items()]
    heading = ""
    found: list[Decision] = []
    tokens = MarkdownIt("commonmark").parse(source.text())
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type != "inline" or token.map is None or before is None:
            continue
        if before.type == "heading_open":
            heading = " ".join(token.content.split())
            continue
        for line in range(token.map[0] + 1, token.map[1] + 1):
            evidence = target.cite(source.path, line)
            quote, topic = _telling(evidence.excerpt, topics)
            if topic and not any(d.heading == heading and d.topic == topic for d in found):
                found.append(Decision(heading, quote, line, topic, quote, "", "GAP", (evidence,)))
                break
    return tuple(found)


def _telling(text: str, topics: list[tuple[str, re.Pattern[str]]]) -> tuple[str, str]:
    """The first sentence of a line that touches a topic, and the topic; both empty when none does."""
    for sentence in _SENTENCE_END.split(text.strip()):
        for topic, words in topics:
            if words.search(sentence):
                return sentence[:_LONGEST_QUOTE], topic
    return "", ""
