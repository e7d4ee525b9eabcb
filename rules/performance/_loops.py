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

from ._caches import is_cache_check

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        if is_cache_check(function, context):
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
    if any(_is_counting(name) for name in _called(index, function, iterable)):
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
                if name in _FINDING or _SPLITTING in words_of(name):
                    return True
                if type(callee) is v.Member:
                    stack.append(callee.base)
                if len(value.args) == 1 or name in _COLLECTING:
                    stack.extend(value.args)
            case v.Merge():
                stack.extend(value.options)
            case v.Listing(kind="each"):
                stack.extend(value.elements)
            case v.Compute(operator="kept"):
                stack.append(value.operands[0])
            case v.Element() | v.Stored() | v.Updated():
                stack.append(value.base)
            case _:
                pass
    return False


_SPLITTING = "split"
_FINDING = frozenset({"rsplit", "findall", "finditer", "Fields", "FindAllString", "matchAll"})
_COLLECTING = frozenset({"map", "filter", "from", "sorted"})
_COUNTING = frozenset({"range", "partition", "chunkarray"})
_BATCHING = frozenset({"chunk", "chunks", "chunked", "batch", "batches", "batched"})


def _called(index: ProjectIndex, function: FunctionNode, at: int) -> Iterator[str]:
    """The names of what is called to make a value."""
    for _, value in made_of(function, at):
        if type(value) is v.Invoke:
            for name in index.resolver.names(function, value.callee):
                yield name.rsplit(".", 1)[-1]
            yield getattr(function.fact.values[value.callee], "name", "")


def _is_counting(name: str) -> bool:
    """A function of this name gives numbers, or many elements at once."""
    return name.lower() in _COUNTING or not _BATCHING.isdisjoint(words_of(name))


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
    return _is_enum_as_object(function, at) or any(
        isinstance(owner.fact.values[cell], (v.Listing, v.Record, v.Constant))
        for owner, cell in named
    )


def _is_enum_as_object(function: FunctionNode, at: int) -> bool:
    """`Object.values(Kind)`: what has a name with a capital is declared."""
    value = function.fact.values[at]
    if type(value) is not v.Invoke or len(value.args) != 1:
        return False
    callee = function.fact.values[value.callee]
    if type(callee) is not v.Member or callee.name not in _LISTING:
        return False
    of = getattr(function.fact.values[callee.base], "name", "")
    return of == "Object" and getattr(function.fact.values[value.args[0]], "name", "")[:1].isupper()


_LISTING = frozenset({"keys", "values", "entries"})
