"""A password is stored, or compared with a stored one, without a password hash."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.trace import Flow, Origin, Tracer
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.queries import queries
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import Api, ClassReference
from backend_lint.source import Region

from ._passwords import fields_of, is_password_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_STORED = (
    "This password is stored as the client sent it, so whoever reads the table can log in as "
    "anybody. Store the result of a password hash such as argon2 or bcrypt."
)
_COMPARED = (
    "A password of the request is compared with a stored one, which works only if passwords are "
    "stored in plain text. Store a password hash and let its library verify the password."
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at records that are stored, at SQL that stores or compares, and at comparisons.

    A password that one function takes and stores in several steps is told once, at the first.
    """
    told = set()
    for finding in sorted(_all(index), key=lambda finding: finding.sort_key):
        key = (finding.location.path, finding.message, finding.flow[0].location)
        if key not in told:
            told.add(key)
            yield finding


def _all(index: ProjectIndex) -> Iterator[Finding]:
    tracer = Tracer(index, "password")
    for match in index.matches("record-write"):
        yield from _stored_record(index, tracer, match)
    constructed: dict[FunctionNode, list[tuple[int, v.Invoke]]] = defaultdict(list)
    for function, at, call, _ in index.calls():
        if any(call.names) and any(is_password_name(name) for name in call.names):
            constructed[function].append((at, call))
    compared: dict[FunctionNode, list[v.Compute]] = defaultdict(list)
    for function, comparison in index.comparisons():
        if any(is_password_name(_name_of(function, at)) for at in comparison.operands):
            compared[function].append(comparison)
    for function in index.functions():
        yield from _constructed(index, tracer, function, constructed.get(function, ()))
        yield from _written(index, tracer, function)
        yield from _compared(index, tracer, function, compared.get(function, ()))
    for match in index.matches("sql-fragment"):
        yield from _filtered(tracer, match)
    for query in queries(index):
        given = _bound_values(query.match)
        for statement in query.statements:
            for placeholder, column in statement.bound:
                value = given.get(placeholder, -1)
                if value < 0 or not is_password_name(column):
                    continue
                flow = _from_client(tracer, query.function, value, query.match.call.context)
                if flow is not None:
                    words = _COMPARED if statement.verb == "select" else _STORED
                    yield _finding(query.function, query.match.region, words, flow)


def _stored_record(index: ProjectIndex, tracer: Tracer, match: Match) -> Iterator[Finding]:
    hashed = set(match.attributes.get("hashes", ()))
    function = match.function
    for record in match.values("record"):
        if _has_hook(index, function, record) or _has_hook(index, function, match.receiver):
            continue
        named = dict(fields_of(function, record))
        at = next((i for i, arg in enumerate(match.call.args) if arg == record), -1)
        if at >= 0 and match.call.names[at] not in ("", "*", "**"):
            named[match.call.names[at]] = record
        for name, value in named.items():
            if is_password_name(name) and name not in hashed:
                flow = _from_client(tracer, function, value, match.call.context)
                if flow is not None:
                    yield _finding(function, match.region, _STORED, flow)


def _constructed(
    index: ProjectIndex,
    tracer: Tracer,
    function: FunctionNode,
    calls: Iterable[tuple[int, v.Invoke]],
) -> Iterator[Finding]:
    """`User(password=form.password)` of a class that is a stored record."""
    for at, value in calls:
        if not _is_record(index, function, value.callee) or _has_hook(index, function, at):
            continue
        for name, item in zip(value.names, value.args, strict=True):
            if is_password_name(name):
                flow = _from_client(tracer, function, item, value.context)
                if flow is not None:
                    region = Region(value.start, value.end)
                    yield _finding(function, region, _STORED, flow)


def _written(index: ProjectIndex, tracer: Tracer, function: FunctionNode) -> Iterator[Finding]:
    """`user.password = form.password` on a stored record."""
    for write in function.fact.writes:
        if not is_password_name(write.name) or not _is_record(index, function, write.base):
            continue
        if _has_hook(index, function, write.base):
            continue
        flow = _from_client(tracer, function, write.value, write.context)
        if flow is not None:
            yield _finding(function, Region(write.start, write.end), _STORED, flow)


def _compared(
    index: ProjectIndex, tracer: Tracer, function: FunctionNode, comparisons: Iterable[v.Compute]
) -> Iterator[Finding]:
    """`user.password == form.password`, where one side is the client's and the other is stored."""
    for value in comparisons:
        for stored, given in (value.operands, value.operands[::-1]):
            if not is_password_name(_name_of(function, stored)):
                continue
            if isinstance(function.fact.values[given], v.Constant):
                continue
            if _is_hashed_here(index, function, given):
                continue  # asks whether it changed, and hashes it then
            if _from_client(tracer, function, stored, -1) is not None:
                continue
            flow = _from_client(tracer, function, given, -1)
            if flow is not None:
                yield _finding(function, Region(value.start, value.end), _COMPARED, flow)
                break


def _name_of(function: FunctionNode, at: int) -> str:
    """The name of a member or of an item by constant key: `user.password`, `user["password"]`."""
    value = function.fact.values[at]
    if isinstance(value, v.Member):
        return value.name
    if isinstance(value, v.Item):
        key = function.fact.values[value.key]
        return str(key.value) if isinstance(key, v.Constant) else ""
    return ""


def _is_hashed_here(index: ProjectIndex, function: FunctionNode, given: int) -> bool:
    return any(given in match.call.args for match in index.matches_in(function, "password-hash"))


def _filtered(tracer: Tracer, match: Match) -> Iterator[Finding]:
    """`db.Where(User{Password: given})`: rows are looked up by a password."""
    for value in match.values("sql"):
        for name, item in fields_of(match.function, value):
            if is_password_name(name):
                flow = _from_client(tracer, match.function, item, match.call.context)
                if flow is not None:
                    yield _finding(match.function, match.region, _COMPARED, flow)


def _is_record(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """The value is a stored record, its class, or something a query for that class gave."""
    return any(
        _stands_for_record(index, function, reference)
        for inner, value in made_of(function, at)
        if isinstance(value, (*_NAMES, v.Invoke))
        for reference in index.resolver.references(function, inner)
    )


_NAMES = (
    v.ClassValue,
    v.Captured,
    v.Imported,
    v.Global,
    v.Member,
    v.Receiver,
    v.Parameter,
    v.Opaque,
)


def _stands_for_record(index: ProjectIndex, function: FunctionNode, reference: object) -> bool:
    models = index.resolver.models(function)
    if isinstance(reference, Api):
        return any(row.concept == "record-type" for row in models.rows_of(reference.name))
    if not isinstance(reference, ClassReference):
        return False
    for base in index.resolver.classes.api_bases(reference):
        for row in models.rows_of(base):
            needed = row.attributes.get("keyword")
            if row.concept == "record-type" and (not needed or needed in reference.fact.keywords):
                return True
    scope = reference.file.functions[reference.fact.scope]
    for decorator in reference.fact.decorators:
        value = scope.fact.values[decorator]
        callee = value.callee if isinstance(value, v.Invoke) else decorator
        if any(row.concept == "record-type" for row, _ in index.rows(scope, callee)):
            return True
    return False


def _has_hook(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """The record hashes passwords by itself: in a method, a setter, a listener, a schema hook."""
    if at < 0:
        return False
    return any(
        _hashes(index, hook) or any(_hashes(index, target) for target in _called(index, hook))
        for hook in _hooks(index, function, at)
    )


def _hooks(index: ProjectIndex, function: FunctionNode, at: int) -> Iterator[FunctionNode]:
    for inner, value in made_of(function, at):
        if not isinstance(value, _NAMES) or isinstance(value, v.Receiver):
            continue  # the service around the record is not the record
        for reference in index.resolver.references(function, inner):
            if isinstance(reference, ClassReference):
                yield from _class_hooks(index, reference)
        for owner, _ in aliases(index, function, inner):
            if owner.file is not function.file:  # where a schema and its hooks are declared
                yield from (other for other in owner.file.functions if not other.fact.name)


def _class_hooks(index: ProjectIndex, reference: ClassReference) -> Iterator[FunctionNode]:
    file = reference.file
    for (owner, _), method in index.resolver.classes.go_methods(file).items():
        if owner == reference.fact.name:
            yield method
    for other in file.functions:
        # Its methods, and listeners that a decorator registers beside it.
        if other.fact.owner == reference.index or (
            other.fact.owner < 0 and other.fact.decorators and not _answers(index, other)
        ):
            yield other
    for base in index.resolver.classes.bases(reference):
        if isinstance(base, ClassReference) and base != reference:
            yield from _class_hooks(index, base)


def _answers(index: ProjectIndex, function: FunctionNode) -> bool:
    return index.is_decorated(function, "route") is not None


def _hashes(index: ProjectIndex, function: FunctionNode) -> bool:
    return bool(index.matches_in(function, "password-hash"))


def _called(index: ProjectIndex, function: FunctionNode) -> Iterator[FunctionNode]:
    for value in function.fact.values:
        if isinstance(value, v.Invoke):
            yield from index.targets(function, value)


def _from_client(tracer: Tracer, function: FunctionNode, value: int, context: int) -> Flow | None:
    flows = tracer.flows(function, value, context=context)
    return next((flow for flow in flows if flow.origin is Origin.REMOTE), None)


def _bound_values(match: Match) -> dict[str, int]:
    """The values bound to placeholders, by position or name."""
    values = match.function.fact.values
    result: dict[str, int] = {}
    given = match.values("values")
    if len(given) == 1:
        single = values[given[0]]
        if isinstance(single, v.Listing):
            given = list(single.elements)
        elif isinstance(single, v.Record):
            return dict(fields_of(match.function, given[0]))
    for position, value in enumerate(given):
        result[str(position)] = value
    return result


def _finding(function: FunctionNode, region: Region, message: str, flow: Flow) -> Finding:
    location = Location(function.file.path, region)
    return Finding("plaintext-password", location, message, flow=flow.steps)


RULE = Rule(
    name="plaintext-password",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.2,
    cwe=(256,),
    owasp=("API2", "ASVS-2.4.1"),
    checklist=("password-hashing",),
    judge=judge,
)
