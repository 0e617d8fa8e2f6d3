"""What a call waits for before it asks anything: a place in a pool, dials that are tried again, and the handshake."""

from __future__ import annotations

from abc import abstractmethod

from rda_nb.capacity import stall
from rda_nb.core import Quantity, State, absent
from rda_nb.service import schedules
from rda_nb.service.packages import BudgetEntry
from rda_nb.service.setting import Setting

SYMBOLS = {
    "acquire_timeout": "acquire",
    "connect_timeout": "dial",
    "tls_timeout": "TLS",
    "write_timeout": "write",
    "read_timeout": "read",
    "rows_timeout": "rows",
    "header_timeout": "header",
}
_ON_A_CONNECTION = frozenset(
    SYMBOLS[means] for means in ("write_timeout", "read_timeout", "rows_timeout", "header_timeout")
)


class Connecting:
    """The parts of a client's limits that hold until it has a connection, and which of them its context ends."""

    @abstractmethod
    def limit(
        self, means: str, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> tuple[Quantity, str]:
        """A limit by meaning and its source."""

    def acquire_bound(
        self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> tuple[Quantity, str, str, list[stall.Phase], list[str]]:
        """The bound of a wait for a connection that asks nothing yet: a dial, where the pool may always make one more."""
        if "pool_size" in settings or "pool_size" in entries:
            if self.limit("pool_size", settings, entries)[0].state is not State.ABSENT:
                return absent("nothing bounds the wait for a connection of the pool"), "none", "", [], []
        quantity, source = self.limit("connect_timeout", settings, entries)
        if quantity.upper is not None and "tls_timeout" in entries:
            # The library ends the handshake by a limit of its own.
            handshake = self.limit("tls_timeout", settings, entries)[0]
            quantity = schedules.plus(quantity, handshake.upper or 0.0, *handshake.origins[-1:])
        return quantity, source, "attempt" if quantity.upper is not None else "", [], []

    def beside(
        self, answer: Quantity, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> list[stall.Phase]:
        """The phases of an attempt whose timeout is that of the answer alone."""
        means = [name for name in SYMBOLS if name in entries and entries[name].scope == "beside"]
        phases = [stall.Phase(SYMBOLS[name], self.limit(name, settings, entries)[0]) for name in means]
        return [*phases, stall.Phase("answer", answer)]

    def connecting(
        self,
        entry: BudgetEntry,
        quantity: Quantity,
        settings: dict[str, list[Setting]],
        entries: dict[str, BudgetEntry],
    ) -> list[stall.Phase]:
        """The phases of a call that is a dial: where the library ends the handshake by a limit of its own, that comes on top."""
        if entry.default != "connect_timeout" or not ("tls_timeout" in entries or "tls_timeout" in settings):
            return []
        handshake = self.limit("tls_timeout", settings, entries)[0]
        return [stall.Phase(SYMBOLS["connect_timeout"], quantity), stall.Phase(SYMBOLS["tls_timeout"], handshake)]

    def dialled(
        self, once: Quantity, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> list[stall.Phase]:
        """The phases of a connection that the library dials several times, with a pause between two dials."""
        times = self.limit("connect_attempts", settings, entries)[0].upper or 1
        dials = [stall.Phase(SYMBOLS["connect_timeout"], once, max(int(times), 1))]
        pause = self.limit("connect_backoff", settings, entries)[0]
        return [*dials, stall.Phase("redial", pause, int(times) - 1)] if times > 1 and pause.upper else dials

    @staticmethod
    def after_deadline(phases: list[stall.Phase]) -> list[stall.Phase]:
        """The phases of an attempt that outlives its context: a wait for a connection and a dial end with it all the same."""
        return [phase for phase in phases if phase.symbol in _ON_A_CONNECTION]

    @staticmethod
    def uncounted(entries: dict[str, BudgetEntry]) -> list[str]:
        """A remark on what a call may wait for beside what the limits of its client bound; [] when that is all."""
        entry = entries.get("uncounted")
        return [f"without {entry.default}"] if entry is not None else []
