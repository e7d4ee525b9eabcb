"""Keys that the client names lead to the prototype that all objects share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.sources import Origin, Shape
from backend_lint.dataflow.trace import Flow, Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.models.library import last_name, load
from backend_lint.rule import Family, Rule
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_NAME = "prototype-pollution"
_NESTED = (
    "The client names the key of an object that is then written to, and `__proto__` leads to what "
    "all objects share. Use a `Map`, or refuse keys that are not in a fixed list."
)
_MERGED = (
    "`{name}` copies keys of the request at every depth, and `__proto__` among them leads to what "
    "all objects share. Let it pass over `__proto__`, `constructor` and `prototype`."
)
_MAX_STEPS = 40


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at writes below a key of the request, and at functions that merge objects."""
    special = {
        family: frozenset(
            last_name(api) for row in load(family).concept_rows("prototype-key") for api in row.api
        )
        for family in index.families
    }
    functions = [function for function in index.all_functions if special[function.file.family]]
    told: set[Location] = set()
    for finding in (
        *_nested_writes(index, functions, special),
        *_merges(index, functions, special),
    ):
        if finding.location not in told:
            told.add(finding.location)
            yield finding


# `target[first][second] = value`


def _nested_writes(
    index: ProjectIndex, functions: list[FunctionNode], special: dict[str, frozenset[str]]
) -> Iterator[Finding]:
    tracer = Tracer(index, "prototype-key")
    for function in functions:
        for write in function.fact.writes:
            if write.name or write.key < 0 or _speaks_of(function, special):
                continue
            for holder in _held(function, write.base):
                item = function.fact.values[holder]
                if type(item) is not v.Item or _has_no_prototype(index, function, item.base):
                    continue
                use = Use(write.context, write.start)
                flow = next(
                    (
                        flow
                        for flow in _key_flows(function, tracer, item.key, use)
                        if flow.origin is Origin.REMOTE and not _speaks_of(flow.function, special)
                    ),
                    None,
                )
                if flow is not None and _is_remote(function, tracer, write.key, use):
                    location = Location(function.file.path, Region(write.start, write.end))
                    steps = (*flow.steps, Step(location, "names the object that is written to"))
                    yield Finding(_NAME, location, _NESTED, flow=steps)
                    break


def _key_flows(function: FunctionNode, tracer: Tracer, key: int, use: Use) -> Iterator[Flow]:
    value = function.fact.values[key]
    if isinstance(value, (v.Constant, v.Text)):
        return iter(())  # a text with a part of our own is no name of a prototype
    return tracer.flows(function, key, use=use, wanted=(Origin.REMOTE,))


def _is_remote(function: FunctionNode, tracer: Tracer, key: int, use: Use) -> bool:
    return any(flow.origin is Origin.REMOTE for flow in tracer.flows(function, key, use=use))


def _held(function: FunctionNode, at: int) -> Iterator[int]:
    """The values that a written object can be, by all ways that control can take."""
    todo = [at]
    seen: set[int] = set()
    while todo and len(seen) < _MAX_STEPS:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        value = function.fact.values[current]
        match value:
            case v.Stored(base=base) | v.Updated(base=base):
                todo.append(base)
            case v.Compute(operator="or" | "??" | "and" | "=", operands=operands):
                todo.extend(operands)
            case _:
                options = v.alternatives(value)
                todo.extend(options)
                if not options:
                    yield current


def _has_no_prototype(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """The object was made without a prototype, here or under a name."""
    for held in _held(function, at):
        places = [(function, held), *aliases(index, function, held)]
        for owner, other in places:
            made = unchanged(owner, other)
            if type(owner.fact.values[made]) is v.Listing:
                return True
            for match in index.concepts_of(owner, made):
                if match.row.concept == "bare-object" and any(
                    type(given := owner.fact.values[prototype]) is v.Constant
                    and given.value is None
                    for prototype in match.values("prototype")
                ):
                    return True
    return False


def _speaks_of(function: FunctionNode, special: dict[str, frozenset[str]]) -> bool:
    """The function, or one written in it or around it, names such keys: it knows of them."""
    names = special[function.file.family]
    around = function
    while around.fact.parent > 0:
        around = function.file.functions[around.fact.parent]
    return any(
        isinstance(value, v.Constant) and value.value in names
        for inner in _inside(around)
        for value in inner.fact.values
    )


def _inside(function: FunctionNode) -> list[FunctionNode]:
    """The function and all that are written in it."""
    found = [function]
    if function.number == 0:
        return found
    for current in found:
        found.extend(current.inner)
    return found


# Functions that merge an object into another, with what they hold


def _merges(
    index: ProjectIndex, functions: list[FunctionNode], special: dict[str, frozenset[str]]
) -> Iterator[Finding]:
    tracer = Tracer(index, "prototype", Shape.OBJECT)
    for function in functions:
        if function.number == 0 or len(function.fact.parameters) < 2 or not function.fact.name:
            continue
        position = _merged(index, function)
        if position < 0 or _speaks_of(function, special) or _asks_target(index, function):
            continue
        inside = {inner.key for inner in _inside(function)}
        for caller, at in index.all_callers(function):
            if caller.key in inside:
                continue
            call = caller.call(at)
            argument, field = index.argument_for(call, function, position)
            if argument < 0 or field:
                continue
            use = Use(call.context, call.start)
            for flow in tracer.flows(caller, argument, use=use, wanted=(Origin.REMOTE,)):
                if flow.origin is Origin.REMOTE:
                    location = Location(caller.file.path, Region(call.start, call.end))
                    steps = (*flow.steps, Step(location, "is copied with all keys"))
                    message = _MERGED.format(name=function.fact.name)
                    yield Finding(_NAME, location, message, flow=steps)
                    break


def _merged(index: ProjectIndex, function: FunctionNode) -> int:
    """The position of the parameter that is merged into another, -1 if the function does not."""
    for inner in _inside(function):
        for value in inner.fact.values:
            if type(value) is not v.Invoke or len(value.args) < 2:
                continue
            if not any(target is function for target in index.targets(inner, value)):
                continue
            roots = [_root(index, function, inner, arg) for arg in value.args]
            taken = [(at, root) for at, root in enumerate(roots) if root >= 0]
            # It calls itself with an item of each, the items under the same key.
            if len(taken) >= 2 and taken[0][1] != taken[1][1] and _writes(index, function):
                return taken[1][1]
    return -1


def _root(index: ProjectIndex, function: FunctionNode, inner: FunctionNode, at: int) -> int:
    """The parameter of the function of which a value is an item under a key not known here."""
    items = 0
    todo = [(inner, at, 0)]
    for owner, current, depth in todo:
        if len(todo) > _MAX_STEPS:
            break
        for held in _held(owner, current):
            value = owner.fact.values[held]
            match value:
                case v.Item(base=base, key=key):
                    constant = type(owner.fact.values[key]) is v.Constant
                    items += not constant
                    todo.append((owner, base, depth + (not constant)))
                case v.Element(base=base):
                    todo.append((owner, base, depth + 1))
                case v.Captured():
                    todo.extend((o, other, depth) for o, other in aliases(index, owner, held))
                case v.Invoke(args=args) if args and depth:
                    todo.append((owner, args[0], depth))  # `Object.entries(source)`
                case v.Parameter(index=position) if owner is function and depth:
                    return position
                case _:
                    pass
    return -1


def _writes(index: ProjectIndex, function: FunctionNode) -> bool:
    """Items of a parameter are written under keys not known here."""
    for inner in _inside(function):
        for write in inner.fact.writes:
            if write.name:
                continue
            for held in _held(inner, write.base):
                places = [(inner, held), *aliases(index, inner, held)]
                if any(
                    type(owner.fact.values[at]) is v.Parameter and owner is function
                    for owner, place in places
                    for at in _held(owner, place)
                ):
                    return True
    return False


def _asks_target(index: ProjectIndex, function: FunctionNode) -> bool:
    """It goes on only where the target has the key itself."""
    for inner in _inside(function):
        for match in index.matches_in(inner, "own-key-check"):
            for at in match.values("of"):
                places = [(inner, at), *aliases(index, inner, at)]
                if any(
                    type(value := owner.fact.values[held]) is v.Parameter and value.index == 0
                    for owner, place in places
                    for held in _held(owner, place)
                ):
                    return True
    return False


RULE = Rule(
    name=_NAME,
    family=Family.INJECTION,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=7.3,
    cwe=(1321,),
    owasp=("API8",),
    checklist=("no-prototype-pollution",),
    languages=("javascript",),
    judge=judge,
)
