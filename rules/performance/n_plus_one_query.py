"""A query runs once per element of a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.queries import Query, queries
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import ClassReference, FunctionNode
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

# How many calls may lie between the loop and the query.
MAX_CALLS = 2
# A function that so many places call is looked at from so many of them only.
MAX_CALLERS = 12


class _Loop(msgspec.Struct, frozen=True):
    """Where one call per element happens: the loop's header, and what it goes over."""

    function: FunctionNode
    header: Region
    iterable: int


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look for a loop around every query, in its function and in the callers."""
    for query in queries(index):
        if query.batch or query.lazy or query.reads == "unknown":
            continue
        call = query.function.call(query.call)
        yield from _search(index, query, query.function, query.call, (*call.args, call.callee), 0)


def _search(
    index: ProjectIndex,
    query: Query,
    function: FunctionNode,
    call: int,
    inputs: tuple[int, ...],
    depth: int,
) -> Iterator[Finding]:
    invoke = function.call(call)
    elements, wanted = _ingredients(function, inputs)
    loop = _loop_in(index, function, invoke, elements, wanted)
    if loop is not None:
        if index.is_asked(function.file):
            yield _finding(index, query, function, call, loop)
        return
    if depth == MAX_CALLS:
        return
    if not wanted:
        return
    for caller, number in index.callers(function)[:MAX_CALLERS]:
        outer = caller.call(number)
        given = [index.argument_for(outer, function, position)[0] for position in sorted(wanted)]
        passed = tuple(value for value in given if value >= 0)
        if passed:
            yield from _search(index, query, caller, number, passed, depth + 1)


def _loop_in(
    index: ProjectIndex,
    function: FunctionNode,
    call: v.Invoke,
    elements: set[int],
    parameters: set[int],
) -> _Loop | None:
    """The innermost loop around a call, if what the call is given is made of its element."""
    at = call.context
    while at >= 0:
        context = function.fact.contexts[at]
        if context.kind in ("loop", "comprehension"):
            if at in elements and _is_worth_it(index, function, context.value):
                region = Region(context.start, context.end)
                return _Loop(function, region, context.value)
            return None
        if _is_cache_check(function, context):
            return None
        at = context.parent
    return _callback_loop(index, function, parameters)


def _callback_loop(
    index: ProjectIndex, function: FunctionNode, parameters: set[int]
) -> _Loop | None:
    """The call that runs this closure once per element: `ids.map((id) => …)`."""
    if 0 not in parameters:
        return None
    creation = index.creation(function)
    if creation is None:
        return None
    owner, closure = creation
    for match in index.matches_in(owner, "iteration"):
        if closure not in match.values("callback"):
            continue
        source = next(iter(match.values("over")), match.receiver)
        if source >= 0 and _is_worth_it(index, owner, source):
            value = owner.fact.values[source]
            return _Loop(owner, Region(value.start, value.end), source)
    return None


def _ingredients(function: FunctionNode, inputs: tuple[int, ...]) -> tuple[set[int], set[int]]:
    """The loops whose elements, and the parameters which, the inputs are made of."""
    loops: set[int] = set()
    parameters: set[int] = set()
    for start in inputs:
        for _, value in made_of(function, start):
            if isinstance(value, v.Element):
                loops.add(value.loop)
            elif isinstance(value, v.Parameter):
                parameters.add(value.index)
    return loops, parameters


def _is_worth_it(index: ProjectIndex, function: FunctionNode, iterable: int) -> bool:
    """The loop goes over rows or ids: not over constants, numbers or batches."""
    for _, value in made_of(function, iterable):
        if isinstance(value, v.Invoke):
            for name in index.resolver.names(function, value.callee):
                if name.rsplit(".", 1)[-1].lower() in _COUNTING:
                    return False
            callee = function.fact.values[value.callee]
            if (
                isinstance(callee, (v.Global, v.Member, v.Captured, v.Imported))
                and callee.name.lower() in _COUNTING
            ):
                return False
    value = function.fact.values[iterable]
    if isinstance(value, (v.Listing, v.Record)) and not (
        isinstance(value, v.Listing) and value.kind == "each"
    ):
        return False
    if isinstance(value, v.Constant):
        return False
    return not _is_constant_collection(index, function, iterable)


_COUNTING = frozenset(
    {
        "range",
        "chunk",
        "chunks",
        "chunked",
        "batched",
        "batches",
        "batch",
        "partition",
        "in_batches",
        "chunkarray",
    }
)


def _is_constant_collection(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    named = list(aliases(index, function, at))
    member = function.fact.values[at]
    if isinstance(member, v.Member):
        for reference in index.resolver.references(function, member.base):
            if isinstance(reference, ClassReference):
                scope = reference.file.functions[reference.fact.scope]
                named.extend(
                    (scope, field.value)
                    for field in reference.fact.fields
                    if field.name == member.name and field.value >= 0
                )
    if any(
        isinstance(reference, ClassReference) and not reference.instance
        for reference in index.resolver.references(function, at)
    ):
        return True  # the members of an enum
    return any(
        isinstance(owner.fact.values[cell], (v.Listing, v.Record, v.Constant))
        or _is_given_written(index, owner, cell)
        for owner, cell in [(function, at), *named]
    )


def _is_given_written(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """All callers give the parameter a list that is written there: `pipeline([read, clean])`."""
    value = function.fact.values[at]
    callers = index.callers(function) if isinstance(value, v.Parameter) else []
    return (
        isinstance(value, v.Parameter)
        and bool(callers)
        and all(
            argument >= 0 and isinstance(caller.fact.values[argument], v.Listing)
            for caller, call in callers
            for argument, _ in [index.argument_for(caller.call(call), function, value.index)]
        )
    )


def _is_cache_check(function: FunctionNode, context: v.Context) -> bool:
    """The query runs only for what a cache does not have; a set of the elements seen is none."""
    if context.kind not in ("if", "unless"):
        return False
    value = function.fact.values[context.value]
    if not isinstance(value, v.Compute) or value.operator not in ("in", "not in"):
        return False
    return not _is_filled_with_keys(function, _root(function, value.operands[1]))


def _is_filled_with_keys(function: FunctionNode, collection: int) -> bool:
    """What is put into a collection is a flag or the key itself, so no result of a query."""
    values = function.fact.values
    stored = [
        write.value
        for write in function.fact.writes
        if _root(function, write.base) == collection and not write.name
    ]
    flags = [at for at in stored if isinstance(values[at], v.Constant)]
    added = [
        value
        for value in values
        if isinstance(value, v.Updated) and _root(function, value.base) == collection
    ]
    return bool(flags or added) and len(flags) == len(stored)


def _root(function: FunctionNode, at: int) -> int:
    """A collection before it was filled."""
    seen = set()
    while at not in seen:
        seen.add(at)
        value = function.fact.values[at]
        if isinstance(value, (v.Stored, v.Updated)):
            at = value.base
        elif isinstance(value, v.Merge):
            at = value.options[0]
    return at


def _finding(
    index: ProjectIndex, query: Query, function: FunctionNode, call: int, loop: _Loop
) -> Finding:
    place = index.location(function, call)
    reads = query.reads in ("many", "one", "count")
    what = query.describe()
    through = "" if function is query.function else f" through `{query.function.fact.qualified}`"
    cure = (
        "Fetch all rows with one query before the loop."
        if reads
        else "Write all rows at once after the loop."
    )
    message = (
        f"{what[0].upper()}{what[1:]} runs once per element of this loop{through}, so the time "
        f"grows with the data. {cure}"
    )
    header = Step(Location(loop.function.file.path, loop.header), "the loop")
    related = [header]
    if function is not query.function:
        inner = Location(query.function.file.path, query.region)
        related.append(Step(inner, "the query"))
    return Finding(
        "n-plus-one-query",
        place,
        message,
        confidence=Confidence.MEDIUM if reads else Confidence.LOW,
        related=tuple(related),
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
