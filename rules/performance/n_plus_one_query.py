"""A query runs once per element of a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.routing.reach import Reach
from backend_lint.expenses import Expenses
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.queries import Query, queries
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import FunctionNode
from backend_lint.semantics.secret_names import words_of

from ._caches import is_ruled_out, keeps_result
from ._loops import Loop, ingredients, is_handful, loop_around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

# How many calls may lie between the loop and the query.
MAX_CALLS = 2
# A function that so many places call is looked at from so many of them only.
MAX_CALLERS = 12
# Of the queries of one loop, so many are shown beside the first.
MAX_BESIDE = 4
# Methods that collections, caches and relations of an ORM have as well.
_COMMON = frozenset(
    {"add", "all", "at", "count", "create", "delete", "exists", "filter", "find", "first", "get"}
    | {"has", "list", "pop", "push", "remove", "save", "set", "update", "Get", "Set"}
)
# Words of what is known to take as long as there is data, and is waited for.
_WHOLESALE = frozenset(
    {"backup", "csv", "dump", "export", "exporter", "exports", "import", "importer", "imports"}
    | {"migrate", "migration", "migrations", "migrator", "restore", "seed", "seeder"}
)


class _Run(msgspec.Struct, frozen=True):
    """A call in a loop that sends a query once per element.

    Attributes:
        query: the query.
        function: where the loop is.
        call: the call there.
        loop: the loop.
    """

    query: Query
    function: FunctionNode
    call: int
    loop: Loop

    @property
    def rank(self) -> tuple[bool, int, int]:
        """What is read before what is written, by place."""
        return (self.query.reads == "none", self.function.call(self.call).start, self.call)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look for a loop around every query, in its function and in the callers."""
    runs: dict[tuple[str, int, int], list[_Run]] = {}
    for query in queries(index):
        if query.batch or query.lazy or query.reads == "unknown":
            continue
        call = query.function.call(query.call)
        inputs = (*call.args, call.callee)
        for run in _search(index, query, query.function, query.call, inputs, 0):
            key = (run.loop.function.file.path, run.loop.header.start, run.loop.header.end)
            runs.setdefault(key, []).append(run)
    for found in runs.values():
        yield _finding(index, sorted(found, key=lambda run: run.rank))


def _search(
    index: ProjectIndex,
    query: Query,
    function: FunctionNode,
    call: int,
    inputs: tuple[int, ...],
    depth: int,
) -> Iterator[_Run]:
    if keeps_result(function, call):
        return
    elements, wanted = ingredients(function, inputs)
    loop = loop_around(index, function, function.call(call), elements, wanted)
    if loop is not None:
        if index.is_asked(function.file):
            yield _Run(query, function, call, loop)
        return
    if depth == MAX_CALLS or not wanted:
        return
    context = function.call(call).context
    for caller, number in index.callers(function)[:MAX_CALLERS]:
        if _is_mistakable(index, caller, number) or is_ruled_out(
            index, function, context, caller, number
        ):
            continue
        outer = caller.call(number)
        given = [index.argument_for(outer, function, position)[0] for position in sorted(wanted)]
        passed = tuple(value for value in given if value >= 0)
        if passed:
            yield from _search(index, query, caller, number, passed, depth + 1)


def _is_mistakable(index: ProjectIndex, caller: FunctionNode, call: int) -> bool:
    """What is called is known by a name alone, and one that many have: `seen.get(key)`."""
    callee = caller.call(call).callee
    value = caller.fact.values[callee]
    return (
        type(value) is v.Member
        and value.name in _COMMON
        and not index.resolver.references(caller, callee)
    )


def _finding(index: ProjectIndex, runs: list[_Run]) -> Finding:
    """One finding of all queries of a loop, at the first."""
    first = runs[0]
    query, loop = first.query, first.loop
    reads = query.reads != "none"
    what = query.describe()
    through = (
        "" if first.function is query.function else f" through `{query.function.fact.qualified}`"
    )
    cure = (
        "Fetch all rows with one query before the loop."
        if reads
        else "Write all rows at once after the loop."
    )
    message = (
        f"{what[0].upper()}{what[1:]} runs once per element of this loop{through}, so the time "
        f"grows with the data. {cure}"
    )
    related = [Step(Location(loop.function.file.path, loop.header), "the loop")]
    if first.function is not query.function:
        inner = Location(query.function.file.path, query.region)
        related.append(Step(inner, "the query"))
    beside = {
        run.query.region: Step(
            Location(run.query.function.file.path, run.query.region), "another query per element"
        )
        for run in runs[1:]
        if run.query.region != query.region or run.query.function is not query.function
    }
    return Finding(
        "n-plus-one-query",
        index.location(first.function, first.call),
        message,
        confidence=_confidence(index, loop) if reads else Confidence.LOW,
        related=(*related, *list(beside.values())[:MAX_BESIDE]),
    )


def _confidence(index: ProjectIndex, loop: Loop) -> Confidence:
    """A loop counts where somebody waits for it, and where it waits for nothing else."""
    expenses = index.shared(Expenses)
    if loop.closure >= 0:
        is_slow = expenses.of(loop.function.file.functions[loop.closure])
    else:
        is_slow = expenses.in_loop(loop.function, loop.context)
    if (
        is_slow
        or is_handful(loop)
        or _is_wholesale(loop.function)
        or not index.shared(Reach).is_served(loop.function)
    ):
        return Confidence.LOW
    return Confidence.MEDIUM


def _is_wholesale(function: FunctionNode) -> bool:
    """An import, an export or the like, which takes its time in any case."""
    *folders, file = function.file.path.split("/")
    return "cli" in folders or not _WHOLESALE.isdisjoint(
        words_of(f"{function.fact.qualified} {file}")
    )


RULE = Rule(
    name="n-plus-one-query",
    family=Family.PERFORMANCE,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    cwe=(1050,),
    owasp=("API4",),
    checklist=("no-n-plus-one",),
    judge=judge,
)
