"""SQL text is built from data that should travel as a bound value."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.sites import Site, sites
from backend_lint.dataflow.sources import Origin
from backend_lint.dataflow.texts import TextForm, TextHole
from backend_lint.dataflow.trace import Flow, Tracer
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.paths import is_low_stakes_path
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import ClassReference
from backend_lint.sql.template import (
    HoleKind,
    begins_like_sql,
    hole_kind,
    is_inside_quotes,
    is_sql,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.states import State
    from backend_lint.index import ProjectIndex

_CURE = {
    HoleKind.VALUE: "Put a placeholder there and pass the value as a bound parameter.",
    HoleKind.IDENTIFIER: "Names cannot be bound: choose from a fixed list of allowed names.",
    HoleKind.FRAGMENT: "Build the statement from constant text and bind the values.",
}


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at every SQL text that reaches a database."""
    tracer = Tracer(index, "sql")
    told: set[Location] = set()
    places: set[Location] = set()
    for concept in ("sql-execution", "sql-fragment"):
        for match in index.matches(concept):
            for site in sites(index, match):
                finding = _judge_site(tracer, match, site, told)
                # A wrapper's call may be recognised by its name and its text, too.
                if finding is not None and not (site.is_wrapped and finding.location in places):
                    places.add(finding.location)
                    yield finding


def _judge_site(tracer: Tracer, match: Match, site: Site, told: set[Location]) -> Finding | None:
    """The worst finding of a call; holes of texts that an earlier call ran are `told` already."""
    best: tuple[int, Finding] | None = None
    written = site.function.fact.values[site.value]
    if isinstance(written, v.Text) and written.style == "tagged":
        return None  # the tag binds what stands in the holes
    if not match.certain and not any(begins_like_sql(form.leading()) for form in site.forms):
        return None  # who runs it is known by one of its texts alone, and this is another
    for form in site.forms:
        for position, hole in enumerate(form.pieces):
            if not isinstance(hole, TextHole) or hole.conversion in ("d", "f"):
                continue
            place = Location(hole.function.file.path, hole.region)
            if match.row.concept == "sql-fragment" and place in told:
                continue
            judged = _judge_hole(tracer, match, site, form, position)
            if judged is not None:
                told.add(place)
            if judged is not None and (best is None or judged[0] > best[0]):
                best = judged
    return None if best is None else best[1]


def _judge_hole(
    tracer: Tracer, match: Match, site: Site, form: TextForm, position: int
) -> tuple[int, Finding] | None:
    hole = form.pieces[position]
    if not isinstance(hole, TextHole) or (len(form.pieces) == 1 and _is_record(tracer.index, hole)):
        return None
    context, place = site.use_in(hole.function, match)
    use = hole.use(context, place)
    before = _plain(form.pieces[:position])
    found = tracer.flows(hole.function, hole.value, use=use, frame=hole.frame)
    flows = [flow for flow in found if not _is_quoted(tracer.index, flow, before)]
    if is_inside_quotes(before):
        flows = [flow for flow in flows if not _doubles_quotes(tracer.index, flow)]
    kind = _kind(match, form, position)
    remote = next((flow for flow in flows if flow.origin is Origin.REMOTE), None)
    if remote is not None:
        what = f"Data of the request becomes part of {_described(kind)} of this SQL text"
        why = "so a client can change the statement"
        return 3, _finding(match, site, hole, f"{what}, {why}. {_CURE[kind]}", remote)
    if not _is_statement(match, form):
        return None
    if kind is not HoleKind.VALUE:
        return _name_of_unknown_origin(match, site, hole, kind, flows)
    open_end = next((f for f in flows if f.origin is Origin.PARAMETER), None)
    if open_end is not None:
        name = _parameter_name(open_end)
        what = f"The value of `{name}` is put into this SQL text instead of being bound"
        why = "so a caller who passes on user input opens the database"
        finding = _finding(match, site, hole, f"{what}, {why}. {_CURE[kind]}", open_end)
        return 2, _weaker(finding, _confidence_without_request(site))
    doubtful = (Origin.UNKNOWN, Origin.LIMIT, Origin.TRUSTED)
    unknown = next((flow for flow in flows if flow.origin in doubtful), None)
    if unknown is not None:
        what = "A value of unknown origin is put into this SQL text instead of being bound"
        finding = _finding(match, site, hole, f"{what}. {_CURE[kind]}", unknown)
        # What a caller takes from an object that a library hands to it is as a request's.
        given = next((flow for flow in flows if _is_handed_in(tracer, flow)), None)
        if given is not None:
            finding = _finding(match, site, hole, f"{what}. {_CURE[kind]}", given)
            return 2, _weaker(finding, _confidence_without_request(site))
        return 1, _weaker(finding, Confidence.LOW)
    return None


def _confidence_without_request(site: Site) -> Confidence:
    """What runs once, started by a person, is given what that person or the database has."""
    return Confidence.LOW if is_low_stakes_path(site.function.file.path) else Confidence.MEDIUM


def _is_record(index: ProjectIndex, hole: TextHole) -> bool:
    """An object with the values to look for, of which the library makes the text: `Where(user)`."""
    known = index.resolver.references(hole.function, hole.value)
    return bool(known) and all(
        isinstance(each, ClassReference) and each.instance and each.fact.kind == "struct"
        for each in known
    )


def _doubles_quotes(index: ProjectIndex, flow: Flow) -> bool:
    """On its way, every single quote in the data became two, which end no literal."""
    return any(quote == "'" for _, quote in _doubled(index, flow))


def _is_quoted(index: ProjectIndex, flow: Flow, before: str) -> bool:
    """The data is put between quotes, on its way or behind a text, with those in it doubled."""
    way = [(state.function, state.at) for state in flow.states()]
    for state, quote in _doubled(index, flow):
        if before.endswith(quote):
            return True
        values = state.function.fact.values
        for function, at in way:
            value = values[at] if function is state.function else None
            parts: tuple[int, ...] = ()
            if type(value) is v.Text:
                parts = value.parts
            elif type(value) is v.Compute and value.operator == "+":
                parts = value.operands
            for ahead, part in pairwise(parts):
                constant, held = values[ahead], values[part]
                inner = held.value if type(held) is v.Hole else part
                if inner == state.at and str(getattr(constant, "value", "")).endswith(quote):
                    return True
    return False


def _doubled(index: ProjectIndex, flow: Flow) -> Iterator[tuple[State, str]]:
    """Where every quote of a sort in the data becomes two."""
    for state in flow.states():
        for match in index.concepts_of(state.function, state.at):
            if match.row.concept == "quote-doubling" and applies(index, match):
                yield state, match.attributes.get("quote", "'")


def _is_handed_in(tracer: Tracer, flow: Flow) -> bool:
    value = flow.function.fact.values[flow.value]
    if flow.origin is not Origin.UNKNOWN or flow.hops == 0 or not isinstance(value, v.Parameter):
        return False
    # Of an object that the models know, they say which parts are a request's.
    resolver = tracer.index.resolver
    types = resolver.models(flow.function).types
    names = resolver.names(flow.function, flow.value)
    return bool(names) and not any(name in types for name in names)


def _name_of_unknown_origin(
    match: Match, site: Site, hole: TextHole, kind: HoleKind, flows: list[Flow]
) -> tuple[int, Finding] | None:
    # A table or column handed from function to function is how query helpers are written.
    doubtful = (Origin.PARAMETER, Origin.UNKNOWN, Origin.LIMIT)
    flow = next((flow for flow in flows if flow.origin in doubtful), None)
    if flow is None:
        return None
    what = f"{_described(kind).capitalize()} of this SQL text comes from outside of the function"
    finding = _finding(match, site, hole, f"{what}, unchecked. {_CURE[kind]}", flow)
    return 0, _weaker(finding, Confidence.LOW)


def _plain(pieces: tuple[object, ...]) -> str:
    return "".join(piece if isinstance(piece, str) else "hole" for piece in pieces)


def _kind(match: Match, form: TextForm, position: int) -> HoleKind:
    before, after = _plain(form.pieces[:position]), _plain(form.pieces[position + 1 :])
    place = match.attributes.get("position")
    if not before and not after:
        return HoleKind.IDENTIFIER if place in ("order", "identifier") else HoleKind.FRAGMENT
    if place == "order":
        return HoleKind.IDENTIFIER
    return hole_kind(before, after)


def _is_statement(match: Match, form: TextForm) -> bool:
    if match.row.concept == "sql-fragment" and match.attributes.get("position") != "statement":
        return bool(form.leading())
    return is_sql(form.filled("hole"))


def _described(kind: HoleKind) -> str:
    return {
        HoleKind.VALUE: "a value",
        HoleKind.IDENTIFIER: "a name",
        HoleKind.FRAGMENT: "the text",
    }[kind]


def _parameter_name(flow: Flow) -> str:
    value = flow.function.fact.values[flow.value]
    if isinstance(value, v.Parameter):
        return flow.function.fact.parameters[value.index].name
    return value.name if isinstance(value, v.Global) else "a parameter"


def _finding(match: Match, site: Site, hole: TextHole, message: str, flow: Flow) -> Finding:
    location = Location(site.function.file.path, site.region)
    sink = Location(match.function.file.path, match.region_of("sql"))
    steps = list(flow.steps)
    for place, words in (
        (Location(hole.function.file.path, hole.region), "put into the SQL text"),
        (location, "handed over as SQL" if site.is_wrapped else "runs as SQL"),
        (sink, "runs as SQL"),
    ):
        if not steps or steps[-1].location != place:
            steps.append(Step(place, words))
    return Finding("sql-injection", location, message, flow=tuple(steps))


def _weaker(finding: Finding, confidence: Confidence) -> Finding:
    return Finding(
        finding.rule,
        finding.location,
        finding.message,
        severity=Severity.WARNING,
        confidence=confidence,
        flow=finding.flow,
    )


RULE = Rule(
    name="sql-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=9.8,
    cwe=(89,),
    owasp=("API8", "ASVS-5.3.4"),
    checklist=("parameterized-queries", "orm-escape-hatches"),
    judge=judge,
)
