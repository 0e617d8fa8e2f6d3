"""Whatever stands in the audited source shows as written and changes nothing around it."""

from __future__ import annotations

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rda_nb.report import inline

PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")
NASTY = st.text(st.sampled_from("ab` |\\<>&*_[]()!~$#-+=1.\n\"'{}:/@"), max_size=40)
HOSTILE = [
    "<script>alert(1)</script>",
    "a | b || c",
    "a \\| b",
    "```go",
    "`tick` and ``two``",
    "![x](http://example.org/x.png)",
    "[x](javascript:alert(1))",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "---",
    "<!-- comment -->",
    "&lt;b&gt;",
    "__init__ and *all*",
    "line\nbreak\n\n# next",
    "trailing \\",
]


def shown(markdown: str) -> str:
    """The text a reader sees, from the parsed inline content of a paragraph or cell."""
    inlines = [token for token in PARSER.parse(markdown) if token.type == "inline"]
    return "".join(_text(child) for token in inlines for child in token.children or [])


def _text(child: object) -> str:
    kind, content = getattr(child, "type", ""), str(getattr(child, "content", ""))
    assert kind in ("text", "code_inline", "text_special", "html_inline"), kind
    if kind == "html_inline":  # only the entity form of a code span
        assert content in ("<code>", "</code>")
        return ""
    return content


def cell_texts(cell: str) -> list[str]:
    """The cells that a table row with this cell in the middle has."""
    tokens = PARSER.parse(f"| a | b | c |\n|---|---|---|\n| x | {cell} | y |\n")
    cells = [tokens[n + 1] for n, token in enumerate(tokens) if token.type == "td_open"]
    return ["".join(_text(child) for child in cell.children or []) for cell in cells]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("in_table", [False, True])
def test_hostile_text_shows_as_written(text: str, in_table: bool) -> None:
    """Markup in source text is text in the report, as code and as prose."""
    plain = inline.one_line(text)
    for made in (inline.code(text, in_table=in_table), inline.prose(text, in_table=in_table)):
        seen = cell_texts(made)[1] if in_table else shown(f"- {made}")
        assert plain.replace("`", "").replace("'", "") == seen.replace("`", "").replace("'", "").strip()


@given(NASTY)
@example("_1_\\|")
def test_code_keeps_every_character(text: str) -> None:
    """A code span shows its text exactly, inside a table and outside."""
    plain = inline.one_line(text)
    if plain:
        assert plain == shown(f"- {inline.code(text)}").strip()
        assert ["x", plain, "y"] == [seen.strip() for seen in cell_texts(inline.code(text, in_table=True))]


@given(NASTY)
def test_prose_never_breaks_a_table_or_opens_markup(text: str) -> None:
    """A sentence stays one cell of plain text and code, whatever it holds."""
    cells = cell_texts(inline.prose(text, in_table=True))
    assert (len(cells), cells[0], cells[2]) == (3, "x", "y")
    shown(f"- {inline.prose(text)}")


@given(NASTY)
def test_prose_keeps_the_characters_of_a_sentence(text: str) -> None:
    """Apart from backticks, which mark code, prose shows what was written."""
    plain = inline.one_line(text.replace("`", ""))
    assert plain == html.unescape(shown(f"- {inline.prose(plain)}")) or "&" in plain


def test_places_are_counted_beyond_the_most() -> None:
    """Further sites are counted, not dropped silently."""
    sites = [{"path": "a.go", "line": n, "excerpt": "x"} for n in range(1, 6)]
    assert inline.places(sites, 2) == "`a.go:1`, `a.go:2` and 3 more places"
    assert inline.cited(sites, 2, 80) == "`a.go:1` `x`; `a.go:2` and 3 more places"


def test_long_excerpt_ends_in_an_ellipsis() -> None:
    """An excerpt is cut visibly."""
    assert inline.shorten("abcdef", 4) == "abc…"
