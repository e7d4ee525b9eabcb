"""Who acts is what the request says, although somebody is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.routing.protections import AUTHENTICATION, Protections
from backend_lint.dataflow.routing.requested import Requested
from backend_lint.dataflow.routing.routes import Routes
from backend_lint.dataflow.sources import Origin, Shape
from backend_lint.dataflow.trace import Flow, Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.rule import Family, Profile, Rule
from backend_lint.semantics.authority_names import is_authority, is_identity
from backend_lint.semantics.secret_names import word_set, words_of
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_NAME = "identity-from-request"
# Concepts with the role whose fields say what is read or written.
_PLACES = (
    ("record-write", "record"),
    ("record-lookup", "fields"),
    ("query", "filter"),
)
# Fields of options that hold fields of rows.
_INNER = frozenset({"where", "data", "$set", "defaults"})
MAX_INNER = 3
# Parts of a request that hold its fields.
_OUTER = frozenset({"body", "data", "form", "input", "payload", "query", "variables"})
# Words of names and paths where it is right to name another user, or nobody is logged in yet.
_OTHERS = word_set(
    "admin admins callback impersonate internal invite invites member members moderator register "
    "registration seed share signin signup staff superuser system webhook webhooks"
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at fields of queries and records by which somebody is told."""
    tracer = Tracer(index, "identity", Shape.CHOICE)
    told: set[Location] = set()
    for function, at, name, use in _fields(index):
        if not (is_identity(name) or is_authority(name)):
            continue
        value = function.fact.values[at]
        location = Location(function.file.path, Region(value.start, value.end))
        flow = next(
            (
                flow
                for flow in tracer.flows(function, at, use=use)
                if flow.origin is Origin.REMOTE
                and _names_somebody(index, flow)
                and not _is_of_path(index, flow)
            ),
            None,
        )
        if flow is None or location in told or not _is_logged_in(index, flow.function):
            continue
        told.add(location)
        steps = (*flow.steps, Step(location, f"says who acts, as `{name}`"))
        yield Finding(
            _NAME,
            location,
            f"`{name}` is what the client sends, although the server knows who is logged in, so a "
            "client can act for others. Take it from the session or the token, or compare the two.",
            flow=steps,
        )


def _fields(index: ProjectIndex) -> Iterator[tuple[FunctionNode, int, str, Use]]:
    """The fields of queries and records: function, value, name and use."""
    for concept, role in _PLACES:
        for match in index.asked_matches(concept):
            use = Use(match.call.context, match.call.start)
            for value in match.values(role):
                name = _argument_name(match, value)
                if name:
                    yield match.function, value, name.partition("__")[0], use
                else:
                    for field, at in _inside(match.function, value):
                        yield match.function, at, field, use
    for function in index.asked_functions:
        for made in function.fact.values:
            if type(made) is v.Invoke and any(made.names):
                references = index.resolver.references(function, made.callee)
                if any(is_record_type(index, function, reference) for reference in references):
                    use = Use(made.context, made.start)
                    for name, arg in zip(made.names, made.args, strict=True):
                        if name not in ("", "*", "**"):
                            yield function, arg, name, use


def _argument_name(match: Match, value: int) -> str:
    for arg, name in zip(match.call.args, match.call.names, strict=True):
        if arg == value and name not in ("", "*", "**"):
            return name
    return ""


def _inside(function: FunctionNode, at: int, depth: int = 0) -> Iterator[tuple[str, int]]:
    """The named fields of a mapping, and of those in it that hold fields of rows."""
    values = function.fact.values
    value = values[unchanged(function, at)]
    if type(value) is v.Invoke and value.new:
        for name, arg in zip(value.names, value.args, strict=True):
            if name not in ("", "*", "**"):
                yield name, arg
    if type(value) is not v.Record:
        return
    for name, item in v.entries(values, value):
        if name in _INNER and depth < MAX_INNER:
            yield from _inside(function, item, depth + 1)
        else:
            yield name, item


def _names_somebody(index: ProjectIndex, flow: Flow) -> bool:
    """What is taken from the request is called so there, too."""
    # Names further inside are those of what it was put into on its way.
    names = list(flow.fields[: 2 if flow.fields[:1] and flow.fields[0] in _OUTER else 1])
    value = flow.function.fact.values[flow.value]
    if type(value) is v.Parameter:
        names.append(flow.function.fact.parameters[value.index].name)
    part = index.shared(Requested).told(flow.function, flow.value)
    if part is not None:
        names.extend(part[1])
    for at in value.args if type(value) is v.Invoke else ():
        named = flow.function.fact.values[at]
        if type(named) is v.Constant:
            names.append(str(named.value))
    return any(is_identity(name) or is_authority(name) for name in names)


def _is_of_path(index: ProjectIndex, flow: Flow) -> bool:
    """The address names whose resource is asked for, which a check of rights may well allow."""
    if flow.row is not None and flow.row.attributes.get("segment"):
        return True
    part = index.shared(Requested).told(flow.function, flow.value)
    words = set(words_of(part[0])) if part is not None else set()
    return not words.isdisjoint({"params", "param", "parameters", "path", "kwargs"})


def _is_logged_in(index: ProjectIndex, function: FunctionNode) -> bool:
    """Requests reach the function only from somebody who is known, and who is no administrator."""
    names = [function.fact.qualified]
    known = _knows_principal(index, function)
    protections = index.shared(Protections)
    for route in index.shared(Routes).leading_to(function):
        names.append(route.path)
        for layer in route.chain:
            names.append(layer.label)
            known = known or AUTHENTICATION in protections.of(layer)
    words = {word for name in names for word in words_of(name)}
    return known and words.isdisjoint(_OTHERS)


def _knows_principal(index: ProjectIndex, function: FunctionNode) -> bool:
    for at, value in enumerate(function.fact.values):
        if isinstance(value, (v.Member, v.Captured, v.Imported, v.Invoke)):
            named = value.callee if type(value) is v.Invoke else at
            if any(row.concept == "principal" for row, _ in index.rows(function, named)):
                return True
    return any(
        {"current", "user"} <= set(words_of(parameter.name))
        for parameter in function.fact.parameters
    )


RULE = Rule(
    name=_NAME,
    family=Family.API,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=8.1,
    cwe=(639,),
    owasp=("API1", "ASVS-4.1.2"),
    checklist=("identity-from-token",),
    profile=Profile.STRICT,
    judge=judge,
)
