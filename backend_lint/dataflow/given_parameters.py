"""What frameworks give the parameters of functions from a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.called import Called
from backend_lint.dataflow.routing.field_resolvers import FieldResolvers
from backend_lint.dataflow.routing.filled_methods import FilledMethods
from backend_lint.dataflow.routing.layers import Layers
from backend_lint.dataflow.routing.paths import Paths
from backend_lint.dataflow.routing.routes import Routes
from backend_lint.dataflow.sources import ANY_TYPE, CLEAN, TEXTS, Beginning, Origin, Shape, covers
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.dataflow.origins import Origins
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

SLASH_KINDS = frozenset({"path", "redirect"})
"""Kinds whose harm needs a slash."""
_TEXT_NAMES = frozenset({"string", "String", "any", "unknown"})


class GivenParameters:
    """Tells which parameters hold what a client sent, for one taint kind.

    Args:
        origins: tells what of a request does no harm.
    """

    def __init__(self, origins: Origins) -> None:
        self.origins = origins

    def at(
        self,
        function: FunctionNode,
        at: int,
        value: v.Parameter,
        fields: tuple[str, ...],
        *,
        parsed: bool,
    ) -> Beginning | None:
        """What begins at a parameter, None if the flow goes further back; see `Origins.at`."""
        parameter = function.fact.parameters[value.index]
        models = self.origins.index.resolver.models(function)
        for decorator in parameter.decorators:
            callee = function.fact.values[decorator]
            target = callee.callee if type(callee) is v.Invoke else decorator
            for row, _ in self.origins.index.rows(function, target):
                if row.concept != "remote-parameter":
                    continue
                if type(callee) is v.Invoke and (
                    self._has_sanitizer(function, callee.args)
                    or self._is_piped(function, callee.args, row.attributes.get("pipe", ""))
                ):
                    return CLEAN
                if row.attributes.get("typed") and (
                    self.origins.shape is Shape.OBJECT
                    or self.origins.scalars.annotation(function, parameter.annotation)
                ):
                    return CLEAN
                taken = (*constant_argument(function, callee), *fields)
                if any(
                    self.origins.is_harmless(function, read, taken, parsed=parsed)
                    or (not taken and self._is_object(function, parameter, read))
                    for read in models.rows_of(row.attributes.get("reads", ""))
                ):
                    return CLEAN
                # Else a declared type does not convert what the request holds, a pipe does.
                return (
                    None
                    if self.origins.field_is_scalar(function, at, fields)
                    else (Beginning(Origin.REMOTE, row))
                )
        for reference in self.origins.index.resolver.references(function, at):
            if isinstance(reference, Api) and reference.instance:
                for row in models.rows_of(f"{reference.name}.{fields[0]}") if fields else ():
                    if (
                        row.concept == "remote-input" and not row.kinds
                    ):  # `environ.get("HTTP_HOST")`
                        harmless = self.origins.is_harmless(
                            function, row, fields[1:], parsed=parsed
                        )
                        return CLEAN if harmless else Beginning(Origin.REMOTE, row)
                for row in models.rows_of(reference.name):
                    if row.concept == "remote-input":  # all of an event, say
                        # Of what is taken from it, more may be known.
                        named = f"{reference.name}.{fields[0]}" if fields else ""
                        for part in models.rows_of(named):
                            if self.origins.is_harmless(function, part, fields[1:], parsed=parsed):
                                return CLEAN
                        return Beginning(Origin.REMOTE, row)
        route = self.origins.index.is_decorated(function, "route")
        paths = self.origins.index.shared(Paths)
        if route is None:
            route = paths.registered(function)
        if route is None and models.concept_rows("injection"):
            route = self.origins.index.shared(Routes).dependency(function)
        if route is not None and route.attributes.get("remote-parameters"):
            layers = self.origins.index.shared(Layers)
            is_injected = any(True for _ in layers.injections(function, parameter))
            filled = self._filled(function, parameter) if fields and is_injected else None
            if filled is not None and any(field.name == fields[0] for field in filled.fact.fields):
                harmless = self.origins.scalars.field(filled, fields[0])
                return CLEAN if harmless else Beginning(Origin.REMOTE, route)
            if is_injected or (
                parameter.annotation >= 0
                and self.origins.scalars.annotation(function, parameter.annotation)
            ):
                return None
            if self.origins.scalars.default(function, parameter.default):
                return CLEAN
            known = self.origins.index.resolver.references(function, at)
            if any(isinstance(r, Api) and "." in r.name for r in known):
                return None  # a typed framework object, whose members have rows of their own
            if self.origins.shape not in ANY_TYPE and paths.is_number(function, parameter.name):
                return CLEAN
            if self.origins.kind in SLASH_KINDS and paths.is_segment(function, parameter.name):
                return CLEAN
            if self.origins.field_is_scalar(function, at, fields):
                return CLEAN
            return Beginning(Origin.REMOTE, route)
        field = self.origins.index.shared(FieldResolvers).row(function, value.index)
        if field is not None:
            if self.origins.shape is Shape.OBJECT:
                return CLEAN  # it is of the type, with the fields, that the schema declares
            if self.origins.scalars.annotation(function, parameter.annotation):
                return None
            harmless = self.origins.is_harmless(function, field, fields, parsed=parsed)
            if harmless or self.origins.field_is_scalar(function, at, fields):
                return CLEAN
            return Beginning(Origin.REMOTE, field)
        method = self.origins.index.shared(FilledMethods).row(function, value.index)
        if method is not None:
            harmless = self._is_filled_harmless(function, value.index, method, fields)
            if harmless or self.origins.is_harmless(function, method, fields, parsed=parsed):
                return CLEAN
            return Beginning(Origin.REMOTE, method)
        service = self.origins.index.shared(Called).row(function, value.index)
        if service is None:
            return None
        harmless = self.origins.is_harmless(function, service, fields, parsed=parsed)
        return CLEAN if harmless else Beginning(Origin.REMOTE, service)

    def _is_object(self, function: FunctionNode, parameter: v.ParameterFact, row: Row) -> bool:
        """A parameter is all of a part of the request that is no text, and not declared as one."""
        declared = function.fact.values[parameter.annotation] if parameter.annotation >= 0 else None
        return (
            self.origins.shape in TEXTS
            and bool(row.attributes.get("fields"))
            and getattr(declared, "name", "") not in _TEXT_NAMES
        )

    def _is_filled_harmless(
        self, function: FunctionNode, position: int, row: Row, fields: tuple[str, ...]
    ) -> bool:
        """A class says of what its methods are given that it carries no harm."""
        methods = self.origins.index.shared(FilledMethods)
        if self.origins.shape not in ANY_TYPE and methods.is_word(function, position):
            return True
        if self.origins.kind in SLASH_KINDS and methods.is_segment(function, position):
            return True
        if not row.attributes.get("leaves"):
            return False
        if len(fields) > 1:
            return True  # an object that the framework looked up
        prefix = row.attributes.get("prefix", "")
        name = function.fact.name.removeprefix(prefix) if prefix else "".join(fields[:1])
        # Its fields are those that the class declares, of the types that it says.
        return name in ("", "#", "*") or any(
            self.origins.scalars.field(owner, name) for owner in methods.owners(function)
        )

    def _filled(self, function: FunctionNode, parameter: v.ParameterFact) -> ClassReference | None:
        """The class whose declared fields an injection fills from the request: `Depends(Page)`."""
        resolver = self.origins.index.resolver
        for owner, at in self.origins.index.shared(Layers).injections(function, parameter):
            args = owner.call(at).args
            known = (
                resolver.references(owner, args[0])
                if args
                else resolver.instances(function, parameter.annotation)
            )
            for reference in known:
                if (
                    isinstance(reference, ClassReference)
                    and resolver.classes.method(reference, "__init__") is None
                ):
                    return reference
        return None

    def _is_piped(self, function: FunctionNode, args: tuple[int, ...], method: str) -> bool:
        """A class of the project comes back only with what it checked."""
        resolver = self.origins.index.resolver
        return bool(method) and any(
            self.origins.scalars.guards.checkers.refuses(runner)
            for arg in args
            for reference in resolver.references(function, arg)
            if isinstance(reference, ClassReference)
            for runner in [resolver.classes.method(reference, method)]
            if runner is not None
        )

    def _has_sanitizer(self, function: FunctionNode, args: tuple[int, ...]) -> bool:
        return any(
            row.concept == "sanitizer" and covers(row, self.origins.kind, self.origins.shape)
            for arg in args
            for row, _ in self.origins.index.rows(function, arg)
        )


def constant_argument(function: FunctionNode, value: v.Value) -> tuple[str, ...]:
    """The constant that a call is given: `Param("name")`."""
    first = function.fact.values[value.args[0]] if type(value) is v.Invoke and value.args else None
    return (str(first.value),) if type(first) is v.Constant else ()
