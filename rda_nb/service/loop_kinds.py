"""Kinds of loops by what they go through: items, fixed lists, chunks, pages, attempts, or work as it arrives."""

from __future__ import annotations

import re
from functools import cached_property

from rda_nb.facts.vocabulary import Binding, Block, FileFacts
from rda_nb.service.names import Names
from rda_nb.service.values import Values
from rda_nb.service.words import Words

ITEMS, FIXED, CHUNKS, PAGES, RETRIES, ARRIVALS, OTHER = (
    "items",
    "fixed",
    "chunks",
    "pages",
    "retries",
    "arrivals",
    "other",
)

_FEW = 16
_PAGES = Words(r"{pages}|[oO]ffset\s*\+=|[pP]age\s*(?:\+\+|\+=)")
_STEP = re.compile(r"\+=\s*[A-Za-z_(]|\+=\s*\d{2,}|\+\s*[A-Za-z_]\w*\s*$|len\((\w+)\)\s*(?:>|!=)\s*0")
_COUNTED = re.compile(r"(\w+)\s*(?:<=|<)\s*([^;{]+?)\s*(?:;|$)")
_CURSOR = Words(r"\.{cursors}\(")
_DOTTED = re.compile(r"[A-Za-z_][\w.]*")
_SPLIT = Words(r"(?:^|[a-z_.]){chunks}(?:\(|$)|\bChunk\(")
_ATTEMPT = Words(r"(?i)\b{attempts}\w*|backoff")
_CONFIGURED = Words(r"(?i)(?:^|\.)\w*(?:{configuration}|{configuration_parts})(?:\.|$)")
# Names of lists that are as long as a deployment says, not as the traffic says.
_FEW_NAMES = Words("(?i){few_names}(?:s|es|ies|List|Map)?$")


class LoopKinds:
    """Tells the loops of a program apart."""

    def __init__(self, names: Names, values: Values) -> None:
        self.names = names
        self.values = values
        self.conventions = names.conventions
        self._kinds: dict[tuple[str, int], str] = {}

    @cached_property
    def _ranges(self) -> dict[tuple[str, int], Binding]:
        """The binding of each loop that ranges over something, by file and start of the header."""
        return {
            (file.path, row.start): row
            for file in self.names.program.files
            for row in file.rows.bindings
            if row.form == "range"
        }

    def over(self, file: FileFacts, loop: Block) -> str:
        """What a loop goes through, as written; its whole header when it is not a range."""
        row = self._ranges.get((file.path, loop.header[0]))
        span = row.values[0] if row is not None and row.values else loop.header
        return " ".join(file.slice(span).split())

    def kind(self, file: FileFacts, loop: Block) -> str:
        """What kind of loop it is; OTHER when that cannot be told."""
        key = (file.path, loop.start)
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = self._kind(file, loop)
        return found

    def _kind(self, file: FileFacts, loop: Block) -> str:
        row = self._ranges.get((file.path, loop.header[0]))
        if row is not None and row.values:
            return self._ranged(file, loop, row.values[0])
        header = file.text[slice(*loop.header)].strip() if loop.header != (0, 0) else ""
        body = file.text[loop.start : min(loop.end, loop.start + 6000)]
        if header.startswith("{"):
            header = ""
        if _ATTEMPT.search(header):
            return RETRIES
        if _CURSOR.search(header) and ";" not in header and not _PAGES.search(header):
            return ITEMS
        if _PAGES.search(header) or (_PAGES.search(body) and ("range" not in header)):
            return PAGES
        if header in ("", "true") or "<-" in header or "ctx.Err()" in header:
            return ARRIVALS
        if _STEP.search(header.partition(";")[2].rpartition(";")[2] or header):
            return CHUNKS
        counted = _COUNTED.search(header)
        if counted is None:
            return OTHER
        bound = counted[2]
        if bound.startswith("len("):
            return self._named(bound[4:].rstrip(") "), file, loop)
        at = loop.header[0] + header.find(bound, counted.start(2))
        value = self.values.of(self.conventions.expression(bound, at), file, loop.parent)
        return FIXED if value.numbers and max(value.numbers) <= _FEW else OTHER

    def _ranged(self, file: FileFacts, loop: Block, span: tuple[int, int]) -> str:
        kind = self.names.type_of_span(file, span, loop.parent)
        written = file.slice(span)
        if kind.startswith("chan "):
            return ITEMS if self.names.received_at_once(file, span) else ARRIVALS
        if kind.startswith("[][]") and not kind.startswith("[][]byte"):
            return CHUNKS
        number = written.isdigit() or kind in ("int", "int64", "int32", "uint", "uint64")
        if number or (kind == "" and _DOTTED.fullmatch(written)):
            value = self.values.of_span(file, span, loop.parent)
            if number or value.numbers:
                if _ATTEMPT.search(file.slice(loop.header)):
                    return RETRIES
                return FIXED if value.numbers and max(value.numbers) <= _FEW else OTHER
        if ("{" in written and not written.startswith("func")) or self._gives_written_out(file, span):
            return FIXED
        return self._named(written, file, loop)

    def _named(self, written: str, file: FileFacts, loop: Block) -> str:
        name = written.strip().removesuffix("()").rpartition(".")[2]
        if _CONFIGURED.search(written) or _FEW_NAMES.search(name):
            return FIXED
        if _SPLIT.search(written):
            return CHUNKS
        return FIXED if name.isidentifier() and self._written_out(written.strip(), file, loop) else ITEMS

    def _gives_written_out(self, file: FileFacts, span: tuple[int, int]) -> bool:
        """True for a call of the target's own whose results are all lists that are written out."""
        index = file.call_at.get(span)
        made = self.names.resolve(file, index).targets if index is not None else ()
        given = [one.file.slice(row.values[0]) for one in made for row in one.returns if row.values]
        return len(made) == 1 and bool(given) and all(text[-2:-1] != "{" and text.endswith("}") for text in given)

    def _written_out(self, written: str, file: FileFacts, loop: Block) -> bool:
        """True when a name stands for a list that is written out in the source and never added to."""
        declared = self._declaration(written, file, loop)
        if declared is None:
            return False
        place, row, position = declared
        if position >= len(row.values):
            return False
        value = place.text[slice(*row.values[position])].rstrip()
        if self._gives_written_out(place, row.values[position]):
            return True
        holder = self.names.program.enclosing(file, loop.parent)
        inside = file.text[holder.row.start : holder.row.end] if holder is not None else ""
        return value.endswith("}") and "{" in value and not value.endswith("{}") and f"append({written}" not in inside

    def _declaration(self, written: str, file: FileFacts, loop: Block) -> tuple[FileFacts, Binding, int] | None:
        """Where a local name or a value of a package is given its value."""
        scope = self.names.program.scope(file)
        head, _, name = written.rpartition(".")
        if head:
            path = self.names.package_named(head, file, loop.parent, loop.start) if head.isidentifier() else None
            if path is None or path not in self.names.program.scopes:
                return None
            scope = self.names.program.scopes[path]
        else:
            found = self.names.local(written, file, loop.start)
            if found is not None:
                return file, found[0], found[1]
            if self.names.parameter(written, self.names.program.enclosing(file, loop.parent)):
                return None
        if name not in scope.values:
            return None
        place, index, position = scope.values[name]
        return place, place.rows.bindings[index], position
