"""All fields that others send are stored, whatever they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.sinks import sinks
from backend_lint.dataflow.sources import Origin, Shape
from backend_lint.dataflow.trace import Flow, Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.models.library import load
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import ClassReference
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_MESSAGE = (
    "All fields that the client sends are stored, so it can set those meant for others, such as "
    "its role. Take the fields that clients may set by name."
)
_ALL = "__all__"
# Fields that decide what somebody may do or has.
_PRIVILEGED = re.compile(
    r"(?i)(?:is_?)?(?:admin|superuser|staff|verified|approved)|roles?|role_?id|permissions?|"
    r"privileges?|balance|credits?|owner_?id|tenant_?id|(?:hashed_?)?password|password_?hash"
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at records that are written, and at those that are made of a whole mapping."""
    tracer = Tracer(index, "mass", Shape.WHOLE)
    told: set[Location] = set()
    for function, value, region, use in _written(index):
        if not index.is_asked(function.file):
            continue
        location = Location(function.file.path, region)
        if location in told:
            continue
        flow = _whole(index, tracer, function, value, use)
        if flow is not None:
            told.add(location)
            yield _finding(location, flow)
    by_name = Tracer(index, "mass")
    for sink in sinks(index, "mass"):
        location = Location(sink.function.file.path, sink.region)
        use = Use(sink.context, sink.region.start)
        if location in told:
            continue
        if sink.shape == "whole":
            flow = _whole(index, tracer, sink.function, sink.value, use)
        else:
            flows = by_name.flows(sink.function, sink.value, use=use)
            flow = next((flow for flow in flows if flow.origin is Origin.REMOTE), None)
        if flow is not None:
            told.add(location)
            yield _finding(location, flow)
    yield from _forms(index)


def _finding(location: Location, flow: Flow) -> Finding:
    steps = flow.steps
    if not steps or steps[-1].location != location:
        steps = (*steps, Step(location, "is stored as a whole"))
    return Finding("mass-assignment", location, _MESSAGE, flow=steps)


def _forms(index: ProjectIndex) -> Iterator[Finding]:
    """Look at classes that let a request set all fields of a record, privileged ones among them."""
    for file in index.files.values():
        models = load(file.family)
        if not models.concept_rows("form-class"):
            continue
        for number, fact in enumerate(file.facts.classes):
            bases = index.resolver.classes.api_bases(ClassReference(file, number))
            row = next(
                (
                    row
                    for base in bases
                    for row in models.rows_of(base)
                    if row.concept == "form-class"
                ),
                None,
            )
            if row is None:
                continue
            for field in fact.fields:
                value = file.functions[fact.scope].fact.values[field.value]
                if (
                    field.name == row.attributes["inner"]
                    and field.value >= 0
                    and type(value) is v.ClassValue
                ):
                    for finding in _form(index, ClassReference(file, value.index), row.attributes):
                        data = row.attributes.get("data", "")
                        if not index.shared(_Uses).only_shows(fact.name, data):
                            yield finding


class _Uses:
    """What is done with classes, by their names: the calls that make objects, and who has them."""

    def __init__(self, index: ProjectIndex) -> None:
        self._made: dict[str, list[v.Invoke]] = {}
        for _, _, call, callee in index.calls():
            self._made.setdefault(getattr(callee, "name", ""), []).append(call)
        # `serializer_class = BookSerializer`, and what functions give back
        self._given = {
            getattr(file.functions[fact.scope].fact.values[field.value], "name", "")
            for file in index.files.values()
            for fact in file.facts.classes
            for field in fact.fields
            if field.value >= 0
        } | {
            getattr(function.fact.values[result.value], "name", "")
            for function in index.all_functions
            for result in function.fact.returns
        }

    def only_shows(self, name: str, data: str) -> bool:
        """Objects of a class are made, all of them without data, and no view is given the class."""
        made = self._made.get(name, ())
        return (
            bool(data)
            and bool(made)
            and all(data not in call.names and call.names.count("") < 2 for call in made)
            and name not in self._given
        )


def _form(index: ProjectIndex, inner: ClassReference, words: dict[str, str]) -> Iterator[Finding]:
    scope = inner.file.functions[inner.fact.scope]
    given = {field.name: field for field in inner.fact.fields if field.value >= 0}
    fields, excluded = given.get(words["fields"]), given.get(words["excluded"])
    place = excluded
    if fields is not None:
        value = scope.fact.values[fields.value]
        place = fields if getattr(value, "value", None) == _ALL else None
    record = given.get(words["record"])
    if place is None or record is None:
        return
    left_out = {
        name
        for word in ("excluded", "unset")
        if words.get(word) in given
        for name in _texts(scope, given[words[word]].value)
    }
    for reference in index.resolver.references(scope, record.value):
        if isinstance(reference, ClassReference):
            for field in reference.fact.fields:
                if _PRIVILEGED.fullmatch(field.name) and field.name not in left_out:
                    location = Location(inner.file.path, Region(place.start, place.end))
                    yield Finding(
                        "mass-assignment",
                        location,
                        f"A request can set all fields of `{reference.fact.name}`, `{field.name}` "
                        "among them, which is meant for others. Name the fields that clients may "
                        "set.",
                    )
                    return


def _texts(scope: FunctionNode, at: int) -> Iterator[str]:
    value = scope.fact.values[at]
    for element in value.elements if type(value) is v.Listing else ():
        constant = scope.fact.values[element]
        if type(constant) is v.Constant:
            yield str(constant.value)


def _written(index: ProjectIndex) -> Iterator[tuple[FunctionNode, int, Region, Use]]:
    """What becomes the fields of a record: function, value, where it is given, its use."""
    for match in index.asked_matches("record-write"):
        call = match.call
        for value, region in match.located("record"):
            name = next((n for a, n in zip(call.args, call.names, strict=True) if a == value), "")
            if name in ("", "**"):
                yield match.function, value, region, Use(call.context, call.start)
    for function, _, made, _ in index.calls():
        if "**" not in made.names:
            continue
        references = index.resolver.references(function, made.callee)
        if any(is_record_type(index, function, reference) for reference in references):
            at = made.names.index("**")
            region = Region(made.spans[2 * at], made.spans[2 * at + 1])
            yield function, made.args[at], region, Use(made.context, made.start)


def _whole(
    index: ProjectIndex, tracer: Tracer, function: FunctionNode, value: int, use: Use
) -> Flow | None:
    """The flow of a whole object of the request, whose fields nobody chose."""
    for flow in tracer.flows(function, value, use=use, wanted=(Origin.REMOTE,)):
        if flow.origin is not Origin.REMOTE or flow.fields:
            continue
        if _declares_fields(index, flow, function, value):
            continue
        return flow
    return None


def _declares_fields(index: ProjectIndex, flow: Flow, function: FunctionNode, value: int) -> bool:
    """A class says which fields there are, and it is not the record's own with privileges."""
    references = index.resolver.references(flow.function, flow.value)
    classes = [reference for reference in references if isinstance(reference, ClassReference)]
    written = index.resolver.references(function, value)
    return bool(classes) and not any(
        _PRIVILEGED.fullmatch(field.name) and 'json:"-"' not in field.tag
        for reference in classes
        if reference in written
        for field in reference.fact.fields
    )


RULE = Rule(
    name="mass-assignment",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=7.1,
    cwe=(915,),
    owasp=("API3", "ASVS-5.1.2"),
    checklist=("no-mass-assignment",),
    judge=judge,
)
