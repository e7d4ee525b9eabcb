"""A password or its hash leaves in a response."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow import taint
from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.exposure import RecordSources
from backend_lint.dataflow.routing.routes import Routes
from backend_lint.dataflow.sinks import Sink, sinks
from backend_lint.dataflow.sources import Shape
from backend_lint.dataflow.states import ALL_FIELDS
from backend_lint.dataflow.trace import Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.rule import Family, Rule, TaintRule
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.dataflow.trace import Flow
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_NAME = "sensitive-field-in-response"
_BY_NAME = TaintRule(
    name=_NAME,
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    kind="secret-response",
    what="is sent in a response",
    why="where every client and every proxy on the way can read it",
    cure="Name the fields that the response has, and leave it out.",
    arrives="is sent to the client",
    source="credential",
    places=(("response", "body", "deep"),),
)
_RECORD_KIND = "secret-record"
_SHAPING = "answer-shaping"
_ANY = ("typing.Any", "any")
_MASKING = re.compile(r"(?i)mask|redact|sanitiz|scrub|censor|obfuscat|conceal")


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look for credentials that are sent by name, then for whole records that hold one."""
    told = set()
    for finding in taint.judge(_BY_NAME, index):
        told.add(finding.location)
        yield finding
    sources = RecordSources(index)
    tracer = Tracer(index, _RECORD_KIND, Shape.TEXT, sources)
    for sink in _answers(index, sources):
        location = Location(sink.function.file.path, sink.region)
        if location in told:
            continue
        use = Use(sink.context, sink.region.start)
        for flow in tracer.flows(sink.function, sink.value, use=use, fields=(ALL_FIELDS,)):
            name = flow.name or sources.name(flow.function, flow.value)
            if not name or _is_masked(flow):
                continue
            told.add(location)
            field = name.rpartition(".")[2]
            message = (
                f"The record is sent as a whole, and its `{field}` with it, where every client and "
                "every proxy on the way can read it. Name the fields that the response has, or "
                f"declare that `{name}` is left out."
            )
            steps = flow.steps
            if not steps or steps[-1].location != location:
                steps = (*steps, Step(location, "is sent to the client"))
            yield Finding(_NAME, location, message, flow=steps)
            break


def _is_masked(flow: Flow) -> bool:
    """On its way, the record is handed to a function that says it takes secrets out."""
    return any(
        type(call) is v.Invoke
        and state.at in call.args
        and _MASKING.search(getattr(state.function.fact.values[call.callee], "name", ""))
        for state in flow.states()
        for call in state.function.fact.values
    )


def _answers(index: ProjectIndex, sources: RecordSources) -> Iterator[Sink]:
    """What is sent with all its fields."""
    for match in index.matches("response"):
        if (
            match.attributes.get("objects")
            and index.is_asked(match.function.file)
            and applies(index, match)
        ):
            for value, region in match.located("body"):
                yield Sink(match.row, match.function, value, region, match.call.context, "deep")
    for sink in sinks(index, _RECORD_KIND):
        if not _is_shaped(index, sources, sink.function):
            yield sink


def _is_shaped(index: ProjectIndex, sources: RecordSources, function: FunctionNode) -> bool:
    """Something but the function may decide which fields its answer has."""
    fact = function.fact
    decorated = [(function, at) for at in fact.decorators]
    if fact.owner >= 0:
        owner = function.file.facts.classes[fact.owner]
        scope = function.file.functions[owner.scope]
        decorated.extend((scope, at) for at in owner.decorators)
    places = {(place.key, at) for place, at in decorated}
    if any((match.function.key, match.index) in places for match in index.matches(_SHAPING)):
        return True
    if any(
        _shapes(index, layer)
        for route in index.shared(Routes).leading_to(function)
        for layer in route.chain
    ):
        return True
    for place, at in decorated:
        call = place.fact.values[at]
        if type(call) is not v.Invoke:
            continue
        matches = index.concepts_of(place, at)
        shaped = {name for match in matches for name in match.attributes.get("shaped-by", ())}
        if not shaped.isdisjoint(call.names) or index.targets(place, call):
            return True
    return fact.annotation >= 0 and _answers_type(index, sources, function)


def _shapes(index: ProjectIndex, layer: Layer) -> bool:
    """A layer changes what the handler gives back: one of a library, or one that calls such."""
    models = index.resolver.models(layer.function)
    return any(row.concept == _SHAPING for name in layer.names for row in models.rows_of(name)) or (
        any(index.matches_in(inner, _SHAPING) for runner in layer.runs for inner in runner.nested())
    )


def _answers_type(index: ProjectIndex, sources: RecordSources, function: FunctionNode) -> bool:
    """The declared result may be a type with fewer fields."""
    route = index.is_decorated(function, "route")
    if route is None or not route.attributes.get("shaped-by"):
        return False
    annotation = function.fact.annotation
    return not (
        any(name in _ANY for name in index.resolver.names(function, annotation))
        or any(
            isinstance(declared, ClassReference) and sources.credential(declared)
            for declared in index.resolver.instances(function, annotation)
        )
    )


RULE = Rule(
    name=_NAME,
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=6.5,
    cwe=(201,),
    owasp=("API3",),
    checklist=("no-password-hash-out",),
    judge=judge,
)
