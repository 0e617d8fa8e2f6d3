"""Validation assets: load tests, benchmarks that are run, replay tools, compose files with real dependencies, pages with
measured numbers, profiling notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from rda_nb.core import Evidence
from rda_nb.facts import doc_perf_pages, doc_scripts, doc_sizing, doc_units
from rda_nb.facts.doc_build import MakeTarget
from rda_nb.facts.doc_compose import ComposeService
from rda_nb.facts.doc_files import LARGEST, Files, tables
from rda_nb.source import SourceFile

_MAIN = re.compile(r"(?m)^func main\(\)|^if __name__ == ['\"]__main__['\"]|public static void main\(")
_URL = re.compile(r"https?://([\w.\-]+)(?::\d+)?(?:/[\w{}\-./$]*)?")
_IMPORT = re.compile(
    r"\"[\w.\-]+/[\w.\-/]*?(kafka|sarama|franz-go|clickhouse|sqs|dynamodb|kinesis|redis|nats|amqp|grpc|pgx)(?!_)[\w.\-/]*\"",
    re.IGNORECASE,
)
_SYSTEMS = {"sarama": "kafka", "franz-go": "kafka", "amqp": "rabbitmq", "pgx": "postgres"}
_CI_WORDS = re.compile(r"\b(?:make|task|just|uses:)\s+\S*(?:bench|load-?test|stress|perf|k6)")
_SPLIT = re.compile(r"[-_./]")
_TOOL_TOPS = frozenset(
    "cmd tools tool scripts script hack test tests loadtest dev bench benchmarks perf misc contrib ci internal build".split()
)
# What else is generated, or is given as a load.
_NO_LOAD = frozenset(
    "code codegen doc docs mock mocks schema proto protobuf pb grpc config api client sdk types cert certs key keys go swagger"
    " openapi changelog version".split()
)
# What a target does when its recipe names no tool that is known.
_MAKE_WORDS = {
    "load_test": frozenset({"loadtest", "loadgen", "stress"}),
    "replay_tool": frozenset({"replay", "datagen"}),
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing that validates performance. `kind` is one of the validation table's; `ci` is True when CI runs it;
    `detail` says with what it works: targets, thresholds, dependencies, dates; `value` is the first figure it states, `more`
    its further places."""

    path: str
    line: int
    kind: str
    item: str
    detail: str
    ci: bool
    role: str
    evidence: Evidence
    more: tuple[Evidence, ...] = ()
    value: float | None = None
    unit: str = ""


def assets(files: Files, make: tuple[MakeTarget, ...], compose: tuple[ComposeService, ...]) -> tuple[Asset, ...]:
    """Every validation asset that is not a benchmark function."""
    run = _run_by_ci(files, make)
    fed = [*_feeding(files, run)]
    # A script is cited where it sends; its name alone says less.
    named = (tool for tool in _tools(files) if tool.path not in {asset.path for asset in fed})
    found = [*_load_files(files), *named, *_make(files, make), *_scripts(files), *_workflows(files)]
    found += [*fed, *_compose(files, compose), *_pages(files), *_sizing(files)]
    unique: dict[tuple[str, str, str, bool], Asset] = {}
    for asset in sorted(found, key=lambda a: (a.path, a.line, a.kind, a.item)):
        unique.setdefault((asset.path, asset.kind, asset.item, asset.ci), asset)
    return tuple(unique.values())


@cache
def _commands() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    kinds = (("load_test", "load_commands"), ("benchmark", "benchmark_commands"), ("profiling", "profiling_commands"))
    return tuple((kind, name, re.compile(form)) for kind, table in kinds for name, form in tables()[table].items())


@cache
def _command_words() -> tuple[str, ...]:
    return tuple(tables()["command_words"])


def _named(line: str) -> Iterator[tuple[str, str]]:
    """Kind and name of each tool that a command line runs."""
    if not any(word in line for word in _command_words()):
        return
    bare = line.strip()
    if (
        bare.startswith("#")
        or re.match(r"@?echo\b[^|]*$|\w+\s*:?=", bare)
        or re.search(r"\b(?:install|brew|apt-get|apk|pip)\s", bare)
    ):
        return
    for kind, name, form in _commands():
        if form.search(line):
            yield kind, name


def _asset(files: Files, file: SourceFile, line: int, kind: str, item: str, detail: str, ci: bool = False) -> Asset:
    return Asset(file.path, line, kind, item, detail, ci, file.role, files.target.cite(file.path, line))


# Scripts of load tools


def _load_files(files: Files) -> Iterator[Asset]:
    rules = [
        (tool, frozenset(rule["kinds"]), rule["word"].encode(), re.compile(rule["mark"], re.MULTILINE))
        for tool, rule in tables()["load_files"].items()
    ]
    for file in files.target.files:
        if file.role in ("vendored", "generated") or file.size > LARGEST:
            continue
        for tool, kinds, word, mark in rules:
            if file.kind in kinds and word in file.data and (match := mark.search(file.text())):
                line = file.text().count("\n", 0, match.start()) + 1
                yield _asset(files, file, line, "load_test", f"{tool}: {file.path}", _targets(file))
                break


def _targets(file: SourceFile) -> str:
    """What a script says it works on: the hosts it names, the systems whose clients it imports, whether it has thresholds."""
    text = file.text()
    hosts = sorted(
        {m[0].rstrip("/.") for line in text.split("\n") for m in _URL.finditer(line) if _own_host(m[1], line)}
    )
    systems = (
        sorted({_SYSTEMS.get(m[1].lower(), m[1].lower()) for m in _IMPORT.finditer(text)}) if file.kind == "go" else []
    )
    parts = [f"targets {', '.join(hosts[:4])}"] if hosts else []
    if systems:
        parts.append(f"works on {', '.join(systems)}")
    if re.search(r"\bthresholds\s*:", text):
        parts.append("with thresholds")
    return "; ".join(parts)


def _own_host(host: str, line: str) -> bool:
    """A host that a test could aim at: local, one label, or on a line that says so; not a link in a comment or a payload."""
    local = "." not in host or host.startswith("127.") or host.endswith((".local", ".svc", ".internal"))
    return local or re.search(r"(?i)base_?url|target|endpoint", line) is not None


# Programs


def _tools(files: Files) -> Iterator[Asset]:
    """Programs whose directory or file name says load, benchmark or replay; one asset for each directory."""
    seen: set[str] = set()
    for file in files.target.files:
        if file.role in ("vendored", "generated", "docs") or file.kind not in ("go", "python", "java", "shell"):
            continue
        kind, where = _tool_kind(file)
        where = where if where == file.path else file.path.rpartition("/")[0]
        if not kind or where in seen or (file.kind != "shell" and not _MAIN.search(file.text())):
            continue
        seen.add(where)
        match = _MAIN.search(file.text())
        line = file.text().count("\n", 0, match.start()) + 1 if match else 1
        yield _asset(files, file, line, kind, where, _targets(file))


def _tool_kind(file: SourceFile) -> tuple[str, str]:
    *above, name = file.path.split("/")
    stem = name.rpartition(".")[0]
    # A program is known by its own directory, or by its file when it lies loose in a directory of tools.
    places = [("/".join(above[: n + 1]), part) for n, part in enumerate(above) if n or part not in _TOOL_TOPS]
    if above and (above[-1] in _TOOL_TOPS or above[0] in _TOOL_TOPS):
        places.append((file.path, stem))
    if not above or not (set(above) & _TOOL_TOPS):
        places = [place for place in places if place[0].count("/") == 0] if above else [(file.path, stem)]
    for where, part in places:
        words = set(_SPLIT.split(part.lower()))
        for kind, known in tables()["tool_words"].items():
            if words & set(known) and not words & _NO_LOAD:
                return kind, where
    return "", ""


# Command lines


def _make(files: Files, make: tuple[MakeTarget, ...]) -> Iterator[Asset]:
    """Targets whose recipe runs a known tool, or whose name says so."""
    for target in make:
        file = files.target.file(target.path)
        if file is None or not target.recipe:
            continue
        named = [(line, kind, name) for line, text in target.recipe for kind, name in _named(text.lstrip("@-+ "))]
        for line, kind, name in named:
            yield _asset(files, file, line, kind, f"make {target.name}", name)
        words = set(_SPLIT.split(target.name.lower()))
        for kind in () if named else ("load_test", "replay_tool"):
            if words & _MAKE_WORDS[kind]:
                line, text = target.recipe[0]
                yield _asset(files, file, line, kind, f"make {target.name}", text[:160])


def _scripts(files: Files) -> Iterator[Asset]:
    for file in files.target.files:
        if file.role in ("vendored", "generated") or file.size > LARGEST:
            continue
        if file.kind == "shell" or (file.kind == "json" and file.path.endswith("package.json")):
            yield from _lines(files, file, enumerate(file.lines, 1), f"{file.path}", False)


def _lines(files: Files, file: SourceFile, lines: Iterable[tuple[int, str]], item: str, ci: bool) -> Iterator[Asset]:
    for number, line in lines:
        for kind, name in _named(line):
            yield _asset(files, file, number, kind, f"{item} ({name})", line.strip()[:160], ci)


def _feeding(files: Files, run: str) -> Iterator[Asset]:
    """Scripts that drive load with plain commands."""
    for script in doc_scripts.scripts(files):
        path = script.file.path
        asset = _asset(
            files, script.file, script.lines[0], script.kind, path, script.detail, path.rpartition("/")[2] in run
        )
        more = tuple(files.target.cite(path, line) for line in script.lines[1:])
        value, unit = (float(script.items), "items") if script.items else (None, "")
        yield replace(asset, more=more, value=value, unit=unit)


def _run_by_ci(files: Files, make: tuple[MakeTarget, ...]) -> str:
    """The text of all CI files and of the make targets that they name, those that these need included."""
    text = "\n".join(file.text() for file in files.target.files if _is_ci(file.path))
    named = set(re.findall(r"\bmake\s+(?:-\S+\s+)*([\w.\-]+)", text))
    return "\n".join((text, *(line for one in make if one.name in named for _, line in one.recipe)))


def _is_ci(path: str) -> bool:
    ci = (".github/workflows/", ".circleci/", ".buildkite/", ".gitlab-ci", ".travis", "Jenkinsfile")
    return path.startswith(ci) or path.endswith(("azure-pipelines.yml", "cloudbuild.yaml"))


def _workflows(files: Files) -> Iterator[Asset]:
    """Steps of CI that run a benchmark, a load test, or a make target that is named after one."""
    for file in files.target.files:
        if not _is_ci(file.path):
            continue
        for number, line in enumerate(file.lines, 1):
            if not _CI_WORDS.search(line) and not any(word in line for word in _command_words()):
                continue
            command = re.sub(r"^\s*(?:-\s+)?(?:(?:run|script|command):\s*[|>]?-?)?\s*", "", line)
            for kind, name in _named(command):
                yield _asset(files, file, number, kind, f"CI: {name}", command.strip()[:160], True)
            made = re.match(r"(?:make|task|just)\s+([\w\-]*(?:bench|load-?test|stress|perf)[\w\-]*)", command)
            if made:
                kind = "benchmark" if "bench" in made[1] else "load_test"
                yield _asset(files, file, number, kind, f"CI: make {made[1]}", command.strip()[:160], True)
            action = re.match(r"uses:\s*(grafana/(?:setup-)?k6\S*|grafana/run-k6\S*|benchmark-action/\S+)", command)
            if action:
                kind = "benchmark" if "benchmark" in action[1] else "load_test"
                yield _asset(files, file, number, kind, f"CI: {action[1]}", command.strip(), True)


# Compose files and pages


def _compose(files: Files, services: tuple[ComposeService, ...]) -> Iterator[Asset]:
    for path in sorted({service.path for service in services}):
        real = [s for s in services if s.path == path and s.dependency]
        file = files.target.file(path)
        if real and file is not None and "compose" in path.rpartition("/")[2]:
            names = sorted({s.dependency for s in real})
            yield _asset(files, file, real[0].line, "compose", path, f"starts {', '.join(names)}")


def _pages(files: Files) -> Iterator[Asset]:
    """Pages with measured numbers and pages that tell how to profile."""
    for page in doc_perf_pages.pages(files.target):
        file = files.target.file(page.path)
        if file is not None:
            more = tuple(files.target.cite(page.path, line) for line in page.more)
            value, unit = doc_units.figure(page.figure) or (None, "")
            asset = _asset(files, file, page.line, page.kind, page.path, page.detail)
            yield replace(asset, more=more, value=value, unit=unit)


def _sizing(files: Files) -> Iterator[Asset]:
    """Comments that state a tested load; one for each file."""
    seen: set[str] = set()
    for said in doc_sizing.statements(files):
        if said.file.path not in seen:
            seen.add(said.file.path)
            value, unit = doc_units.figure(said.number) or (None, "")
            item = f"{said.file.path} (comment)"
            asset = _asset(files, said.file, said.line, "perf_doc", item, f"states: {said.text}")
            # What a comment states is the service's own figure, wherever the file lies.
            yield replace(asset, role="docs", value=value, unit=unit or "items")
