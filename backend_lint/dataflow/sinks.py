"""The places where data does harm: what model rows call a sink of a taint kind.

A sink is an argument of a call, what a route answers with, or what is stored under a name (a
header, a session). A row's conditions on other arguments decide whether it is one (`shell=True`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.concepts.match import Match
from backend_lint.dataflow.answers import answers
from backend_lint.dataflow.commands import mistaken, started
from backend_lint.dataflow.conditions import applies, unchanged
from backend_lint.dataflow.dependence import made_of, operands
from backend_lint.dataflow.records import is_record
from backend_lint.facts import values as v
from backend_lint.models.library import ITEM, load
from backend_lint.models.rows import Row
from backend_lint.semantics.references import (
    ClassReference,
    FunctionNode,
    ModuleReference,
)
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

_UP_TO = frozenset({"<", "<=", ">", ">="})
# Methods of functions that call them.
_CALLING = frozenset({"call", "apply"})
# The kind of data that a program takes for an option.
_OPTIONS = "option"
# What any list has, as well as a mapping that somebody wrote for the purpose.
_OF_LISTS = "length"


class Sink(msgspec.Struct, frozen=True):
    """A value that must not be decided by others.

    Attributes:
        row: the model row.
        function: the function that holds it.
        value: the value there.
        region: where it is written, in the file of the function.
        context: the control context of the place.
        shape: what does harm there, see the attribute of that name in the catalogue.
        call: the call, -1 where there is none.
        name: the name under which it is stored, `*` for the name itself if it is dynamic; empty
            for anything else.
        fields: what of the value is meant.
    """

    row: Row
    function: FunctionNode
    value: int
    region: Region
    context: int
    shape: str
    call: int = -1
    name: str = ""
    fields: tuple[str, ...] = ()


def sinks(
    index: ProjectIndex,
    kind: str,
    places: tuple[tuple[str, str, str], ...] = (),
    *,
    everywhere: bool = False,
) -> Iterator[Sink]:
    """All sinks of a taint kind, by sort, then file and place.

    Args:
        index: the linked project.
        kind: the taint kind.
        places: further sinks: concept, role and shape of each sort.
        everywhere: also those in files of which no findings are wanted.
    """

    def among(function: FunctionNode) -> bool:
        return everywhere or index.is_asked(function.file)

    functions = index.all_functions if everywhere else index.asked_functions
    matches = index.matches if everywhere else index.asked_matches
    for concept, role, shape in places:
        for match in matches(concept):
            for value, region in match.located(role):
                use = match.call.context
                yield Sink(match.row, match.function, value, region, use, shape, match.index)
    for match in matches("sink", kind):
        if applies(index, match):
            yield from _arguments(index, match, kind)
    yield from (sink for sink in _repeated(index, kind) if among(sink.function))
    for row, function, value, context, shape in answers(index, kind, functions):
        region = Region(function.fact.values[value].start, function.fact.values[value].end)
        yield Sink(row, function, value, region, context, shape)
    yield from _mappings(index, kind, functions)
    yield from (sink for sink in _called_items(index, kind) if among(sink.function))
    yield from _stored(index, kind, functions)


def _arguments(index: ProjectIndex, match: Match, kind: str) -> Iterator[Sink]:
    context = match.call.context
    if "record" in match.row.roles and not any(
        is_record(index, match.function, at) for at in match.values("record")
    ):
        return
    if match.attributes.get("foreign") and any(
        True for _ in index.targets(match.function, match.call)
    ):
        return
    name = ""
    for at in match.values("name"):
        constant = match.function.fact.values[at]
        name = str(constant.value) if type(constant) is v.Constant else "*"
    for value, region in match.located("name" if name == "*" else "input"):
        shape = _shape(match.row)
        yield Sink(match.row, match.function, value, region, context, shape, match.index, name)
    shape = _shape(match.row)
    for value, region, member in match.unwritten("input"):
        if member == _OF_LISTS:
            continue
        fields = (member,)
        yield Sink(
            match.row, match.function, value, region, context, shape, match.index, name, fields
        )
    for base in match.values("keyed"):
        for item in match.function.fact.values:
            if type(item) is v.Item and unchanged(match.function, item.base) == base:
                place = Region(item.start, item.end)
                shape = _shape(match.row)
                yield Sink(match.row, match.function, item.key, place, context, shape)
    if kind == _OPTIONS:
        for value, region in mistaken(index, match):
            yield Sink(match.row, match.function, value, region, context, "leading")
        return
    for value, region in started(index, match):
        yield Sink(match.row, match.function, value, region, context, _shape(match.row))


def _operators(index: ProjectIndex, kind: str, attribute: str) -> dict[str, Row]:
    """By family, the sink of the kind that is an expression of the language and no function."""
    return {
        family: row
        for family in index.families
        for row in load(family).concept_rows("sink")
        if kind in row.kinds and row.attributes.get(attribute)
    }


def _repeated(index: ProjectIndex, kind: str) -> Iterator[Sink]:
    """The count by which an operator repeats a list or text, and to which a loop counts."""
    rows = _operators(index, kind, "repeats")
    if not rows:
        return
    for function, at in index.products():
        row = rows.get(function.file.family)
        values = function.fact.values
        one, other = operands(values[at])
        for repeated, count in ((one, other), (other, one)):
            if row is not None and _is_sequence(values[repeated]):
                region = Region(values[at].start, values[at].end)
                context = _context_of_use(function, at)
                yield Sink(row, function, count, region, context, _shape(row))
    for function in index.all_functions:
        row = rows.get(function.file.family)
        for around in function.fact.contexts:
            count = _counted_to(function, around) if row is not None else -1
            if row is not None and count >= 0:
                region = Region(around.start, around.end)
                yield Sink(row, function, count, region, around.parent, _shape(row))


def _counted_to(function: FunctionNode, around: v.Context) -> int:
    """What a loop counts up to: `for (let i = 0; i < count; i++)`; -1 if it does not."""
    values = function.fact.values
    test = values[around.value] if around.kind == "while" and around.value >= 0 else None
    if type(test) is not v.Compute or test.operator not in _UP_TO:
        return -1
    counter, end = test.operands if test.operator[0] == "<" else test.operands[::-1]
    options = getattr(values[counter], "options", ())
    counts = any(
        type(step := values[option]) is v.Compute
        and step.operator == "+"
        and step.operands[0] == counter
        for option in options
    )
    return end if counts else -1


def _context_of_use(function: FunctionNode, at: int) -> int:
    """The control context of the first place that a value is used at, -1 if none is known."""
    fact = function.fact
    uses = [(value.args, value.context) for value in fact.values if type(value) is v.Invoke]
    uses += [((result.value,), result.context) for result in fact.returns]
    uses += [((write.value,), write.context) for write in fact.writes]
    uses += [((around.value,), around.parent) for around in fact.contexts if around.value >= 0]
    for used, context in uses:
        if any(at == inner for start in used for inner, _ in made_of(function, start)):
            return context
    return -1


def _is_sequence(value: v.Value) -> bool:
    return isinstance(value, (v.Listing, v.Text)) or (
        type(value) is v.Constant and isinstance(value.value, str)
    )


def _shape(row: Row) -> str:
    return str(row.attributes.get("shape", "text"))


def _mappings(index: ProjectIndex, kind: str, functions: list[FunctionNode]) -> Iterator[Sink]:
    """What stands in mappings that are answers by their form, wherever they are handed."""
    rows = {
        family: [
            row
            for row in load(family).concept_rows("sink")
            if kind in row.kinds and "mapping" in row.attributes
        ]
        for family in index.families
    }
    if not any(rows.values()):
        return
    for function in functions:
        for at, value in enumerate(function.fact.values):
            if type(value) is not v.Record:
                continue
            keys = {key for key, _ in v.entries(function.fact.values, value)}
            for row in rows[function.file.family]:
                if not keys.issuperset(row.attributes["mapping"]):
                    continue
                made = v.Invoke(value.start, value.end, -1, (), (), (), new=False, context=-1)
                match = Match(row, row.api[0], function, at, call=made)
                if applies(index, match):
                    context = _context_of_use(function, at)
                    for given in match.values("input"):
                        place = _place_in(function, value, given)
                        yield Sink(row, function, given, place, context, _shape(row))


def _called_items(index: ProjectIndex, kind: str) -> Iterator[Sink]:
    """The name by which a function is taken from an object of many and called: `service[name]()`.

    What is written as a mapping is a table of functions that are meant to be chosen from.
    """
    rows = _operators(index, kind, "items")
    if not rows:
        return
    for function, at, call, callee in index.calls():
        row = rows.get(function.file.family)
        item = callee
        if type(callee) is v.Member and callee.name in _CALLING:
            item = function.fact.values[callee.base]
        if row is None or type(item) is not v.Item:
            continue
        if type(function.fact.values[item.key]) is v.Constant or not _has_methods(
            index, function, item.base
        ):
            continue
        region = Region(item.start, item.end)
        yield Sink(row, function, item.key, region, call.context, _shape(row), at)


def _has_methods(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """A module, or an object of a class."""
    if type(function.fact.values[at]) is v.Receiver:
        return True
    return any(
        isinstance(reference, ModuleReference)
        or (isinstance(reference, ClassReference) and reference.fact.kind == "class")
        for reference in index.resolver.references(function, at)
    )


def _place_in(function: FunctionNode, mapping: v.Record, at: int) -> Region:
    """Where an item of a mapping is written, or its key if it was made elsewhere."""
    values = function.fact.values
    item: v.Value = values[at]
    if not mapping.start <= item.start < mapping.end:
        for key, given in zip(mapping.keys, mapping.items, strict=True):
            if given == at and key >= 0:
                item = values[key]
    return Region(item.start, item.end)


def _stored(index: ProjectIndex, kind: str, functions: list[FunctionNode]) -> Iterator[Sink]:
    """What is put under a name of a session, of headers and the like."""
    for family in index.families:
        models = load(family)
        stores = {
            name.removesuffix(ITEM)
            for row in models.concept_rows("sink")
            if kind in row.kinds
            for name in row.api
            if name.endswith(ITEM)
        }
        words = {name.removesuffix("()").rsplit(".", 1)[-1] for name in stores}
        if not words:
            continue
        for function in functions:
            if function.file.family != family or not function.fact.writes:
                continue
            for write in function.fact.writes:
                base = unchanged(function, write.base)
                is_parameter = type(function.fact.values[base]) is v.Parameter
                if not words.isdisjoint(_spoken(function, base)) or (
                    is_parameter and not stores.isdisjoint(index.resolver.names(function, base))
                ):
                    yield from _written(index, kind, function, base, write)


def _written(
    index: ProjectIndex, kind: str, function: FunctionNode, base: int, write: v.FieldWrite
) -> Iterator[Sink]:
    models = load(function.file.family)
    rows = [
        row
        for name in index.resolver.names(function, base)
        for row in models.rows_of(f"{name}{ITEM}")
    ]
    if not rows:
        for word in _spoken(function, base):
            rows.extend(models.any_receiver.get(f"{word}{ITEM}", ()))
    for row in rows:
        only = row.attributes.get("names")
        if kind in row.kinds and (not only or write.name.lower() in only):
            region = Region(write.start, write.end)
            value, name = write.value, write.name
            if row.attributes.get("named") and not name and write.key >= 0:
                value, name = write.key, "*"
            yield Sink(row, function, value, region, write.context, _shape(row), name=name)
            return


def _spoken(function: FunctionNode, at: int) -> list[str]:
    """The last word of the name of a value, which narrows down what is worth resolving."""
    value = function.fact.values[at]
    if type(value) is v.Invoke:
        value = function.fact.values[value.callee]
    if isinstance(value, (v.Member, v.Global, v.Captured, v.Imported)):
        return [value.name]
    return []
