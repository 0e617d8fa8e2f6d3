"""What is known of ClickHouse is complete: every number and setting says where it comes from."""

from importlib import resources

import yaml

_FOLDER = resources.files("rda_nb") / "knowledge" / "clickhouse"


def _read(name: str) -> dict[str, dict[str, dict[str, object]]]:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))


def test_every_number_has_a_unit_a_version_and_a_source() -> None:
    """No judgement rests on a number without its source."""
    for name, row in _read("advice.yaml")["advice"].items():
        assert {"value", "unit", "since", "source", "text"} == set(row), name
        assert isinstance(row["value"], int | float), name


def test_every_setting_names_its_aspect_and_default() -> None:
    """A setting without its server default cannot be judged."""
    kinds = {"async_insert", "dedup", "query", "final"}
    for name, row in _read("settings.yaml")["settings"].items():
        assert {"aspect", "default", "source"} == set(row), name
        assert row["aspect"] in kinds, name
