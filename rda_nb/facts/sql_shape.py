"""A strict look at how a string begins: is it SQL, or an English sentence that starts with the same word?

Everything is judged by pattern alone, since this runs on each string literal of a service. Upper-case heads need less
proof than lower-case ones: nobody writes `INSERT INTO events` in prose, but many write `insert into events`.
"""

from __future__ import annotations

import re
from functools import cache

from rda_nb.facts.sql_split import words

_HOLE = r"(?:%(?:\[\d+\])?[sdvq]|\{\{.*?\}\}|\$\{[^}]*\}|\{\w*\}|\$\d+|:\w+|@\w+|\?)"
_PIECE = rf"(?:`[^`]*`|\"[^\"\s]*\"|'[^'\s]*'|\[\w+\]|(?:[^\W\d]|{_HOLE})(?:[\w$]|{_HOLE})*)"
_NAME = rf"{_PIECE}(?:\.{_PIECE})*"
_END = r"(?:\s*\)*\s*;?\s*$)"
_PROSE = (
    r"(?!(?-i:(?:the|a|an|your|this|that|these|those|which|it|its|any|all|some|each|every|one|failed|fail|fails"
    r"|failure|error|"
    r"errors|returned|succeeded|query|statement|stmt|request|and|or|to|of|in|for|with|was|is|not|more|multiple|new|"
    r"available|existing|our|my)\b(?!\s*[.(])))"
)
_LEAD = re.compile(r"(?:\s+|--[^\n]*\n|#[ !][^\n]*\n|/\*.*?\*/|\((?=\s*(?:SELECT|WITH)\b))*", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(
    r"(SELECT|WITH|INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE|OPTIMIZE|RENAME|EXCHANGE|SYSTEM|EXPLAIN"
    r"|ATTACH|"
    r"DETACH|KILL|GRANT|REVOKE|USE|SET|SHOW|DESCRIBE|DESC|EXISTS|CHECK|PRAGMA|VACUUM|BEGIN|COMMIT|ROLLBACK)\b",
    re.IGNORECASE,
)
_NEXT_CLAUSE = (
    r"(?:WHERE|PREWHERE|JOIN|LEFT|RIGHT|INNER|FULL|CROSS|ANY|ASOF|GLOBAL|ARRAY\s+JOIN|ORDER\s+BY|GROUP\s+BY|LIMIT"
    r"|FINAL|SAMPLE|"
    r"HAVING|UNION|OFFSET|SETTINGS|FORMAT|FOR\s+UPDATE|USING|ON|WINDOW|QUALIFY|EXCEPT|INTERSECT|LATERAL"
    r"|TABLESAMPLE|FETCH|INTO\s+OUTFILE)\b"
)
_OPERATOR = (
    rf"(?:=|<|>|!=|\+|\bIN\s*[(%?$@:{{]|\bIN\s+{_PIECE}{_END}|\bIS\s+(?:NOT\s+)?NULL|\bI?LIKE\b|\bBETWEEN\b"
    rf"|\bNOT\s+IN\b)"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_FIRST_ITEM = _compiled(
    rf"(?:DISTINCT\s+(?:ON\s*\([^)]*\)\s*)?|ALL\s+|TOP\s+\d+\s+)?(?:{_NAME}\.)?(?:\*|-?\d|'|{_HOLE}\s|{_NAME}\(|\("
    rf"|CASE\s+WHEN\b|CASE\s|NOT\s|@@\w|"
    rf"\[|{_NAME}\s*(?:,|=|<|>|\+|-|/|\*|\|\||::|->|\[|$)|{_NAME}\s+AS\s+{_PIECE}|{_NAME}\s+(?:IN|LIKE|BETWEEN|OVER"
    rf"|IS)\b|"
    rf"{_NAME}\s+{_PIECE}\s*,)"
)
_FROM = re.compile(r"\bfrom\b", re.IGNORECASE)
_SOURCE = _compiled(
    rf"\s*(?:\(|{_PROSE}{_NAME}\s*(?:\(|(?=,|;|\)|\n)|{_END}|(?:AS\s+)?(?!AS\b)(?:{_PIECE}\s*(?:,|\n|{_END}"
    rf"|{_NEXT_CLAUSE}))|{_NEXT_CLAUSE}|{_HOLE}))"
)
_SOURCE_QUIET = _compiled(
    rf"\s*(?:\(\s*(?:(?:select|with|values)\b|{_HOLE})|{_PROSE}{_NAME}\s*(?:\(|(?=,|;|\))|{_END}"
    rf"|(?:AS\s+)?{_PIECE}\s*(?:,|{_NEXT_CLAUSE})|AS\s+{_PIECE}{_END}|"
    rf"{_NEXT_CLAUSE}))"
)
_CONSTANT = _compiled(
    rf"(?:-?\d+(?:\.\d+)?|'[^']*'|{_HOLE}|@@[\w.]+|(?!(?:and|or|in)\b){_NAME}\(.*\)|NULL|TRUE|\(\s*SELECT\b.*"
    rf"|\(.*\)\s*[-+*/]\s*[\w(].*)(?:\s*::\s*\w+)?"
    rf"(?:\s+AS\s+{_PIECE})?(?:\s*[-+*/%<>=,].*|\s*\)?\s*(?:UNION|INTERSECT|EXCEPT|ORDER\s+BY|SETTINGS|FORMAT|LIMIT"
    rf"|WHERE)\s.*)?{_END}"
)
_PLAIN_LIST = _compiled(rf"{_NAME}(?:\s+AS\s+{_PIECE})?(?:\s*,\s*{_NAME}(?:\s+AS\s+{_PIECE})?)+\s*,?{_END}")
_OBJECT = (
    r"(?:TABLES?|(?:MATERIALIZED\s+)?VIEW|DICTIONARY|DATABASE|SCHEMA|INDEX|FUNCTION|USER|ROLE|TYPE|TRIGGER"
    r"|SEQUENCE|EXTENSION)"
)
_IF = r"(?:IF\s+(?:NOT\s+)?(?:EXISTS|EMPTY)\s+)"
_ON = rf"(?:\s+ON\s+CLUSTER\s+{_NAME})"

_FORMS = {
    "WITH": rf"WITH\s+(?:RECURSIVE\s+)?(?:{_HOLE}\s*(?:,.*?)?\bSELECT\b"
    rf"|{_PIECE}(?:\s*\([^)]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE"
    rf"|VALUES|\(|--|/\*|{_HOLE}|$)|"
    rf".{{1,2000}}?\bAS\s+{_PIECE}\s*(?:,.*?)?\bSELECT\b)",
    "INSERT": rf"INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?(?:INTO|OVERWRITE)\s+(?:TABLE\s+(?!FUNCTION)"
    rf"|(?:TABLE\s+)?FUNCTION\s+)?{_PROSE}{_NAME}(?:\s+AS\s+{_PIECE})?\s*"
    rf"(?:\(\s*(?:{_PIECE}(?:\.{_PIECE})*\s*(?:[,)]|$)|SELECT\b|\*|--|'|$)|VALUES\b|SELECT\b|WITH\b|FORMAT\s+\w"
    rf"|SETTINGS\b|DEFAULT\s+VALUES|SET\s|FROM\s+INFILE|{_HOLE}{_END})",
    "REPLACE": rf"REPLACE\s+INTO\s+{_NAME}\s*(?:\(|VALUES\b|SELECT\b|SET\s)",
    "UPDATE": rf"UPDATE\s+(?:ONLY\s+)?{_PROSE}{_NAME}{_ON}?(?:\s+(?:AS\s+)?(?!SET\b){_PIECE})?\s+SET\s+(?:{_NAME}\s*="
    rf"|\(|{_HOLE}|$)",
    "DELETE": rf"DELETE\s+FROM\s+(?:ONLY\s+)?{_PROSE}{_NAME}{_ON}?(?:\s+(?:AS\s+)?(?!WHERE\b"
    rf"|USING\b){_PIECE})?\s+(?:(?:IN\s+PARTITION\s+\S+\s+)?WHERE\s+(?:.{{0,200}}?{_OPERATOR}|{_HOLE}|\d|EXISTS\b"
    rf"|NOT\b|TRUE\b|$)|USING\s+{_NAME}\s)",
    "CREATE": rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:TEMPORARY|TEMP|UNLOGGED|GLOBAL|LOCAL)\s+)?(?:"
    rf"TABLE\s+{_IF}?{_PROSE}{_NAME}(?:\s+UUID\s+'[^']*')?{_ON}?\s*(?:\(\s*(?:{_PIECE}|--|/\*|\)|$)|ENGINE\s*="
    rf"|AS\s+(?:{_NAME}\s+ENGINE|{_NAME}{_END}|SELECT|WITH|\()|LIKE\s+{_NAME}{_END}|PARTITION\s+OF|CLONE\s+AS"
    rf"|$(?<=\n))|"
    rf"MATERIALIZED\s+VIEW\s+{_IF}?{_NAME}{_ON}?\s+(?:TO\s+{_NAME}|AS\b|ENGINE\b|REFRESH\s|POPULATE\b|\()"
    rf"|MATERIALIZED\s+VIEW\s+{_IF}?{_NAME}\s*\(|"
    rf"VIEW\s+{_IF}?{_PROSE}{_NAME}{_ON}?\s*(?:\([^)]*\)\s*)?(?:AS\s*(?:\(|SELECT|WITH|\n|{_HOLE}))|"
    rf"DICTIONARY\s+{_IF}?{_PROSE}{_NAME}{_ON}?\s*\(|"
    rf"(?:UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?{_IF}?(?:{_NAME}\s+)?ON\s+(?:ONLY\s+)?{_NAME}\s*(?:\(|USING\b)|"
    rf"(?:DATABASE|SCHEMA)\s+{_IF}{_NAME}|(?:DATABASE|SCHEMA)\s+{_PROSE}{_NAME}(?:{_ON}|\s+ENGINE\s*=|\s*;)|"
    rf"(?:FUNCTION|PROCEDURE|AGGREGATE)\s+{_IF}?{_NAME}\s*(?:\(|AS\s)|TRIGGER\s+{_NAME}\s+(?:BEFORE|AFTER"
    rf"|INSTEAD)\b|TYPE\s+{_NAME}\s+AS\b|EXTENSION\s+{_IF}?{_NAME}{_END}|"
    rf"SEQUENCE\s+{_IF}{_NAME}|(?:USER|ROLE)\s+{_IF}?{_NAME}\s+(?:IDENTIFIED|WITH|{_IF}|SETTINGS))",
    "ALTER": rf"ALTER\s+(?:TABLE|VIEW|DATABASE|TYPE|SEQUENCE|INDEX|USER|ROLE"
    rf"|SCHEMA)\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{_NAME}{_ON}?\s+(?:{_HOLE}\s+)?\(?\s*"
    rf"(?:ADD|DROP|MODIFY|RENAME|UPDATE|DELETE\s+(?:WHERE|IN)|COMMENT|CLEAR|MATERIALIZE|ATTACH|DETACH|REPLACE|MOVE"
    rf"|FREEZE|UNFREEZE|FETCH\s+PART\w+|RESET|REMOVE|ALTER|CHANGE|SET|"
    rf"OWNER\s+TO|VALIDATE|ENABLE|DISABLE|APPLY|CONVERT|ENGINE|AUTO_INCREMENT|{_HOLE})(?:\s|$)",
    "DROP": rf"DROP\s+(?:TEMPORARY\s+)?{_OBJECT}\s+(?:CONCURRENTLY\s+)?(?:{_IF}{_NAME}|{_PROSE}{_NAME}(?:{_ON}"
    rf"|\s+(?:SYNC|NO\s+DELAY|CASCADE|RESTRICT)\b|\s*;))",
    "TRUNCATE": rf"TRUNCATE\s+(?:TABLE\s+|(?=\S+\s*(?:,|;|CASCADE"
    rf"|RESTART)))(?:{_IF}?{_PROSE}{_NAME}){_ON}?(?:\s*,\s*{_NAME})*(?:\s+(?:CASCADE|RESTART\s+IDENTITY|SETTINGS"
    rf"|SYNC).*)?{_END}",
    "OPTIMIZE": rf"OPTIMIZE\s+TABLE\s+{_PROSE}{_NAME}{_ON}?(?:{_END}|\s+(?:FINAL|PARTITION|DEDUPLICATE|SETTINGS)\b)",
    "RENAME": rf"RENAME\s+(?:TABLE|DATABASE|DICTIONARY)\s+{_IF}?{_NAME}\s+TO\s+{_NAME}\s*(?:,|ON\s|;|$)",
    "EXCHANGE": rf"EXCHANGE\s+(?:TABLES|DICTIONARIES)\s+{_NAME}\s+AND\s+{_NAME}\s*(?:ON\s|;|$)",
    "SYSTEM": r"SYSTEM\s+(?:FLUSH|STOP|START|RELOAD|SYNC|DROP|RESTART|RESTORE|SHUTDOWN|KILL|ENABLE|DISABLE|REFRESH"
    r"|WAIT|UNFREEZE)\s+[A-Z]+",
    "EXPLAIN": r"EXPLAIN\s+(?:(?:ANALYZE|PLAN|PIPELINE|SYNTAX|AST|ESTIMATE|QUERY\s+TREE|VERBOSE|\w+\s*=\s*\d+|,"
    r"|\([^)]*\))\s*)*(?:SELECT|WITH|INSERT|DELETE|UPDATE)\s",
    "ATTACH": rf"ATTACH\s+(?:TABLE|DATABASE|DICTIONARY|MATERIALIZED\s+VIEW)\s+{_IF}?{_PROSE}{_NAME}(?:{_END}|{_ON}"
    rf"|\s*\(|\s+(?:UUID|FROM|ENGINE|AS)\b)",
    "DETACH": rf"DETACH\s+(?:TABLE|DATABASE|DICTIONARY|VIEW)\s+{_IF}?{_PROSE}{_NAME}(?:{_END}|{_ON}|\s+(?:SYNC"
    rf"|PERMANENTLY)\b)",
    "KILL": r"KILL\s+(?:MUTATION|QUERY)\s+(?:ON\s+CLUSTER\s+\S+\s+)?WHERE\s",
    "GRANT": rf"GRANT\s+.{{1,200}}?(?:\sON\s+\S+\s+)?TO\s+{_NAME}(?:{_END}|\s+WITH\b)",
    "REVOKE": rf"REVOKE\s+.{{1,200}}?\sON\s+\S+\s+FROM\s+{_NAME}{_END}",
    "USE": r"USE\s+(?:`[^`]+`|\w+)\s*;\s*$",
    "SET": rf"SET\s+(?:(?:GLOBAL|SESSION|LOCAL)\s+)?(?:,?\s*[a-z_][\w.@]*\s*=\s*(?:'[^']*'|[-\w.]+|{_HOLE}))+{_END}",
    "SHOW": rf"SHOW\s+(?:TABLES|DATABASES|CREATE\s+(?:TABLE|VIEW|DATABASE|DICTIONARY)|CREATE\s+{_NAME}{_END}"
    rf"|PROCESSLIST|COLUMNS|GRANTS|INDEX|CLUSTERS?)\b\s*(?:FROM\s|LIKE\s|IN\s|{_NAME}{_END}|{_END})",
    "DESCRIBE": rf"DESC(?:RIBE)?\s+TABLE\s+{_NAME}(?:{_END}|\s+FORMAT|\()",
    "EXISTS": rf"EXISTS\s+(?:TEMPORARY\s+)?(?:TABLE|DATABASE|DICTIONARY|VIEW)\s+{_NAME}{_END}",
    "CHECK": rf"CHECK\s+TABLE\s+{_NAME}{_END}",
    "PRAGMA": r"PRAGMA\s+\w+\s*(?:=|;|\(|$)",
    "VACUUM": rf"VACUUM(?:\s+(?:FULL|ANALYZE))*(?:\s+{_NAME})?\s*;?$",
    "BEGIN": r"BEGIN(?:\s+(?:TRANSACTION|IMMEDIATE))?\s*;",
    "COMMIT": r"COMMIT\s*;",
    "ROLLBACK": r"ROLLBACK\s*;",
}
_FORMS["DESC"] = _FORMS["DESCRIBE"]


@cache
def _form(head: str) -> re.Pattern[str]:
    """The pattern of the statements that begin with `head`, compiled when the first of them is met."""
    return _compiled(_FORMS[head])


_LOUD_ONLY = words("SYSTEM KILL GRANT REVOKE USE SET DESCRIBE DESC EXISTS CHECK VACUUM EXPLAIN DETACH")
_BARE = _compiled(
    rf"(?:INSERT\s+INTO\s+(?:TABLE\s+)?|DELETE\s+FROM\s+|(?:CREATE|DROP)\s+(?:DATABASE|TABLE|SCHEMA"
    rf"|VIEW)\s+)(?P<name>{_PROSE}{_NAME}){_END}"
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*+'")
_PATTERN = re.compile(r"\\[(.)?$\[]|\(\.[*+]\)|[\w\"]\.\+")
"""Regular expressions over SQL, as mocks of a database expect them: not a statement."""
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_DOTTED = re.compile(r"\s*[\w`\"]+\.[\w`\"]")
_LINES = re.compile(r"\n\s*(?:FROM|WHERE|VALUES|SET|SELECT|ENGINE|ORDER\s+BY|AND)\b", re.IGNORECASE)


def looks_like_sql(text: str) -> bool:
    """True when `text` begins as a SQL statement does; strict, so that log and error messages are False."""
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    head = _HEAD.match(text, start)
    if head is None or (
        ("\\" in text or ".+" in text) and _PATTERN.search(_QUOTED.sub("", text[start : start + 4000]))
    ):
        return False
    text = text[start : start + 4000]
    word = head.group(1)
    loud = word.isupper()
    if word.upper() == "SELECT":
        return _select(text[len(word) :], loud)
    if not loud and word.upper() in _LOUD_ONLY:
        return False
    form = _form(word.upper())
    return form.match(text) is not None or _bare(text, loud)


def _bare(text: str, loud: bool) -> bool:
    """A head and a name and nothing else: enough in upper case, or when the name is dotted, quoted or a template."""
    found = _BARE.match(text)
    if found is None:
        return False
    kind = text[:6].upper()
    name = found.group("name")
    if kind == "CREATE" and not text[6:].lstrip()[:8].upper().startswith(("DATABASE", "SCHEMA")):
        return False
    return loud or (kind == "INSERT" and re.search(r"[.`%{$]", name) is not None)


def _select(rest: str, loud: bool) -> bool:
    """SELECT with a list that can be one, and a FROM in the same case, or constants alone."""
    if not rest or not (rest[0].isspace() or rest[0] in "*('"):
        return False
    rest = _QUOTED.sub(lambda found: "'" + "_" * (len(found.group()) - 2) + "'", rest.lstrip())
    if "--" in rest or "/*" in rest:
        rest = _COMMENT.sub(" ", rest).lstrip()
    rest = rest.partition(";")[0]
    origin = next(
        (m for m in _FROM.finditer(rest) if rest.count("(", 0, m.start()) <= rest.count(")", 0, m.start())), None
    )
    if origin is None:
        return (
            _CONSTANT.match(rest) is not None or (loud and _PLAIN_LIST.match(rest) is not None) or _nested(rest, loud)
        )
    listed = rest[: origin.start()]
    if origin.start() == 0 or _FIRST_ITEM.match(listed.rstrip() + " ") is None:
        return False
    if origin.group().isupper() != loud:
        loud = False
        dotted = _DOTTED.match(rest, origin.end())
        if dotted is None and _LINES.search(rest) is None and not any(sign in listed for sign in "(,*%`"):
            return False
    behind = rest[origin.end() :]
    if not behind.strip():
        return loud or "," in listed
    return (_SOURCE if loud else _SOURCE_QUIET).match(behind) is not None


def _nested(rest: str, loud: bool) -> bool:
    """A long select list over several lines whose FROM lies beyond what is looked at, or comes from elsewhere."""
    return loud and rest.count("\n") > 1 and _FIRST_ITEM.match(rest) is not None
