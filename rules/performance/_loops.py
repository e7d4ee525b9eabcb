"""Loops that run once per row: which one is around a call, and whether it goes over many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionNode
from backend_lint.semantics.secret_names import words_of
from backend_lint.source import Region

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex


class Loop(msgspec.Struct, frozen=True):
    """Where one call per element happens.

    Attributes:
        function: where the loop is.
        header: its header.
        iterable: what it goes over.
        context: the context that it is, -1 for a function that is called per element.
        closure: the number of that function, -1 if there is none.
    """

    function: FunctionNode
    header: Region
    iterable: int
    context: int = -1
    closure: int = -1


def loop_around(
    index: ProjectIndex,
    function: FunctionNode,
    call: v.Invoke,
    elements: set[int],
    parameters: set[int],
) -> Loop | None:
    """The innermost loop around a call, if what the call is given is made of its element."""
    at = call.context
    while at >= 0:
        context = function.fact.contexts[at]
        if context.kind in ("loop", "comprehension"):
            if at in elements and _is_worth_it(index, function, context.value):
                region = Region(context.start, context.end)
                return Loop(function, region, context.value, context=at)
            return None
        if _is_cache_check(function, context):
            return None
        at = context.parent
    return _callback_loop(index, function, parameters)


def _callback_loop(
    index: ProjectIndex, function: FunctionNode, parameters: set[int]
) -> Loop | None:
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
            region = Region(value.start, value.end)
            return Loop(owner, region, source, closure=function.number)
    return None


def ingredients(function: FunctionNode, inputs: tuple[int, ...]) -> tuple[set[int], set[int]]:
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
    if not _COUNTING.isdisjoint(_words_called(index, function, iterable)):
        return False
    value = function.fact.values[iterable]
    if isinstance(value, (v.Listing, v.Record)) and not (
        isinstance(value, v.Listing) and value.kind == "each"
    ):
        return False
    if isinstance(value, v.Constant):
        return False
    return not _is_constant_collection(index, function, iterable)


def is_handful(loop: Loop) -> bool:
    """The loop goes over pieces of one text: few, and each was written by somebody."""
    function = loop.function
    stack, seen = [loop.iterable], set()
    while stack:
        at = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        value = function.fact.values[at]
        match value:
            case v.Invoke():
                callee = function.fact.values[value.callee]
                name = getattr(callee, "name", "")
                if name in _SPLITTING:
                    return True
                if type(callee) is v.Member:
                    stack.append(callee.base)
                if name in _COLLECTING:
                    stack.extend(value.args)
            case v.Merge():
                stack.extend(value.options)
            case v.Listing(kind="each"):
                stack.extend(value.elements)
            case v.Compute(operator="kept"):
                stack.append(value.operands[0])
            case v.Element() | v.Stored() | v.Updated() | v.Item():
                stack.append(value.base)
            case _:
                pass
    return False


_SPLITTING = frozenset(
    {"split", "Split", "rsplit", "Fields", "findall", "finditer", "FindAllString", "matchAll"}
)
_COLLECTING = frozenset({"set", "Set", "list", "sorted", "tuple", "map", "filter", "from", "uniq"})
_COUNTING = frozenset(
    {
        "range",
        "chunk",
        "chunks",
        "chunked",
        "batch",
        "batches",
        "batched",
        "partition",
        "chunkarray",
    }
)


def _words_called(index: ProjectIndex, function: FunctionNode, at: int) -> set[str]:
    """The words of the names of what is called to make a value."""
    found: set[str] = set()
    for _, value in made_of(function, at):
        if type(value) is v.Invoke:
            names = [
                name.rsplit(".", 1)[-1] for name in index.resolver.names(function, value.callee)
            ]
            names.append(getattr(function.fact.values[value.callee], "name", ""))
            found.update(word for name in names for word in words_of(name))
    return found


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
        for owner, cell in named
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
