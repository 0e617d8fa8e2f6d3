"""What one SQL statement says, as flat values that quote the source: the words of the SQL classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rda_nb.facts.sql_split import words

KINDS = words(
    """select insert update delete create_table create_view create_materialized_view create_dictionary create_database
    alter_update alter_delete alter_add_column alter_drop_column alter_rename_column alter_drop_partition
    alter_modify_column alter_modify_order_by alter_modify_setting alter_modify_query alter_ttl alter_other
    optimize drop truncate rename exchange system explain use set grant other unknown"""
)
"""Closed list of `Statement.kind`; *unknown* always comes with a reason, *other* names its head in `reason`."""


@dataclass(frozen=True, slots=True)
class ColumnDef:
    """One column of a table definition; `type` and `default` quote the source.

    `nullable` is true only where the text says so (`Nullable(...)` or a bare `NULL`), since dialects differ in the
    default. `default` keeps its word when that is not DEFAULT: `MATERIALIZED now()`. `line_offset` is 0-based
    within the classified text.
    """

    name: str
    type: str = ""
    nullable: bool = False
    low_cardinality: bool = False
    codec: str = ""
    default: str = ""
    line_offset: int = 0


@dataclass(frozen=True, slots=True)
class Join:
    """One join: `kind` in upper case as written before JOIN (`LEFT ANY`, `GLOBAL`, `ARRAY`), '' for a plain one.

    `table` is '' when the joined side is a subquery or an array.
    """

    kind: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Alteration:
    """One command of an ALTER: `action` in lower-case words (`add column`, `modify ttl`, `drop partition`, `update`).

    `name` is the column, index, projection or setting it speaks of; `text` quotes the command; `column` is the new
    definition where one is given; `new_name` the new name of a rename.
    """

    action: str
    name: str = ""
    text: str = ""
    line_offset: int = 0
    column: ColumnDef | None = None
    new_name: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One classified statement. Lines are 0-based offsets within the text that was classified.

    `tables` are those read, the main FROM's first, without names of common table expressions; `target` is the one
    written or defined. Names are unquoted, and a template hole stays as written (`%s.events`). `limit` is None both
    without LIMIT and when its value is a parameter: `'limit' in clauses` tells them apart, and LIMIT n BY is under
    `limit by`. `where_columns` joins WHERE and PREWHERE of every level. `clauses` maps a lower-case clause name to its
    line. `targets` lists every object of a DROP, `renames` the pairs of a RENAME or EXCHANGE, `conditional` says
    IF [NOT] EXISTS. `settings` values are unquoted. `insert_form` is values, select, format, or bare (the client batch
    form). `parsed_by` is sqlglot for queries that it read, else forms. `reason` says why a kind is unknown or other,
    that a query was read by keyword, or *cut off* for a text that ends in the middle.
    """

    text: str
    line_offset: int = 0
    end_line_offset: int = 0
    kind: str = "unknown"
    tables: tuple[str, ...] = ()
    target: str = ""
    columns: tuple[str, ...] = ()
    star: bool = False
    where_columns: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    limit: int | None = None
    limit_by: bool = False
    final: bool = False
    final_line_offset: int | None = None
    sample: str = ""
    prewhere: bool = False
    aggregates: bool = False
    joins: tuple[Join, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    insert_form: str = ""
    rows_in_values: int | None = None
    engine: str = ""
    engine_args: tuple[str, ...] = ()
    partition_by: str = ""
    order_key: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    ttl: str = ""
    column_defs: tuple[ColumnDef, ...] = ()
    on_cluster: str = ""
    populate: bool = False
    to_table: str = ""
    source_tables: tuple[str, ...] = ()
    alterations: tuple[Alteration, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    targets: tuple[str, ...] = ()
    conditional: bool = False
    partition: str = ""
    object_kind: str = ""
    clauses: Mapping[str, int] = field(default_factory=dict)
    placeholders: int = 0
    dialect_hints: frozenset[str] = frozenset()
    parsed_by: str = ""
    reason: str = ""
