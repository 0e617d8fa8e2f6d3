"""One place in a program that gives a setting of a library its value."""

from __future__ import annotations

from dataclasses import dataclass

from rda_nb.core import Quantity
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service import terms
from rda_nb.service.packages import SettingEntry
from rda_nb.service.program import Function, Span


@dataclass(frozen=True, eq=False, slots=True)
class Setting:
    """One place that gives a library setting its value. `holder` is the text of what is assigned to, '' otherwise.

    `written` is the value that a connection string gives; the setting then stands where the string is handed over.
    """

    means: str
    key: str
    entry: SettingEntry
    library: str
    package: str
    file: FileFacts
    span: Span
    block: int
    start: int
    holder: str
    function: Function | None
    written: Quantity | None = None

    @property
    def title(self) -> str:
        """What the setting is, for the reader."""
        return self.entry.title or terms.meaning(self.means).title

    @property
    def unit(self) -> str:
        """The unit of its value."""
        return self.entry.unit or terms.meaning(self.means).unit

    @property
    def line(self) -> int:
        """1-based line of the setting."""
        return self.file.line(self.start)
