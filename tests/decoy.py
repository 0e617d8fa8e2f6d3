"""A small monorepo whose neighbours are traps, and two tracers that tell which of them a program touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Stands in every file beside the target: no output of an audit may hold it.
BAIT = "NEIGHBOUR_BAIT"

_SERVICE = {
    "go.mod": "module example.com/mono/services/orders\n\ngo 1.22\n\nrequire example.com/mono/libs/shared v0.0.0\n\n"
    "replace example.com/mono/libs/shared => ../../libs/shared\n",
    "main.go": 'package main\n\nimport (\n\t"net/http"\n\n\t"example.com/mono/libs/shared"\n)\n\nfunc main() {\n'
    '\thttp.HandleFunc("/orders", shared.Handle)\n\t_ = http.ListenAndServe(":8080", nil)\n}\n',
    "internal/store/store.go": "package store\n\nfunc Save() error { return nil }\n",
    "config/config.yaml": "include: ../../billing/config.yaml\nworkers: 4\n",
    "docker-compose.yml": "services:\n  orders:\n    build: .\n    env_file: ../billing/.env\n",
    "docs/rda/ARCHITECTURAL_DECISIONS.md": "# Decisions\n\n## Delivery\n\nAt least once.\n",
}
_NEIGHBOURS = {
    "go.work": "go 1.22\n\nuse ./services/orders\nuse ./libs/shared\n// " + BAIT + "\n",
    "README.md": BAIT,
    ".gitignore": "# " + BAIT + "\n*.log\n",
    ".gitattributes": "# " + BAIT + "\n*.go diff=bait filter=bait\n",
    "libs/shared/go.mod": "module example.com/mono/libs/shared\n",
    "libs/shared/shared.go": "package shared\n\n// " + BAIT + "\nfunc Handle() {}\n",
    "services/billing/main.go": "package main // " + BAIT + "\n",
    "services/billing/config.yaml": BAIT + ": true\n",
    "services/billing/.env": "TOKEN=" + BAIT + "\n",
    "services/orders-v2/main.go": "package main // " + BAIT + "\n",
}


@dataclass(frozen=True)
class Decoy:
    """The monorepo's top directory and the one service inside it that may be read."""

    top: Path
    target: Path


def write_tree(root: Path, files: dict[str, str]) -> None:
    """Files by relative path."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def git(directory: Path, *arguments: str) -> str:
    """Run git with an identity and no configuration but the repository's own."""
    environment = dict(os.environ, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit_all(directory: Path, message: str = "First") -> str:
    """Make a repository of a directory if it is none, commit everything in it, return the commit."""
    if not (directory / ".git").exists():
        git(directory, "init", "-q", "-b", "main")
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "--allow-empty", "-m", message)
    return git(directory, "rev-parse", "HEAD").strip()


def build(base: Path, service: Path | None = None) -> Decoy:
    """A committed monorepo below `base`; `service` is copied into the target instead of the small one built in here."""
    top = base / "mono"
    target = top / "services" / "orders"
    write_tree(top, _NEIGHBOURS)
    if service is None:
        write_tree(target, _SERVICE)
    else:
        shutil.copytree(service, target)
    (target / "linked_library").symlink_to("../../libs/shared")
    (target / "linked_file.go").symlink_to(top / "services" / "billing" / "main.go")
    (target / "linked_env").symlink_to("../billing/.env")
    (target / "loop").symlink_to(".")
    (target / "first").symlink_to("second")
    (target / "second").symlink_to("first")
    (target / "through").symlink_to("linked_library/shared.go")
    (target / "store").symlink_to("internal/store")
    commit_all(top)
    # A change makes git compare contents, which is when it would read attributes and run filters.
    mod = target / "go.mod"
    mod.write_text(mod.read_text() + "\n// changed\n")
    (target / "new.go").write_text("package main\n")
    return Decoy(top, target)


_HOOK = """
import json, os, sys
top, target, log = sys.argv[1:4]
seen = []
def hook(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.chdir", "glob.glob", "glob.glob/2", "os.walk", "shutil.copyfile"):
        path = arguments[0]
        flags = arguments[2] if event == "open" else 0
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        elif path is None:
            path = os.getcwd()
        seen.append((event, os.fsdecode(path), flags or 0))
sys.addaudithook(hook)
try:
    exec(compile(sys.stdin.read(), "traced", "exec"), {"__name__": "__main__", "TARGET": target})
finally:
    with open(log, "w") as file:
        json.dump(seen, file)
"""


def audited(decoy: Decoy, code: str, work: Path) -> list[str]:
    """Run Python code (the name TARGET is bound) under an audit hook; return each access beside the target."""
    log = work / "accesses.json"
    work.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-c", _HOOK, str(decoy.top), str(decoy.target), str(log)],
        input=code, text=True, cwd=work, env=_environment(), check=True,
    )  # fmt: skip
    wrong = []
    seen = json.loads(log.read_text())
    inside = 0
    for event, path, flags in seen:
        if event == "open" and "/" not in path:
            # Relative to an open directory, which was itself checked when it was opened; a link could still lead out.
            if path not in (".", "..") and (flags & os.O_NOFOLLOW or flags & os.O_CREAT):
                inside += 1
                continue
            if not (decoy.target / path).exists():
                continue
        if trespasses(decoy, os.path.join(work, path)):
            wrong.append(f"{event} {path}")
        inside += Path(os.path.join(work, path)).is_relative_to(decoy.target)
    assert inside, "the traced code never opened anything in the target, so the trace proves nothing"
    return wrong


def straced(decoy: Decoy, code: str, work: Path) -> list[str]:
    """The same for every process the code starts, as the system saw them; needs strace."""
    log = work / "strace.log"
    work.mkdir(parents=True, exist_ok=True)
    program = f"TARGET = {str(decoy.target)!r}\n{code}"
    trace = ["strace", "-f", "-y", "-s", "4096", "-e", "trace=file,getdents64", "-o", str(log)]
    subprocess.run([*trace, sys.executable, "-c", program], cwd=work, env=_environment(), check=True, text=True)
    wrong = []
    inside = 0
    # A process that was given another directory announces it; paths are then relative to that one.
    directories: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        process, _, call = line.partition(" ")
        call = call.strip()
        name = call.partition("(")[0]
        if name in ("execve", "exit_group") or "(" not in call:
            continue
        start = directories.get(process, str(work))
        paths = re.findall(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"', call.rpartition(" = ")[0])
        # The second string of these is the text of a link, not a path that was touched.
        for base, path in paths[:1] if name.startswith(("readlink", "symlink")) else paths:
            full = os.path.join(base or start, path)
            if name == "chdir":
                directories[process] = full
            inside += Path(full).is_relative_to(decoy.target)
            if trespasses(
                decoy, full, follows="NOFOLLOW" not in call and name not in _LINK_ITSELF, probe=name in _PROBES
            ):
                wrong.append(call)
        for listed in re.findall(r"^getdents64\(\d+<([^>]*)>", call):
            if trespasses(decoy, listed):
                wrong.append(call)
    assert inside, "the traced code never touched anything in the target, so the trace proves nothing"
    return wrong


_LINK_ITSELF = {"readlink", "readlinkat", "lstat", "unlink", "unlinkat", "rename", "renameat", "renameat2"}
_PROBES = {
    "stat",
    "lstat",
    "newfstatat",
    "statx",
    "readlink",
    "readlinkat",
    "access",
    "faccessat",
    "faccessat2",
    "chdir",
    "getcwd",
}


def trespasses(decoy: Decoy, path: str, follows: bool = True, probe: bool = False) -> bool:
    """True for a path in the monorepo that is neither below the target nor in the repository's own `.git`.

    With `follows`, what the path leads to counts as well. A `probe` may also look at a directory above the target.
    """
    paths = {os.path.normpath(path)} | ({os.path.realpath(path)} if follows else set())
    for each in map(Path, paths):
        if not each.is_relative_to(decoy.top) or each.is_relative_to(decoy.target):
            continue
        if each.is_relative_to(decoy.top / ".git") or (
            each.name == ".git" and decoy.target.is_relative_to(each.parent)
        ):
            continue
        if probe and decoy.target.is_relative_to(each):
            continue
        return True
    return False


def _environment() -> dict[str, str]:
    """The kit importable from the checkout; no byte code written beside it."""
    root = str(Path(__file__).resolve().parent.parent)
    return dict(os.environ, PYTHONPATH=root, PYTHONDONTWRITEBYTECODE="1")
