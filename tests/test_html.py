"""The offline page: complete, escaped, accessible, and equal whether a kernel ran or not."""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from rda_nb.report import html

SAMPLE = Path(__file__).parent / "sample_audit.json"


def _audit() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return loaded


@cache
def _page() -> Any:
    return BeautifulSoup(html.render(_audit()), "html.parser")


def test_every_row_stands_behind_a_question() -> None:
    """The page holds everything: no row of any table is without a question that shows it."""
    audit = _audit()
    shown = {row["id"] for n in range(1, 11) for _, rows in html.question_rows(audit, n) for row in rows}
    tables = (rows for name, rows in audit["tables"].items() if name != "checklist")
    assert {row["id"] for rows in tables for row in rows} == shown


def test_a_row_behind_no_answer_stands_at_its_tables_home() -> None:
    """A kind that no topic claims is still shown."""
    audit = _audit()
    for answer in audit["tables"]["checklist"]:
        answer["rows"] = []
    assert "hotspots" in dict(html.question_rows(audit, 7))
    assert "external_calls" in dict(html.question_rows(audit, 5))


def _evidence(value: Any) -> Iterator[dict[str, Any]]:
    """Every citation anywhere in the audit."""
    if isinstance(value, dict):
        if "excerpt" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _evidence(item)


def test_each_citation_opens_the_excerpt_of_its_line() -> None:
    """Every evidence button names a card on the page, and the card holds the cited place and its text."""
    excerpts = {(e["path"], e["line"]): e["excerpt"].split("\n") for e in _evidence(_audit())}
    buttons = _page().select("button.cite")
    assert len(buttons) > 100
    for button in buttons:
        card = _page().find(id=button["popovertarget"])
        assert card.has_attr("popover")
        if button.text.endswith(" more"):
            assert len(card.select("pre.excerpt")) == int(button.text.split()[0])
        elif card.has_attr("data-p"):
            path, _, line = card["data-p"].rpartition(":")
            assert button.find_parent(class_="factors") or button.text == f"{path}:{line}"
            assert f"counter-reset:n {int(line) - 1}" == card.select_one("pre.excerpt")["style"]
            assert excerpts[path, int(line)] == [row.text for row in card.select("i")]
        else:
            assert card.select_one(".source").text


def test_ids_are_unique() -> None:
    """A jump link or a card never leads to the wrong element."""
    ids = [element["id"] for element in _page().select("[id]")]
    assert sorted(set(ids)) == sorted(ids)


def test_every_link_leads_somewhere_on_the_page() -> None:
    """The page links to itself alone."""
    for link in _page().select("a[href]"):
        assert link["href"].startswith("#")
        assert _page().find(id=link["href"][1:]) is not None, link


def test_headings_descend_one_level_at_a_time() -> None:
    """Readers that jump by heading meet one h1 and no gap in the levels."""
    levels = [int(heading.name[1]) for heading in _page().select("h1, h2, h3, h4, h5, h6")]
    assert 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_tables_and_figures_can_be_read_without_eyes() -> None:
    """Header cells have a scope, tables a caption, figures a text alternative and their numbers as a table."""
    assert all("col" == head.get("scope") for head in _page().select("th"))
    assert all(table.find("caption") for table in _page().select("table"))
    for figure in _page().select("figure"):
        assert figure.select_one("[role=img]")["aria-label"]
        assert figure.select("details.numbers td")


def test_nothing_unknown_is_printed_as_none() -> None:
    """A null of the audit is a word for a reader, never a Python name."""
    text = re.sub(r"\s+", " ", _page().find("main").get_text(" "))
    assert not re.search(r"\b(None|null|nan|undefined)\b", text)


def test_text_from_the_target_cannot_become_markup() -> None:
    """Paths, excerpts, names and messages of a hostile tree show as text, in tables, cards and figure data."""
    hostile = "</script></pre><script>alert(1)</script><img src=x onerror=alert(1)>"

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k in ("assessment", "priority", "id", "n", "kind") else poison(v) for k, v in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return value + hostile if isinstance(value, str) else value

    audit = poison(_audit())
    for answer, clean in zip(audit["tables"]["checklist"], _audit()["tables"]["checklist"], strict=True):
        answer["rows"] = clean["rows"]
    page = BeautifulSoup(html.render(audit), "html.parser")
    assert not page.select("img")
    assert 2 == len([script for script in page.select("script") if script.get("type") != "application/json"])
    assert "<img src=x onerror=alert(1)>" in page.find("h1").text
    for spec in page.select("script.spec"):
        json.loads(spec.text)


def test_the_policy_admits_exactly_the_pages_own_scripts() -> None:
    """The content security policy names the two scripts by hash and lets nothing be fetched."""
    policy = _page().find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    scripts = [script.string for script in _page().select("script") if script.get("type") != "application/json"]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    assert 2 == len(digests)
    assert all(f"'sha256-{digest}'" in policy for digest in digests)
    assert policy.startswith("default-src 'none'")
    assert "connect-src" not in policy and "unsafe-eval" not in policy and "'unsafe-inline' 's" not in policy


def test_equal_audits_give_equal_bytes_of_a_size_to_mail() -> None:
    """Rendering is a function of the audit, and the page with its figures stays below 3 MB."""
    first = html.render(_audit())
    assert html.render(copy.deepcopy(_audit())) == first
    assert len(first.encode()) < 3_000_000


def test_plotly_stands_once_in_the_version_that_the_package_pins() -> None:
    """The vendored bundle is the one that the plotly package would embed, with its licence beside it."""
    offline = pytest.importorskip("plotly.offline")
    banner = f"plotly.js (basic - minified) v{offline.get_plotlyjs_version()}"
    assert 1 == html.render(_audit()).count(banner)
    assert "Permission is hereby granted" in (html.TEMPLATES / "plotly" / "LICENSE").read_text(encoding="utf-8")


def test_an_audit_that_found_nothing_is_still_a_page() -> None:
    """An empty directory gives ten answers that are gaps, and sentences where tables would stand."""
    audit = _audit()
    answers = audit["tables"]["checklist"]
    audit["tables"] = {name: [] for name in audit["tables"]}
    audit["tables"]["checklist"] = [
        answer | {"assessment": "GAP", "evidence": [], "rows": [], "files_inspected": [], "gap": "nothing was read"}
        for answer in answers
    ]
    audit |= {name: [] for name in ("findings", "actions", "gaps", "external_deps", "decisions", "context", "harness")}
    audit |= {"strengths": [], "rules": {}}
    audit["run"] |= {"git": {"gap": "no git repository"}, "languages": {}, "files_skipped": []}
    page = BeautifulSoup(html.render(audit), "html.parser")
    assert 10 == len(page.select(".strip .GAP .badge"))
    assert not page.select("figure .plot")
    assert "no git repository" in page.find("main").text


def test_one_table_can_be_shown_alone() -> None:
    """A notebook's own look at a table has all its rows, worst first."""
    page = BeautifulSoup(html.table(_audit(), "external_calls"), "html.parser")
    verdicts = [badge.text for badge in page.select("td.verdict .badge")]
    assert 9 == len(verdicts)
    assert sorted(verdicts, key=["RISK", "CONCERN", "GAP", "GOOD"].index) == verdicts
