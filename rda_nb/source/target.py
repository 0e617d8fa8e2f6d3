"""The audited tree as a value: every readable text file inside the boundary, what was skipped, and citations from it."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rda_nb.core import BadInput, Evidence, Gap, Role
from rda_nb.source import git, prior
from rda_nb.source.classify import classifier
from rda_nb.source.ignore import IgnoreRules
from rda_nb.source.redact import KEY_MARK, redacted_lines
from rda_nb.source.walk import Skipped, Walk, reason_of

__all__ = ["Skipped", "SourceFile", "Target", "check_root", "read"]

LONGEST_EXCERPT_LINES = 6
LONGEST_EXCERPT = 400
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One text file: `path` is POSIX and relative to the root, `data` its bytes, `kind` and `role` as in classify.yaml."""

    path: str
    kind: str
    role: str
    size: int
    data: bytes = field(repr=False)
    _text: list[str] = field(default_factory=list, init=False, repr=False, compare=False)
    _lines: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def text(self) -> str:
        """The content without its byte order mark; line ends as they stand in the file."""
        if not self._text:
            self._text.append(_decode(self.data))
        return self._text[0]

    @property
    def lines(self) -> list[str]:
        """The content's lines without their ends; only LF, CRLF and CR end a line, as editors and grammars count them."""
        if not self._lines:
            self._lines.extend(_split(self.text()))
        return self._lines


@dataclass(frozen=True)
class Target:
    """One service directory as it was read. Paths are POSIX and relative to `root`; every tuple is sorted by path."""

    root: Path
    name: str
    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    gaps: tuple[Gap, ...]
    git: git.GitState
    decisions: SourceFile | None
    prior_reports: tuple[SourceFile, ...]
    prior_audit: dict[str, Any] | None = None
    _by_path: dict[str, SourceFile] = field(default_factory=dict, init=False, repr=False, compare=False)
    _cited: dict[tuple[str, int, int], Evidence] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_path.update((file.path, file) for file in self.prior_reports)
        if self.decisions is not None:
            self._by_path[self.decisions.path] = self.decisions
        self._by_path.update((file.path, file) for file in self.files)

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, context under docs/rda included; None when it was not read."""
        return self._by_path.get(path)

    def of_kind(self, *kinds: str, roles: Iterable[str] = ("product",)) -> list[SourceFile]:
        """Files of these kinds and roles, sorted by path; no kind means every kind."""
        wanted = frozenset(roles)
        return [file for file in self.files if file.role in wanted and (not kinds or file.kind in kinds)]

    def cite(self, path: str, line: int, end_line: int = 0, role: Role = "site") -> Evidence:
        """The only maker of Evidence: the text of these lines, redacted and dedented.

        At most 6 lines and 400 characters; a longer range is cut and `end_line` says where. A first line that is too long
        by itself ends in an ellipsis. ValueError when the file or the line does not exist.
        """
        known = self._cited.get((path, line, end_line))
        if known is None:
            known = self._cited[path, line, end_line] = self._cite(path, line, end_line)
        return known if role == "site" else Evidence(path, known.line, known.end_line, known.excerpt, role)

    def _cite(self, path: str, line: int, end_line: int) -> Evidence:
        file = self._by_path.get(path)
        if file is None:
            raise ValueError(f"{path}:{line} cannot be cited: the file was not read")
        lines = file.lines
        last = max(line, end_line)
        if not 1 <= line <= last <= len(lines):
            raise ValueError(f"{path}:{line}-{last} cannot be cited: the file has {len(lines)} lines")
        shown = redacted_lines(
            lines, line, min(last, line + LONGEST_EXCERPT_LINES - 1), file.kind, KEY_MARK in file.data
        )
        shown = textwrap.dedent("\n".join(_visible(text).rstrip() for text in shown)).split("\n")
        while len(shown) > 1 and sum(map(len, shown)) + len(shown) - 1 > LONGEST_EXCERPT:
            shown.pop()
        last = line + len(shown) - 1
        excerpt = "\n".join(shown).strip("\n")
        if len(excerpt) > LONGEST_EXCERPT:
            excerpt = excerpt[: LONGEST_EXCERPT - 1].rsplit("[REDACTED", 1)[0] if _cuts_mark(excerpt) else excerpt[:399]
            excerpt += "…"
        return Evidence(path, line, last, excerpt, "site")


def read(
    path: str | os.PathLike[str],
    *,
    max_file_bytes: int = 2_000_000,
    max_files: int = 200_000,
    extra_ignores: tuple[str, ...] = (),
) -> Target:
    """Read the service directory at `path` once.

    `extra_ignores` are paths relative to the root that belong to the kit itself (an output folder inside the target); they
    are neither read nor counted as changes. BadInput when the path is missing, is no directory or cannot be opened.
    """
    if "\0" in os.fsdecode(path):
        raise BadInput(f"{os.fsdecode(path)!r}: not a path; give the directory of one service")
    root = Path(os.path.realpath(path))
    root_fd = open_root(path, root)
    try:
        own = tuple(f"{ignored.strip('/')}/" for ignored in extra_ignores) + (prior.REPORTS,)

        def kit_output(below: str) -> bool:
            return f"{below.rstrip('/')}/".startswith(own)

        with git.Repository(root) as repository:
            walk = Walk(classifier(), max_file_bytes, max_files, repository.is_tracked, kit_output)
            walk.directory(root_fd, "", IgnoreRules())
            walk.skip_links()
            files, undecodable = classified(walk.contents)
            decisions, reports = prior.read_context(root_fd, max_file_bytes)
            contents = dict(walk.contents)
            state = repository.state(contents, [item.path for item in walk.skipped], kit_output)
    finally:
        os.close(root_fd)
    skipped = sorted([*walk.skipped, *undecodable])
    gaps = [*_gaps(skipped, walk), *_context_gaps(decisions, reports, state)]
    return Target(
        root=root,
        name=_name(path, root, contents),
        files=tuple(files),
        skipped=tuple(skipped),
        gaps=tuple(gaps),
        git=state,
        decisions=_context_file(prior.DECISIONS, decisions),
        prior_reports=tuple(
            f for p, content in sorted(reports.items()) if (f := _context_file(p, content)) is not None
        ),
    )


def open_root(path: str | os.PathLike[str], root: Path) -> int:
    """A file descriptor of the target's root; BadInput when it is no directory that can be opened."""
    try:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BadInput(f"{os.fspath(path)}: no such directory; give the path of one service") from None
    except NotADirectoryError:
        raise BadInput(f"{os.fspath(path)}: not a directory; give the directory of one service, not a file") from None
    except OSError as error:
        raise BadInput(f"{os.fspath(path)}: cannot be opened ({reason_of(error)})") from None


def check_root(path: str | os.PathLike[str]) -> None:
    """BadInput when `path` is no directory that can be opened; for doors that must know before any work."""
    os.close(open_root(path, Path(os.path.realpath(path))))


def classified(contents: list[tuple[str, bytes]]) -> tuple[list[SourceFile], list[Skipped]]:
    """The text files among these, sorted by path, with kind and role; and what is no text."""
    rules = classifier()
    files: list[SourceFile] = []
    skipped: list[Skipped] = []
    for path, data in contents:
        reason = _not_text(data)
        if reason:
            skipped.append(Skipped(path, reason))
            continue
        kind = rules.kind(path.rpartition("/")[2], data)
        files.append(SourceFile(path, kind, rules.role(path, kind, data), len(data), data))
    files.sort(key=lambda file: file.path)
    return files, skipped


def _not_text(data: bytes) -> str:
    """Why the bytes are not text; '' when they are."""
    if data.isascii() and b"\0" not in data:
        return ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        reason = "not valid UTF-16 although it begins with its byte order mark"
    elif b"\0" in data:
        return "binary (holds a NUL byte)"
    else:
        reason = "not valid UTF-8"
    try:
        _decode(data)
    except UnicodeDecodeError as error:
        return f"{reason} (byte {error.start})"
    return ""


def _decode(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    return data.decode("utf-8")


def _split(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _visible(text: str) -> str:
    """Control characters become an ellipsis: an excerpt is printed on terminals and pages."""
    if text.replace("\t", " ").isprintable():
        return text
    return "".join(c if c == "\t" or c.isprintable() or c.isspace() else "…" for c in text)


def _cuts_mark(excerpt: str) -> bool:
    """True when the cut would fall inside a [REDACTED] mark."""
    return (
        excerpt[: LONGEST_EXCERPT - 1].rfind("[") > excerpt[: LONGEST_EXCERPT - 1].rfind("]")
        and "[REDACTED]" in excerpt
    )


def _context_file(path: str, content: bytes | str) -> SourceFile | None:
    if isinstance(content, str) or _not_text(content):
        return None
    return SourceFile(path, "markdown", "docs", len(content), content)


_HARMLESS = ("binary", "installed packages", "directory ignored", "symbolic link")


def _gaps(skipped: list[Skipped], walk: Walk) -> list[Gap]:
    """One gap per reason that leaves text unread; what is binary, installed or ignored leaves none."""
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        if item.reason.startswith(_HARMLESS) or item.reason.endswith("ignored by .gitignore"):
            continue
        if item.reason.startswith("not a regular file"):
            continue
        reasons.setdefault(re.sub(r" \(byte \d+\)|: \d+ bytes, limit \d+", "", item.reason), []).append(item.path)
    gaps = []
    for reason, paths in sorted(reasons.items()):
        named = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        gaps.append(Gap(f"{named}: {reason}", "open the file by hand; nothing in it was audited"))
    if walk.full:
        gaps.append(
            Gap(
                f"the walk stopped after {walk.max_files} files",
                "raise the limit of files, or audit a smaller directory",
            )
        )
    return gaps


def _context_gaps(decisions: bytes | str, reports: dict[str, bytes | str], state: git.GitState) -> list[Gap]:
    gaps = []
    reason = decisions if isinstance(decisions, str) else _not_text(decisions)
    if reason:
        gaps.append(Gap(f"{prior.DECISIONS}: {reason}", "ask the owners which trade-offs are intended"))
    for path, content in sorted(reports.items()):
        reason = content if isinstance(content, str) else _not_text(content)
        if reason:
            gaps.append(Gap(f"{path}: {reason}", "compare with the earlier report by hand"))
    if state.gap:
        gaps.append(Gap(f"git: {state.gap}", "the repository that holds the service: commit and change summary"))
    return gaps


def _name(path: str | os.PathLike[str], root: Path, contents: dict[str, bytes]) -> str:
    """The directory's name; for '.', the Go module's, since a checkout may lie anywhere."""
    if os.path.normpath(os.fspath(path)) == ".":
        module = re.search(rb"(?m)^module[ \t]+\"?([\w.\-/~]+)", contents.get("go.mod", b""))
        if module:
            parts = module[1].decode().rstrip("/").split("/")
            if len(parts) > 1 and re.fullmatch(r"v\d+", parts[-1]):
                parts.pop()
            return parts[-1]
    return root.name or "root"
