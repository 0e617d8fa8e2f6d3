"""The offline page in a real browser with the network off: figures drawn, tables working, nothing requested."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rda_nb.report import html

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]

SAMPLE = Path(__file__).parent / "sample_audit.json"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-component-update"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(html.render(json.loads(SAMPLE.read_text(encoding="utf-8"))), encoding="utf-8")
    return path


class Opened:
    """The page in a window, with everything it asked for and everything it complained about."""

    def __init__(self, browser: Any, file: Path, width: int = 1300, scheme: str = "light") -> None:
        context = browser.new_context(offline=True, color_scheme=scheme, viewport={"width": width, "height": 900})
        self.page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.goto(file.as_uri())
        self.page.wait_for_function("document.querySelectorAll('.plot:not(.js-plotly-plot)').length === 0")

    def rows(self, table: str) -> list[str]:
        """The first cell of every visible row of the first table of this kind."""
        section = self.page.locator(f".data[data-table={table}]").first
        return [text.split("\n")[0] for text in section.locator("tbody tr:visible td:first-child").all_inner_texts()]


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Opened]:
    window = Opened(browser, file)
    yield window
    window.page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1300, "light"), (1300, "dark"), (390, "light")])
def test_the_page_asks_for_nothing_and_draws_every_figure(browser: Any, file: Path, width: int, scheme: str) -> None:
    """One request, the file itself; five figures with marks; no error; no sideways scrolling."""
    window = Opened(browser, file, width, scheme)
    assert [file.as_uri()] == window.requests
    assert [] == window.complaints
    figures = window.page.locator(".js-plotly-plot")
    assert 5 == figures.count()
    for index in range(5):
        assert figures.nth(index).locator(".main-svg .point path, .main-svg path.point, .main-svg .js-line").count() > 0
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.page.context.close()


def test_a_click_on_a_column_sorts_by_number(opened: Opened) -> None:
    """Worst cases sort as durations, not as text; unbounded is the longest and unknown stays last both ways."""
    head = opened.page.locator(".data[data-table=external_calls]").first.locator("th", has_text="Worst case")
    head.locator("button").click()
    assert "ascending" == head.get_attribute("aria-sort")
    upwards = opened.rows("external_calls")
    assert ["Rates.Do", "DeleteMessageBatch", "Get", "Query orders FINAL"] == upwards[:4]
    assert "ReceiveMessage" == upwards[-1]
    head.locator("button").click()
    downwards = opened.rows("external_calls")
    assert {"Batch.Send into order_events", "http.Get geo lookup"} == set(downwards[:2])
    assert "ReceiveMessage" == downwards[-1]


def test_filters_narrow_a_table_by_text_and_by_assessment(opened: Opened) -> None:
    """The count says how many rows are left, and taking the filter away brings them back."""
    section = opened.page.locator(".data[data-table=external_calls]").first
    section.locator("input.filter").fill("dynamodb put")
    assert ["PutItem"] == opened.rows("external_calls")
    assert "1 of 9 rows" == section.locator(".count").inner_text()
    section.locator("input.filter").fill("")
    section.locator(".chip.RISK").click()
    assert 5 == len(opened.rows("external_calls"))
    section.locator(".chip.RISK").click()
    assert 9 == len(opened.rows("external_calls"))


def test_one_click_on_a_citation_shows_its_lines(opened: Opened) -> None:
    """The card opens inside the window with the place and the excerpt, and Escape closes it."""
    cite = opened.page.locator(".data[data-table=external_calls] .cite", has_text="sink/writer.go:44").first
    cite.click()
    card = opened.page.locator(".card:popover-open")
    assert "internal/sink/writer.go:44" == card.locator(".place").inner_text()
    assert "PrepareBatch" in card.locator("pre").inner_text()
    box = card.bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 1300
    opened.page.keyboard.press("Escape")
    assert 0 == opened.page.locator(".card:popover-open").count()


def test_a_factor_of_a_worst_case_is_one_click_from_its_line(opened: Opened) -> None:
    """The formula's factors are buttons that open the line they were read in."""
    row = opened.page.locator(".data[data-table=external_calls] tbody tr", has_text="PutItem").first
    row.locator(".factors .cite", has_text="attempts = 5").click()
    assert "WithRetryMaxAttempts(5)" in opened.page.locator(".card:popover-open pre").inner_text()


def test_a_link_to_a_closed_finding_opens_it(opened: Opened) -> None:
    """A question's list of findings leads to the finding's text, not to a closed line."""
    link = opened.page.locator("[data-part=question-7] .links a", has_text="regular expression")
    target = opened.page.locator(link.get_attribute("href"))
    assert target.get_attribute("open") is None
    link.click()
    opened.page.wait_for_function("element => element.open", arg=target.element_handle())
    assert target.locator(".claim").is_visible()


def test_a_long_table_shows_its_worst_rows_first_and_all_on_demand(browser: Any, tmp_path: Path) -> None:
    """Thirty rows are shown at once; one button shows the rest."""
    audit = json.loads(SAMPLE.read_text(encoding="utf-8"))
    row = next(r for r in audit["tables"]["signals"] if r["assessment"] == "GOOD")
    audit["tables"]["signals"] += [row | {"id": f"more-{n}", "metric": f"metric_{n}"} for n in range(60)]
    path = tmp_path / "long.html"
    path.write_text(html.render(audit), encoding="utf-8")
    window = Opened(browser, path)
    assert 30 == len(window.rows("signals"))
    window.page.locator(".show-all").click()
    assert 70 == len(window.rows("signals"))
    window.page.context.close()


def test_a_verdict_leads_to_the_finding_that_it_waives(browser: Any, tmp_path: Path) -> None:
    """The waived finding stands closed and last of its priority, marked; its verdict's link opens it with the reason."""
    audit = json.loads(SAMPLE.read_text(encoding="utf-8"))
    first = next(f for f in audit["findings"] if f["priority"] == "P0")
    verdict = {"verdict": "accepted", "owner": "Ada", "reason": "known <b>and</b> small", "date": None, "note": None}
    verdict |= {"expiry": "2027-01-31", "origin": "file", "place": "verdicts[0]"}
    first["review"] = verdict | {"status": "waived", "sites": 1}
    listed = verdict | {"state": "counts", "finding": first["id"], "rule": None, "path": None, "evidence": []}
    counts = {"raw": {"P0": 9, "P1": 1, "P2": 1}, "with_waivers": {"P0": 8, "P1": 1, "P2": 1}}
    audit["review"] = {"file": "x.review.yaml", "sha256": None, "date": "2027-01-31", "counts": counts, "refused": []}
    audit["review"]["verdicts"] = [listed | {"findings": [first["id"]]}]
    path = tmp_path / "reviewed.html"
    path.write_text(html.render(audit), encoding="utf-8")
    window = Opened(browser, path)
    finding = window.page.locator(f"#finding-{first['id']}")
    assert finding.get_attribute("open") is None
    assert first["id"] in window.page.locator("#findings-P0 details").last.get_attribute("id")
    assert "accepted until 2027-01-31" == finding.locator(".said").inner_text()
    window.page.locator(f"[data-part=reviewed] a[href='#finding-{first['id']}']").click()
    window.page.wait_for_function("element => element.open", arg=finding.element_handle())
    assert "accepted, Ada, until 2027-01-31: known <b>and</b> small" == finding.locator("dd").first.inner_text()
    assert [] == window.complaints
    window.page.context.close()
