"""Which site of this run is which of the run before: a cascade from equal to merely akin, one to one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Key = Callable[["Site"], tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Site:
    """One row of a finding: `finding` is that one's number in its run."""

    finding: int
    rule: str
    path: str
    symbol: str
    token: str


@dataclass(frozen=True, slots=True)
class Files:
    """What is known of the files between two runs: `renamed` asks git (old path -> new path), `stands` the target."""

    renamed: Callable[[], Mapping[str, str]]
    stands: Callable[[str], bool]


def pair(now: Sequence[Site], before: Sequence[Site], files: Files) -> list[tuple[Site, Site, str]]:
    """Pairs (now, before, how); each site stands in at most one, so that a copy of a site stays without a partner.

    Equal text weighs more than an equal place only where the file or the symbol is the same, too: a short statement may
    well stand in two files that have nothing to do with each other.
    """
    pairs: list[tuple[Site, Site, str]] = []
    rest = (list(now), list(before))
    for how, key in _EXACT:
        pairs += _step(rest, how, key, key)
    if all(rest):
        renames = {**_renames(pairs), **files.renamed()}

        def renamed(site: Site) -> tuple[str, ...] | None:
            path = renames.get(site.path)
            return (site.rule, path, site.symbol) if path else None

        pairs += _step(rest, "file moved", lambda site: (site.rule, site.path, site.symbol), renamed)
        for part in (0, 2):
            pairs += _step(rest, "file moved", _beside(part), _beside(part, lambda path: not files.stands(path)))
        pairs += _step(rest, "moved to another symbol", _by_text, _by_text)
    return pairs


def _beside(part: int, wanted: Callable[[str], bool] = lambda path: True) -> Key:
    """A key for what kept its symbol and its directory (part 0) or file name (part 2), of the wanted paths alone."""

    def key(site: Site) -> tuple[str, ...] | None:
        return (site.rule, site.symbol, site.path.rpartition("/")[part]) if site.symbol and wanted(site.path) else None

    return key


def _by_text(site: Site) -> tuple[str, ...]:
    return (site.rule, site.token)


# Strongest first; each step sees only what the steps before left over.
_EXACT: tuple[tuple[str, Key], ...] = (
    ("same", lambda site: (site.rule, site.path, site.symbol, site.token)),
    ("file moved", lambda site: (site.rule, site.symbol, site.token)),
    ("moved to another symbol", lambda site: (site.rule, site.path, site.token)),
    ("changed in place", lambda site: (site.rule, site.path, site.symbol)),
)


def _step(rest: tuple[list[Site], list[Site]], how: str, key_now: Key, key_before: Key) -> list[tuple[Site, Site, str]]:
    """Pair what is left by a key, in order; what is paired leaves `rest`."""
    now, before = rest
    waiting: dict[tuple[str, ...], list[Site]] = defaultdict(list)
    for site in reversed(before):
        key = key_before(site)
        if key is not None:
            waiting[key].append(site)
    pairs, left = [], []
    for site in now:
        key = key_now(site)
        partners = waiting.get(key) if key is not None else None
        if partners:
            pairs.append((site, partners.pop(), how))
        else:
            left.append(site)
    taken = {id(old) for _, old, _ in pairs}
    now[:] = left
    before[:] = [site for site in before if id(site) not in taken]
    return pairs


def _renames(pairs: Sequence[tuple[Site, Site, str]]) -> Mapping[str, str]:
    """Old path -> new path, learnt from the sites that moved as they were; the most frequent one where they differ."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for site, old, how in pairs:
        if how == "file moved":
            votes[old.path][site.path] += 1
    return {path: min(counted, key=lambda new: (-counted[new], new)) for path, counted in votes.items()}
