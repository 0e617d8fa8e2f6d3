"""Resolution: a target's facts become a service."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Facts
from rda_nb.service import asynchronous, behind, foreign, given, libraries, stubs
from rda_nb.service.calls import Calls
from rda_nb.service.deployed import with_tools_marked
from rda_nb.service.flows import Graph
from rda_nb.service.model import Service
from rda_nb.service.modules import own_modules
from rda_nb.service.names import Names
from rda_nb.service.program import Program
from rda_nb.service.writes import Writes
from rda_nb.source import Target


def resolve(target: Target, facts: Facts) -> Service:
    """Resolve a target's facts into a service."""
    from rda_nb.languages import pack

    language = facts.files[0].language if facts.files else "go"
    conventions = pack(language).conventions
    modules = own_modules(target, facts.files, conventions)
    files = with_tools_marked(target, facts.files, conventions.ROOT_NAMES, modules, conventions.TEST_PACKAGES)
    program = Program(files, conventions, modules)
    names = Names(program, libraries.load(language))
    calls = Calls(names, target)
    stubs.mark_streams(calls, names.stubs)
    foreign.mark(calls)
    writes = Writes(calls)
    given.bind(calls, writes)
    graph = Graph(calls)
    facts.ahead.join(facts.documents)
    service = Service(target, facts, calls, graph, writes)
    asynchronous.mark(calls, lambda: service.settings)
    behind.mark(calls, lambda: service.systems)
    return service
