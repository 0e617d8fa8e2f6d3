"""Short ways to an answer give what the long way gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rda_nb.facts.sql_texts import _SQL, _statements
from rda_nb.languages.go import expressions
from rda_nb.service import knowledge_files
from rda_nb.source import redact

WORDS = (
    "a ctx cfg.Timeout a.b.c nil true false iota _ func type a.type range.x x.map 0 7 07 0x1F 1_000 12345678901234567890 "
    '"" "text" "a.b" "//x" "%d" "it\'s" time.Second a. .a a..b 1a'
).split()


@pytest.mark.parametrize("text", [*WORDS, '"a b"', '"say \\"x\\""', "a b", "", "héé", '"é"'])
def test_simple_expression_is_what_the_parser_reads(text: str) -> None:
    """A name, a chain, a number or a string read without the parser is the tree that the parser gives."""
    written = text.encode().decode("latin-1")
    simple = expressions._SIMPLE.match(written)
    found = expressions._simple(simple, written, 40) if simple else None
    node = expressions._tree(written)
    if found is not None:
        assert node is not None
        assert found == expressions._Builder(written, 40).build(node)


@given(
    st.lists(
        st.sampled_from(
            [*"select SELECT insert into with a as ( system from truncate xupdate t set \n".split(" "), " ", ";"]
        )
    )
)
def test_places_of_sql_are_those_of_the_whole_expression(parts: list[str]) -> None:
    """Looking for SQL words first finds every place that the expression itself finds, and no other."""
    data = " ".join(parts).encode() + "".join(parts).encode()
    assert list(_statements(data)) == [match.start() for match in _SQL.finditer(data)]


def test_package_read_from_its_lines_is_the_one_in_its_file() -> None:
    """Every package read by itself says what the whole knowledge file says of it."""
    for path, name in knowledge_files.index("go").items():
        assert knowledge_files.entry("go", name, path) == knowledge_files.document("go", name)[path]


SECRETS = (
    'password := "hunter2hunter"',
    "AKIAABCDEFGHIJKLMNOP",
    "postgres://user:s3cr3tpass@db/x",
    "user:s3cr3tpass@tcp(db:3306)/x",
    "ghp_abcdefghijklmnop1234",
    "xoxb-abcdefghijklmnop1234",
    "AIzaabcdefghijklmnop1234",
    "SG.abcdefghijklmnop1234",
    "Bearer abcdefghij1234567890",
    "identified by 'abc123'",
)


@pytest.mark.parametrize("text", SECRETS)
def test_secret_holds_a_hint(text: str) -> None:
    """Each form of a secret is looked for, because a plain word of it stands in the text."""
    assert redact._hinted(text)
    assert "[REDACTED]" in redact.redact(text)
