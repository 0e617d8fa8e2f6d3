"""What a report remembers of its run, so that a fresh clone can compare: a machine block in the Markdown itself."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rda_nb.core import Assessment
from rda_nb.findings.criteria import PRIORITIES

SCHEMA = "rda.state/2"
AUDIT_SCHEMA = "rda.audit/1"
HANDWRITTEN_SCHEMA = "rda.handwritten/1"
_BLOCK = re.compile(r"<!-- rda-state ([A-Za-z0-9+/=\s]+) -->")
_FINDING = ("id", "rule", "priority", "assessment")
_MOST_BYTES = 32 * 1024 * 1024
# Remembered text is shown only when it has the form of a name or a path: a prior report is context, never wording.
_SPACE = re.compile(r"\s+")
_NAME = re.compile(r"[\w.$:*()\[\]/<>{}-]{1,120}")
_LABEL = re.compile(r"R\d{1,3}|P[0-2]-\d{1,3}")
_PATH = re.compile(r"[\w./@+=,~ -]{1,300}")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The verdict of one finding and its sites as (path, symbol, hash of the text), as a later run needs them."""

    id: str
    rule: str
    priority: str
    assessment: str
    places: tuple[tuple[str, str, str], ...]

    @property
    def path(self) -> str:
        """The file of the first site."""
        return self.places[0][0] if self.places else ""

    @property
    def symbol(self) -> str:
        """The symbol of the first site."""
        return self.places[0][1] if self.places else ""


@dataclass(frozen=True, slots=True)
class PriorItem:
    """A risk or action of a report written by hand: priority, number (`R2`), cited places and topics, not its words."""

    priority: str
    places: tuple[tuple[str, int], ...]
    label: str = ""
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Memory:
    """A previous run by version `kit`; `dirty` when its tree was not that of `commit`.

    `kit_made` is False for a report written by hand, which has only answers and items.
    """

    kit_made: bool
    commit: str = ""
    dirty: bool = False
    kit: str = ""
    rules: Mapping[str, int] | None = None
    tables: Mapping[str, int] | None = None
    answers: Mapping[int, str] | None = None
    findings: tuple[Remembered, ...] = ()
    items: tuple[PriorItem, ...] = ()


def state_of(audit: Mapping[str, Any]) -> dict[str, Any]:
    """The state of an audit document. It carries no time and no wording, so equal audits have equal states."""
    commit = audit["run"]["git"].get("commit") or ""
    return {
        "schema": SCHEMA,
        "commit": commit,
        "kit": audit["run"].get("kit_version") or "",
        "dirty": bool(audit["run"]["git"].get("dirty")),
        "rules": {name: rule["version"] for name, rule in sorted(audit["rules"].items())},
        "tables": {name: len(rows) for name, rows in audit["tables"].items()},
        "answers": {str(row["n"]): row["assessment"] for row in audit["tables"]["checklist"]},
        "findings": [[*(f[key] for key in _FINDING), f["identity"]["sites"]] for f in audit["findings"]],
    }


def encode(audit: Mapping[str, Any], cited: Mapping[str, Mapping[str, str]]) -> str:
    """The machine block: an HTML comment that GitHub does not show.

    `cited` are digests of the lines that the report cites, by path and line: they tell later whether a line still holds.
    """
    state = state_of(audit) | {"cited": cited}
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # Base64 keeps `--` out of the comment; the alphabet's other form would not.
    packed = base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode("ascii")
    return f"<!-- rda-state {packed} -->"


def read_state(markdown: str) -> dict[str, Any] | None:
    """The state in a report of this kit; None when there is no block or it does not decode."""
    blocks = _BLOCK.findall(markdown)
    if not blocks:
        return None
    try:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(base64.b64decode("".join(blocks[-1].split()), validate=True), _MOST_BYTES)
        if inflate.unconsumed_tail:
            return None
        state = json.loads(raw.decode("utf-8", "surrogatepass"))
    except (binascii.Error, zlib.error, ValueError):
        return None
    return state if isinstance(state, dict) and state.get("schema") == SCHEMA else None


def recall(prior: Mapping[str, Any]) -> Memory | None:
    """A previous run from its audit.json, its state or a report written by hand; None when it has no such shape."""
    try:
        if prior.get("schema") == AUDIT_SCHEMA:
            prior = state_of(prior)
        if prior.get("schema") == HANDWRITTEN_SCHEMA:
            items = tuple(
                PriorItem(
                    _priority(item["priority"]),
                    tuple((shown_path(str(p)), int(n)) for p, n in item["places"]),
                    label if _LABEL.fullmatch(label := str(item.get("label", ""))) else "",
                    frozenset(map(str, item.get("topics", ()))),
                )
                for item in prior["items"]
            )
            commit = shown_name(str(prior.get("commit", "")))
            return Memory(kit_made=False, commit=commit, answers=_verdicts(prior["answers"]), items=items)
        if prior.get("schema") != SCHEMA:
            return None
        return Memory(
            kit_made=True,
            commit=shown_name(str(prior.get("commit", ""))),
            dirty=bool(prior.get("dirty")),
            kit=shown_name(str(prior.get("kit", ""))),
            rules={shown_name(str(rule)): int(version) for rule, version in prior["rules"].items()},
            tables={shown_name(str(table)): int(n) for table, n in prior["tables"].items()},
            answers=_verdicts(prior["answers"]),
            findings=tuple(_remembered(entry) for entry in prior["findings"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _remembered(entry: list[Any]) -> Remembered:
    """One finding of a state; raises ValueError on a shape or verdict that no run of this kit wrote."""
    id_, rule, priority, assessment, sites = entry
    if priority not in PRIORITIES or assessment not in set(Assessment):
        raise ValueError("not a state of this kit")
    places = tuple((shown_path(str(path)), shown_name(str(symbol)), str(token)) for path, symbol, token in sites)
    return Remembered(str(id_), shown_name(str(rule)), priority, assessment, places)


def _priority(text: Any) -> str:
    """One of the three priorities; ValueError for anything else."""
    if text not in PRIORITIES:
        raise ValueError("not a priority")
    return str(text)


def _verdicts(answers: Mapping[Any, Any]) -> dict[int, str]:
    """Verdicts by question number; anything that is not on the scale is dropped."""
    return {int(n): str(a) for n, a in answers.items() if a in set(Assessment)}


def digest_of(excerpt: str) -> str:
    """Six hex digits for the first line of an excerpt, blanks collapsed: enough to see that a line is another one."""
    return hashlib.sha256(
        _SPACE.sub(" ", excerpt.split("\n", 1)[0]).strip().encode("utf-8", "surrogatepass")
    ).hexdigest()[:6]


def shown_name(text: str) -> str:
    """The text when it has the form of a name, else nothing: identity then matches by the other parts."""
    return text if _NAME.fullmatch(text) else ""


def shown_path(text: str) -> str:
    """The text when it has the form of a path, else nothing."""
    return text if _PATH.fullmatch(text) else ""
