"""A password is stored, or compared with a stored one, without a password hash."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.sources import Origin
from backend_lint.dataflow.trace import Flow, Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.queries import HOLE, queries
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import ClassReference
from backend_lint.source import Region

from ._hooks import Hooks
from ._passwords import (
    fields_of,
    is_of_another_service,
    is_password_name,
    may_name_password,
)

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
    hooks = Hooks(index)
    for match in index.asked_matches("record-write"):
        yield from _stored_record(hooks, tracer, match)
    constructed: dict[FunctionNode, list[tuple[int, v.Invoke]]] = defaultdict(list)
    for function, at, call, _ in index.calls():
        if any(call.names) and any(is_password_name(n) or n == "**" for n in call.names):
            constructed[function].append((at, call))
    compared: dict[FunctionNode, list[v.Compute]] = defaultdict(list)
    for function, comparison in index.comparisons():
        if any(is_password_name(_name_of(function, at)) for at in comparison.operands):
            compared[function].append(comparison)
    for function in index.all_functions:
        if not index.is_asked(function.file):
            continue
        yield from _constructed(hooks, tracer, function, constructed.get(function, ()))
        yield from _written(hooks, tracer, function)
        yield from _compared(index, tracer, function, compared.get(function, ()))
    for match in index.asked_matches("sql-fragment"):
        yield from _filtered(tracer, match, "sql")
    for match in index.asked_matches("record-lookup"):
        yield from _filtered(tracer, match, "fields")
    for query in queries(index):
        if not index.is_asked(query.function.file):
            continue
        if not any(may_name_password(form.filled(HOLE)) for form in query.forms):
            continue  # parsing SQL costs far more than a look
        given = query.bound()
        for statement in query.statements:
            for placeholder, column in statement.bound:
                if placeholder not in given or not is_password_name(column):
                    continue
                function, value = given[placeholder]
                use = None
                if function is query.function:
                    use = Use(query.context, query.region.start)
                flow = _from_client(tracer, function, value, use)
                if flow is not None:
                    words = _COMPARED if statement.verb == "select" else _STORED
                    yield _finding(query.function, query.region, words, flow)


def _stored_record(hooks: Hooks, tracer: Tracer, match: Match) -> Iterator[Finding]:
    function = match.function
    for record in match.values("record"):
        if any(hooks.hash(function, at) for at in (record, match.receiver, _made(match))):
            continue
        named = dict(fields_of(function, record))
        at = next((i for i, arg in enumerate(match.call.args) if arg == record), -1)
        if at >= 0 and match.call.names[at] not in ("", "*", "**"):
            named[match.call.names[at]] = record
        if is_of_another_service(named):
            continue
        for name, value in named.items():
            if is_password_name(name):
                flow = _from_client(tracer, function, value, _use(match.call))
                if flow is not None:
                    yield _finding(function, match.region, _STORED, flow)


def _made(match: Match) -> int:
    """The class that a record-writing call makes an object of, -1 if it is a method."""
    return match.call.callee if match.call.new else -1


def _constructed(
    hooks: Hooks,
    tracer: Tracer,
    function: FunctionNode,
    calls: Iterable[tuple[int, v.Invoke]],
) -> Iterator[Finding]:
    """`User(password=form.password)` of a class that is a stored record."""
    for at, value in calls:
        if is_of_another_service(value.names):
            continue
        if not _is_record(tracer.index, function, value.callee) or hooks.hash(function, at):
            continue
        for name, item in zip(value.names, value.args, strict=True):
            if is_password_name(name):
                flow = _from_client(tracer, function, item, _use(value))
            elif name == "**" and not any(is_password_name(other) for other in value.names):
                flow = _spread(tracer, function, at, item)
            else:
                continue
            if flow is not None:
                region = Region(value.start, value.end)
                yield _finding(function, region, _STORED, flow)


def _spread(tracer: Tracer, function: FunctionNode, made: int, mapping: int) -> Flow | None:
    """`User(**body.model_dump())` whose class and whose mapping both have a password."""
    index = tracer.index
    call = function.call(made)
    names = {
        field.name
        for reference in index.resolver.references(function, call.callee)
        if isinstance(reference, ClassReference)
        for field in reference.fact.fields
        if is_password_name(field.name)
    }
    parts = [value for _, value in made_of(function, mapping)]
    declared = [
        reference
        for at, _ in made_of(function, mapping)
        for reference in index.resolver.references(function, at)
        if isinstance(reference, ClassReference) and reference.fact.fields
    ]
    for name in sorted(names):
        if any(isinstance(part, v.Constant) and part.value == name for part in parts):
            continue  # taken out: `exclude={"password"}`
        if any(
            write.name == name and any(at == made for at, _ in made_of(function, write.base))
            for write in function.fact.writes
        ):
            continue  # overwritten
        if not any(field.name == name for owner in declared for field in owner.fact.fields):
            continue
        flows = tracer.flows(
            function, mapping, use=_use(call), fields=(name,), wanted=(Origin.REMOTE,)
        )
        for flow in flows:
            if flow.origin is Origin.REMOTE:
                return flow
    return None


def _written(hooks: Hooks, tracer: Tracer, function: FunctionNode) -> Iterator[Finding]:
    """`user.password = form.password` on a stored record."""
    for write in function.fact.writes:
        if not is_password_name(write.name) or not _is_record(tracer.index, function, write.base):
            continue
        if hooks.hash(function, write.base):
            continue
        flow = _from_client(tracer, function, write.value, Use(write.context, write.start))
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
            if _from_client(tracer, function, stored) is not None:
                continue
            flow = _from_client(tracer, function, given)
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


def _filtered(tracer: Tracer, match: Match, role: str) -> Iterator[Finding]:
    """`db.Where(User{Password: given})`: rows are looked up by a password."""
    call = match.call
    for value in match.values(role):
        named = list(fields_of(match.function, value))
        named.extend(
            (name, value)
            for name, given in zip(call.names, call.args, strict=True)
            if given == value and name
        )
        for name, item in named:
            if is_password_name(name):
                flow = _from_client(tracer, match.function, item, _use(match.call))
                if flow is not None:
                    yield _finding(match.function, match.region, _COMPARED, flow)


def _is_record(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """The value is a stored record, its class, or something a query for that class gave."""
    return any(
        is_record_type(index, function, reference)
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


def _use(call: v.Invoke) -> Use:
    return Use(call.context, call.start)


def _from_client(
    tracer: Tracer, function: FunctionNode, value: int, use: Use | None = None
) -> Flow | None:
    flows = tracer.flows(function, value, use=use, wanted=(Origin.REMOTE,))
    return next((flow for flow in flows if flow.origin is Origin.REMOTE), None)


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
