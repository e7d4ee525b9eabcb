"""Taint rules: data of others that reaches a sink, told with the way it went.

A taint rule has no code. Its kind picks the sinks, sanitizers and guards from the models, and its
words make the message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.concepts.match import Match
from backend_lint.dataflow.checks.senders import Senders
from backend_lint.dataflow.commands import is_plain_argument
from backend_lint.dataflow.limits import limit_holes
from backend_lint.dataflow.markup import is_markup, is_other_content
from backend_lint.dataflow.routing.administration import Administration
from backend_lint.dataflow.secrets import SecretSources
from backend_lint.dataflow.sinks import Sink, sinks
from backend_lint.dataflow.sources import TEXTS, Origin, Shape
from backend_lint.dataflow.states import ALL_FIELDS
from backend_lint.dataflow.switches import is_switched_off
from backend_lint.dataflow.texts import TextHole, host_holes, texts
from backend_lint.dataflow.trace import Flow, Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.dataflow.visibility import Visibility
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, SourceKind, Step
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.rule import TaintRule

_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_SHAPES = {
    "object": Shape.OBJECT,
    "whole": Shape.WHOLE,
    "host": Shape.HOST,
    "number": Shape.NUMBER,
    "limit": Shape.NUMBER,
    "choice": Shape.CHOICE,
}
_KINDS = {
    Origin.STORED: SourceKind.STORED,
    Origin.TRUSTED: SourceKind.CONFIGURATION,
}
# What is told whatever else reaches the same place.
_CERTAIN = (Origin.REMOTE, Origin.SECRET)
# What is worth a word where no request decides the data directly, the worst first.
_RANKED = (
    (Origin.REMOTE, SourceKind.STORED),
    (Origin.PARAMETER, SourceKind.CALLER),
    (Origin.PARAMETER, SourceKind.UNKNOWN),
    (Origin.UNKNOWN, SourceKind.UNKNOWN),
    (Origin.TRUSTED, SourceKind.CONFIGURATION),
)


def judge(rule: TaintRule, index: ProjectIndex) -> Iterator[Finding]:
    """One finding a sink, with the shortest flow of the worst origin; then those beside them."""
    tracers: dict[Shape, Tracer] = {}
    told: set[Location] = set()
    doubtful: dict[Location, Finding] = {}
    # A secret is told where it is given away, which may be in another file than the sink.
    for sink in sinks(index, rule.kind, rule.places, everywhere=rule.source != "remote"):
        location = Location(sink.function.file.path, sink.region)
        confidence = None
        if rule.weigh is not None:
            confidence = rule.weigh(index, sink)
            if confidence is None:
                continue
        if location in told:
            continue
        shape = _SHAPES.get(sink.shape, Shape.TEXT)
        tracer = tracers.get(shape)
        if tracer is None:
            sources = None
            if rule.source != "remote":
                only = rule.source == "credential"
                sources = SecretSources(index, rule.kind, credentials_only=only)
            # Columns hold texts and numbers, whatever objects a client sends.
            kept = rule.kept and rule.source == "remote" and shape in TEXTS
            tracer = tracers[shape] = Tracer(index, rule.kind, shape, sources, through_tables=kept)
        if _is_sent_guarded(index, tracer, sink):
            continue
        wanted = _wanted(index, rule, sink)
        flows = (
            flow
            for flow in _flows(index, tracer, sink, wanted)
            if (wanted is None or flow.origin in wanted)
            and not _is_refused(index, sink, flow)
            and not is_switched_off(index, sink, flow)
            and not ("program" in sink.row.roles and is_plain_argument(flow))
        )
        for place, found in _placed(index, flows, location):
            if place in told:
                continue
            finding = _finding(index, rule, sink, location, place, found, confidence)
            if found.origin not in _CERTAIN:
                doubtful.setdefault(place, finding)
                continue
            told.add(place)
            yield finding
    yield from (finding for place, finding in doubtful.items() if place not in told)
    if rule.beside is not None:
        yield from rule.beside(index)


def _placed(
    index: ProjectIndex, flows: Iterator[Flow], location: Location
) -> Iterator[tuple[Location, Flow]]:
    """The worst flows, each with its place: the sink, but for a secret where it is given away.

    A function through which all of a project writes its log is nobody's mistake. One search finds
    secrets or what others decide, never both.
    """
    first: dict[tuple[Origin, SourceKind], Flow] = {}
    for flow in flows:
        if flow.origin is Origin.SECRET:
            yield flow.entry or location, flow
        elif flow.origin is Origin.REMOTE and not flow.is_kept:
            yield location, flow
            return
        else:
            first.setdefault((flow.origin, _decided_by(index, flow)), flow)
    for kind in _RANKED:
        if kind in first:
            yield location, first[kind]
            return


def _decided_by(index: ProjectIndex, flow: Flow) -> SourceKind:
    if flow.origin is Origin.REMOTE:
        return SourceKind.STORED if flow.is_kept else SourceKind.REQUEST
    if flow.origin is Origin.PARAMETER:
        function = flow.function
        # Of an object, such as a service that is handed in, its class says what it holds.
        is_data = (
            type(function.fact.values[flow.value]) is v.Parameter
            and not flow.fields
            and not any(
                isinstance(known, ClassReference)
                for known in index.resolver.references(function, flow.value)
            )
        )
        public = is_data and index.shared(Visibility).is_public(function)
        return SourceKind.CALLER if public else SourceKind.UNKNOWN
    return _KINDS.get(flow.origin, SourceKind.UNKNOWN)


def _is_ordinary(sink: Sink) -> bool:
    """The place is found in most programs, and only data of a request makes it worth a word."""
    return bool(sink.row.attributes.get("ordinary")) or sink.shape == "limit" or bool(sink.fields)


def _is_sent_guarded(index: ProjectIndex, tracer: Tracer, sink: Sink) -> bool:
    """What sends the request looks itself at each address that it connects to."""
    if sink.call < 0 or "sent-by" not in sink.row.attributes:
        return False
    match = Match(sink.row, "", sink.function, sink.call)
    return Senders(index, tracer.guards.examinations).are_guarded(match)


def _is_refused(index: ProjectIndex, sink: Sink, flow: Flow) -> bool:
    """What is called there looks itself at what comes from such a place."""
    refused: list[str] = sink.row.attributes.get("refuses", [])
    if not refused:
        return False
    value = flow.function.fact.values[flow.value]
    named = value.callee if type(value) is v.Invoke else flow.value
    return any(
        name == each or name.startswith(f"{each}.")
        for name in index.resolver.names(flow.function, named)
        for each in refused
    )


def _wanted(index: ProjectIndex, rule: TaintRule, sink: Sink) -> tuple[Origin, ...] | None:
    """The origins that are told of a sink, None if it is most of them."""
    if rule.source != "remote":
        return (Origin.SECRET,)
    if _is_ordinary(sink) or not index.wants_doubts(sink.function.file):
        return (Origin.REMOTE,)
    return None


def _flows(
    index: ProjectIndex, tracer: Tracer, sink: Sink, wanted: tuple[Origin, ...] | None
) -> Iterator[Flow]:
    shape = sink.shape
    holes = _HOLES.get(shape)
    if holes is not None and not sink.fields:
        for hole in holes(index, sink):
            use = (
                hole.use(sink.context, sink.region.start)
                if hole.function is sink.function
                else hole.use()
            )
            parsed = shape == "limit"
            for flow in tracer.flows(
                hole.function,
                hole.value,
                use=use,
                frame=hole.frame,
                parsed=parsed,
                wanted=wanted,
            ):
                if shape != "host" or not _is_configuration(flow):
                    yield flow
        return
    fields: tuple[str, ...] = ()
    if shape in ("deep", "object"):
        fields = (ALL_FIELDS,)
    elif shape == "keys":
        fields = ("#",)
    elif shape == "whole" or sink.row.attributes.get("elements"):
        fields = ("*",)
    flows = tracer.flows(
        sink.function,
        sink.value,
        use=Use(sink.context, sink.region.start),
        fields=(*sink.fields, *fields),
        parsed=bool(sink.row.attributes.get("coerces")),
        wanted=wanted,
    )
    if shape == "whole":
        yield from (flow for flow in flows if _is_whole(flow))
    elif shape == "markup" or sink.row.attributes.get("sniffed"):
        if not is_other_content(index, sink.function):
            is_text = shape == "markup"
            yield from (flow for flow in flows if not is_text or is_markup(index, sink, flow))
    else:
        yield from (flow for flow in flows if shape != "host" or not _is_configuration(flow))


def _is_configuration(flow: Flow) -> bool:
    """Hosts are configured, and what nobody knows mostly is configuration."""
    value = flow.function.fact.values[flow.value]
    return flow.origin in (Origin.TRUSTED, Origin.UNKNOWN) or (
        flow.origin is Origin.PARAMETER and type(value) is v.Global
    )


def _open_holes(index: ProjectIndex, sink: Sink) -> Iterator[TextHole]:
    """The holes of an address that can decide its host."""
    for form in texts(index, sink.function, sink.value):
        yield from host_holes(form)


def _leading_holes(index: ProjectIndex, sink: Sink) -> Iterator[TextHole]:
    """The holes that a text begins with."""
    for form in texts(index, sink.function, sink.value):
        if form.pieces and not isinstance(form.pieces[0], str):
            yield form.pieces[0]


def _bare_holes(index: ProjectIndex, sink: Sink) -> Iterator[TextHole]:
    """The holes of a name that is nothing else: `f"{kind}Form"` is one of few."""
    for form in texts(index, sink.function, sink.value):
        if form.pieces and not any(isinstance(form.pieces[at], str) for at in (0, -1)):
            yield from form.holes[:1]


def _head_holes(index: ProjectIndex, sink: Sink) -> Iterator[TextHole]:
    """The holes of a message that stand before the blank line that ends its headers."""
    for form in texts(index, sink.function, sink.value):
        for piece in form.pieces:
            if isinstance(piece, str):
                if _BLANK_LINE.search(piece):
                    break
            else:
                yield piece


_HOLES = {
    "host": _open_holes,
    "leading": _leading_holes,
    "bare": _bare_holes,
    "head": _head_holes,
    "limit": limit_holes,
}


def _is_whole(flow: Flow) -> bool:
    """The client names the fields: of what it sent, none is taken by name or put under one."""
    return flow.fields[:1] in (("*",), (ALL_FIELDS,))


def _finding(
    index: ProjectIndex,
    rule: TaintRule,
    sink: Sink,
    location: Location,
    place: Location,
    flow: Flow,
    weighed: Confidence | None,
) -> Finding:
    steps = list(flow.steps)
    if not steps or steps[-1].location != location:
        steps.append(Step(location, rule.arrives))
    else:
        steps[-1] = Step(location, f"{steps[-1].message}, {rule.arrives}")
    if flow.origin is Origin.SECRET:
        message = f"`{flow.name}`, by its name a secret, {rule.what}, {rule.why}. {rule.cure}"
        return Finding(rule.name, place, message, flow=tuple(steps))
    if flow.origin is Origin.REMOTE:
        subject = "Data of the request"
        if flow.row is not None:
            subject = flow.row.attributes.get("subject", subject)
        decided_by = _decided_by(index, flow)
        if decided_by is SourceKind.STORED:
            subject = "Data of requests that the database kept"
        message = f"{subject} {rule.what}, {rule.why}. {rule.cure}"
        stated = sink.row.attributes.get("confidence")
        confidence = weighed or (Confidence[stated.upper()] if stated else rule.confidence)
        # Whether it is this record is not known, and administrators are believed rather.
        doubts = (
            decided_by is SourceKind.STORED,
            index.shared(Administration).reaches(flow.function),
        )
        confidence = Confidence(max(Confidence.LOW, confidence - sum(doubts)))
        return Finding(
            rule.name,
            location,
            message,
            confidence=confidence,
            flow=tuple(steps),
            decided_by=decided_by,
        )
    subject, condition = _doubtful(flow)
    why = rule.why.removeprefix("so ")
    message = f"{subject} {rule.what}; {condition}, {why}. {rule.cure}"
    return Finding(
        rule.name,
        location,
        message,
        severity=Severity.NOTE if flow.origin is Origin.TRUSTED else Severity.WARNING,
        confidence=Confidence.LOW,
        flow=tuple(steps),
        decided_by=_decided_by(index, flow),
    )


def _doubtful(flow: Flow) -> tuple[str, str]:
    if flow.origin is Origin.TRUSTED:
        return "Configuration or an argument of the program", "should others decide it"
    if flow.origin is Origin.PARAMETER:
        value = flow.function.fact.values[flow.value]
        if type(value) is v.Parameter:
            name = flow.function.fact.parameters[value.index].name
            return f"The parameter `{name}`", "should it hold user input"
    return "A value of unknown origin", "should it hold user input"
