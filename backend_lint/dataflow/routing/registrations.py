"""Which functions the registration of a route makes answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.conditions import places
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionNode, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
MAX_WRAPPERS = 4
MAX_REGISTRATIONS = 40


class Wrapper(msgspec.Struct, frozen=True):
    """A call around a handler.

    Attributes:
        function: where it is.
        at: the call there.
        position: which of its arguments is the handler.
    """

    function: FunctionNode
    at: int
    position: int


class Answer(msgspec.Struct, frozen=True):
    """A function that answers requests.

    Attributes:
        function: the function.
        method: the HTTP method that it alone is for, perhaps with a path; empty if all are its.
        owner: the class that is registered, of which the function is a method.
        wrappers: the calls that wrap it, outermost first.
        caller: who has a function of the project register it, if that is done so.
        call: the call there.
    """

    function: FunctionNode
    method: str = ""
    owner: ClassReference | None = None
    wrappers: tuple[Wrapper, ...] = ()
    caller: FunctionNode | None = None
    call: int = -1


def handlers(index: ProjectIndex, match: Match) -> Iterator[FunctionNode]:
    """The functions, and the methods of a class that is made a view: `FileView.as_view()`."""
    for answer in answering(index, match):
        yield answer.function


def answering(index: ProjectIndex, match: Match) -> Iterator[Answer]:
    """The functions with how they are registered."""
    function = match.function
    if match.attributes.get("decorates-class"):
        for owner in _decorated(match):
            yield from _methods(index, match, owner, ())
    for at in last(function, match.values("handler")):
        value = function.fact.values[at]
        if type(value) is not v.Parameter:
            yield from _answering(index, match, function, at, ())
            continue
        # A function of the project registers what it is given.
        for caller, call in index.callers(function)[:MAX_REGISTRATIONS]:
            argument, field = index.argument_for(caller.call(call), function, value.index)
            if argument >= 0 and not field:
                for answer in _answering(index, match, caller, argument, ()):
                    yield msgspec.structs.replace(answer, caller=caller, call=call)


def registered_classes(index: ProjectIndex, match: Match) -> Iterator[ClassReference]:
    """The classes that a registration hands over, whichever of their methods answer."""
    function = match.function
    for at in last(function, match.values("handler")):
        value = function.fact.values[at]
        callee = function.fact.values[value.callee] if type(value) is v.Invoke else value
        is_made = type(callee) is v.Member and callee.name == match.attributes.get("view")
        named = callee.base if is_made and type(callee) is v.Member else at
        for reference in index.resolver.references(function, named):
            if isinstance(reference, ClassReference):
                yield reference


def last(function: FunctionNode, handlers: list[int]) -> list[int]:
    """The value that answers, of those a registration takes for its handlers."""
    at = handlers[-1:]
    while at and type(listed := function.fact.values[at[0]]) is v.Listing:
        at = list(listed.elements[-1:])
    return at


def _answering(
    index: ProjectIndex,
    match: Match,
    function: FunctionNode,
    at: int,
    wrappers: tuple[Wrapper, ...],
) -> Iterator[Answer]:
    value, named = function.fact.values[at], at
    maker = match.attributes.get("view", "")
    if type(value) is v.Invoke:
        callee = function.fact.values[value.callee]
        if maker and type(callee) is v.Member and callee.name == maker:
            named = callee.base
        elif len(wrappers) < MAX_WRAPPERS:
            inside = _wrapped(index, match, function, at, wrappers)
            if inside:
                yield from inside
                return
    else:
        wrapped = list(_wrapped_before(index, function, at))
        if wrapped:
            yield from (Answer(inner, wrappers=wrappers) for inner in wrapped)
            return
    known = index.resolver.references(function, named)
    if type(value) is v.Invoke and not any(isinstance(r, FunctionReference) for r in known):
        # `list(db)`, which says of its result no more than that it answers
        for target in index.targets(function, value):
            for result in target.fact.returns:
                made = target.fact.values[result.value]
                if type(made) is v.Closure:
                    yield Answer(target.file.functions[made.function], wrappers=wrappers)
    for reference in known:
        if isinstance(reference, FunctionReference):
            yield Answer(reference.function, wrappers=wrappers)
        elif isinstance(reference, ClassReference):
            yield from _methods(index, match, reference, wrappers)


def _methods(
    index: ProjectIndex, match: Match, owner: ClassReference, wrappers: tuple[Wrapper, ...]
) -> Iterator[Answer]:
    """The methods of a class that answer, each for its HTTP method."""
    actions: dict[str, str] = match.attributes.get("actions", {})
    for name in (*actions, *METHODS):
        method = index.resolver.classes.method(owner, name)
        if method is not None:
            yield Answer(method, actions.get(name, name.upper()), owner, wrappers)


def _decorated(match: Match) -> Iterator[ClassReference]:
    """The classes that a call decorates."""
    function = match.function
    for number, fact in enumerate(function.file.facts.classes):
        if fact.scope == function.number and match.index in fact.decorators:
            yield ClassReference(function.file, number)


def _wrapped(
    index: ProjectIndex,
    match: Match,
    function: FunctionNode,
    at: int,
    wrappers: tuple[Wrapper, ...],
) -> list[Answer]:
    """What answers among the arguments of a call: the one that is called with the most of all."""
    call = function.call(at)
    rows = index.rows(function, call.callee)
    is_form = any(row.concept == "wrapper" for row, _ in rows)
    found: list[list[Answer]] = []
    positions: list[int] = []
    for position, arg in enumerate(call.args):
        around = wrappers if is_form else (*wrappers, Wrapper(function, at, position))
        inner = list(_answering(index, match, function, arg, around))
        if inner:
            found.append(inner)
            positions.append(position)
    if len(found) < 2:
        return found[0] if found else []
    targets = index.targets(function, call)
    given = [max((_given(t, position) for t in targets), default=0) for position in positions]
    # Of a library's nobody knows: the last answers, as in lists of handlers.
    chosen = given.index(max(given)) if any(given) else len(found) - 1
    return found[chosen]


def _given(function: FunctionNode, position: int) -> int:
    """How many arguments a function, or a closure in it, gives to a parameter that it calls."""
    most = 0
    for inner in function.file.functions[function.number :]:
        if inner.fact.start >= function.fact.end:
            break
        for value in inner.fact.values:
            if type(value) is not v.Invoke:
                continue
            callee = inner.fact.values[value.callee]
            if type(callee) is v.Captured and callee.function == function.number:
                cell = function.fact.cells.get(callee.name, -1)
                callee = function.fact.values[cell] if cell >= 0 else callee
            elif inner is not function:
                continue
            if type(callee) is v.Parameter and callee.index == position:
                most = max(most, len(value.args))
    return most


def _wrapped_before(index: ProjectIndex, function: FunctionNode, at: int) -> Iterator[FunctionNode]:
    """The closures in a handler that was wrapped where it is defined.

    `const show = catchErrors(async (req, res) => …)`, perhaps in another file.
    """
    for owner, other in places(index, function, at):
        made = owner.fact.values[other]
        if type(made) is not v.Invoke or not any(
            isinstance(reference, FunctionReference)
            for reference in index.resolver.references(owner, made.callee)
        ):
            continue
        for arg in made.args:
            closure = owner.fact.values[arg]
            if type(closure) is v.Closure:
                yield owner.file.functions[closure.function]
