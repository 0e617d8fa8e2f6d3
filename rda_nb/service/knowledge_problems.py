"""What is wrong with the knowledge of a language: every entry is held against the terms and asked for its source."""

from __future__ import annotations

import re

from rda_nb.service import knowledge_files, libraries, terms

_SETTING_KEY = re.compile(r"^(dsn:[\w.\- ]+|[\w.*\-]+(\(\d+\))?)$")


def problems(language: str) -> list[str]:
    """Everything wrong with the knowledge of a language: unknown roles and meanings, defaults without version and source."""
    roles, means = terms.roles(), terms.meanings()
    wrong: list[str] = []
    known = libraries.load(language)
    documents = {
        path: row
        for name in set(knowledge_files.index(language).values())
        for path, row in knowledge_files.document(language, name).items()
    }
    wrong += [
        f"{language}: {path} is not found by its line"
        for path in documents
        if path not in knowledge_files.index(language)
    ]
    for path, (where, _, body) in sorted(documents.items()):
        known.package(path)
        at = f"{where}: {path}:"
        for name, row in (body.get("calls") or {}).items():
            if row.get("role") not in roles:
                wrong.append(f"{at} {name} has the unknown role {row.get('role')!r}")
        for name, row in (body.get("behind") or {}).items():
            if odd := {name, row.get("role")} - set(roles):
                wrong.append(f"{at} behind its driver stands the unknown role {min(odd, key=str)!r}")
        for name, row in (body.get("settings") or {}).items():
            if not _SETTING_KEY.match(name):
                wrong.append(f"{at} setting {name} is neither a field, an argument nor a dsn key")
            if row.get("means") not in means:
                wrong.append(f"{at} {name} has the unknown meaning {row.get('means')!r}")
            if "default" in row and not (row.get("since") and row.get("source")):
                wrong.append(f"{at} the default of {name} has no version and source")
        for row in body.get("budget") or ():
            if row.get("means") not in means:
                wrong.append(f"{at} the budget has the unknown meaning {row.get('means')!r}")
            if not (row.get("since") and row.get("source")):
                wrong.append(f"{at} the default of {row.get('means')} has no version and source")
    return wrong
