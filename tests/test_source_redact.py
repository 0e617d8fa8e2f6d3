"""Secrets never reach an excerpt, and ordinary code is left alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rda_nb.source import read
from rda_nb.source.redact import redact

# Parts joined so that this file holds no string a scanner could take for a real secret.
AWS = "AKIA" + "ABCDEFGH12345678"
GITHUB = "ghp_" + "a1B2" * 9
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0" + ".c2lnbmF0dXJl"

SECRETS = [
    ("go", f'key := "{AWS}"', 'key := "AKIA[REDACTED]"'),
    ("go", f'client.SetHeader("X", "{GITHUB}")', 'client.SetHeader("X", "ghp_[REDACTED]")'),
    ("go", 'password := "hunter2!"', 'password := "[REDACTED]"'),
    ("go", 'Password: "hunter2!",', 'Password: "[REDACTED]",'),
    ("go", 'dsn = "postgres://app:s3cr3t@db:5432/app"', 'dsn = "postgres://app:[REDACTED]@db:5432/app"'),
    (
        "go",
        'sql.Open("mysql", "root:s3cr3t@tcp(db:3306)/app")',
        'sql.Open("mysql", "root:[REDACTED]@tcp(db:3306)/app")',
    ),
    ("go", '"tcp://ch:9000?username=u&password=s3cr3t&x=1"', '"tcp://ch:9000?username=u&password=[REDACTED]&x=1"'),
    ("go", 'getenv("DB_PASSWORD", "s3cr3t")', 'getenv("DB_PASSWORD", "[REDACTED]")'),
    ("go", '`env:"API_KEY" envDefault:"s3cr3t"`', '`env:"API_KEY" envDefault:"[REDACTED]"`'),
    ("python", f'headers = {{"Authorization": "Bearer {JWT}"}}', None),
    ("python", 'cfg["secret"] = "abc123xyz"', 'cfg["secret"] = "[REDACTED]"'),
    ("yaml", "password: s3cr3t # local only", "password: [REDACTED] # local only"),
    ("yaml", "  - POSTGRES_PASSWORD=s3cr3t", "  - POSTGRES_PASSWORD=[REDACTED]"),
    ("yaml", "- name: DB_PASSWORD\n  value: s3cr3t", "- name: DB_PASSWORD\n  value: [REDACTED]"),
    ("env", "API_TOKEN=abc123", "API_TOKEN=[REDACTED]"),
    ("dockerfile", "ENV APP_SECRET=abc123", "ENV APP_SECRET=[REDACTED]"),
    ("shell", "tool --admin-password s3cr3t --verbose", "tool --admin-password [REDACTED] --verbose"),
    ("sql", "CREATE USER u IDENTIFIED BY 's3cr3t'", "CREATE USER u IDENTIFIED BY '[REDACTED]'"),
    ("xml", "<password>s3cr3t</password>", "<password>[REDACTED]</password>"),
]
ORDINARY = [
    ("go", 'password := os.Getenv("DB_PASSWORD")'),
    ("go", 'cfg.Password = mustEnv("DB_PASSWORD")'),
    ("go", "token, err := client.Token(ctx)"),
    ("go", "if token == nil { return ErrNoToken }"),
    ("go", 'const TokenHeader = "X-Auth-Token"'),
    ("go", 'errInvalidPassword = errors.New("the password is not valid")'),
    ("go", 'Password string `env:"DB_PASSWORD"`'),
    ("go", 'secretName: "orders-db"'),
    ("go", 'token = "ingest-token"'),
    ("go", 'fmt.Sprintf("postgres://%s:%s@%s/%s", user, pass, host, name)'),
    ("go", "ctx, cancel := context.WithTimeout(ctx, 5*time.Second)"),
    ("go", 'url := "http://localhost:8080/path@2"'),
    ("yaml", "password: ${DB_PASSWORD}"),
    ("yaml", "secretKeyRef:"),
    ("yaml", "max_token: 4096"),
    ("yaml", "url: postgres://app:${DB_PASSWORD}@db/app"),
    ("yaml", "id-token: write"),
    ("json", '"owner": "TokenProgram", "programId": "x"'),
    ("shell", 'export TOKEN="$(cat file)"'),
    ("dockerfile", "RUN adduser --disabled-password \\"),
]


@pytest.mark.parametrize(("kind", "line", "expected"), SECRETS)
def test_secrets_are_replaced(kind: str, line: str, expected: str | None) -> None:
    """A secret's value is gone and what surrounds it still stands."""
    shown = redact(line, kind)
    assert "[REDACTED]" in shown
    assert not any(secret in shown for secret in (AWS, GITHUB, JWT, "s3cr3t", "hunter2", "abc123"))
    if expected is not None:
        assert expected == shown


@pytest.mark.parametrize(("kind", "line"), ORDINARY)
def test_ordinary_code_is_left_alone(kind: str, line: str) -> None:
    """Names, calls, placeholders and settings that only sound secret are shown as written."""
    assert line == redact(line, kind)


def test_a_line_inside_a_key_is_redacted_when_cited_alone(tmp_path: Path) -> None:
    """The body of a private key shows three characters, whichever of its lines is cited."""
    body = "MIIEowIBAAKCAQEA" + "q" * 40
    (tmp_path / "key.yaml").write_text(
        f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}\n-----END RSA PRIVATE KEY-----\n"
    )
    assert "MII[REDACTED]" == read(tmp_path).cite("key.yaml", 3).excerpt


def test_a_value_below_its_name_is_redacted_when_cited_alone(tmp_path: Path) -> None:
    """A manifest gives name and value on two lines; the first decides on the second."""
    (tmp_path / "deploy.yaml").write_text("env:\n  - name: DB_PASSWORD\n    value: s3cr3t\n")
    assert "value: [REDACTED]" == read(tmp_path).cite("deploy.yaml", 3).excerpt


@pytest.mark.parametrize(
    "line", ["a" * 1_500_000, "token" * 300_000, "-" * 1_500_000, "x://" * 300_000, "a:" * 500_000]
)
def test_a_huge_line_takes_no_time(tmp_path: Path, line: str) -> None:
    """Minified or embedded data must not make the expressions run away."""
    (tmp_path / "data.yaml").write_text(f"password: {line}\n")
    target = read(tmp_path)
    start = time.perf_counter()
    target.cite("data.yaml", 1)
    assert time.perf_counter() - start < 1.0
