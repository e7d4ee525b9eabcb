"""Calls that check data against a schema, and what is known of it where they came out well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.dataflow.checks.schemas import Schemas
    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.dataflow.routing.requested import Part
    from backend_lint.dataflow.uses import Use
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 4


class Validations:
    """Tells what schemas vouch for, for one taint kind."""

    def __init__(self, index: ProjectIndex, guards: Guards, schemas: Schemas) -> None:
        self.index = index
        self.guards = guards
        self.schemas = schemas

    def hold(self, function: FunctionNode, at: int, path: tuple[str, ...], use: Use) -> bool:
        """A schema vouches for what is taken from a value at a use of it."""
        if type(function.fact.values[at]) is v.Invoke:
            for match in self.index.concepts_of(function, at):
                if match.row.concept == "validation" and "data" in match.attributes:
                    return self._gives(match, path)
        for match in self.index.matches_in(function, "validation"):
            for below in _inputs(match, at):
                if self._came_out_well(match, use) and self._vouches(match, (*below, *path), None):
                    return True
        return False

    def _gives(self, match: Match, path: tuple[str, ...]) -> bool:
        data = match.attributes["data"]
        if data and path[:1] != (data,):
            return False
        wanted = path[1:] if data else path
        return bool(wanted) and self._vouches(match, wanted, None)

    def hold_part(self, function: FunctionNode, part: Part, layer: Layer, use: Use) -> bool:
        """A schema vouches for a part of the request where a layer lets the request through."""
        for match in self.index.matches_in(function, "validation"):
            if self._came_out_well(match, use):
                for path in self._paths(match, part, layer):
                    if self._vouches(match, path, layer):
                        return True
        return False

    def _paths(self, match: Match, part: Part, layer: Layer) -> Iterator[tuple[str, ...]]:
        """Where in what a call checks a part of the request stands."""
        function = match.function
        source, path = part
        requested = self.schemas.requested
        for length in range(len(path) + 1):
            for at in requested.read(function, (source, path[:length]), layer):
                for below in _inputs(match, at):
                    yield (*below, *path[length:])
        # All of the request, or some parts of it under their names.
        if any(
            type(value) is v.Parameter and value.index == 0
            for given in match.values("input")
            for _, value in made_of(function, given)
        ):
            yield (source.rpartition(".")[2], *path)

    def _vouches(self, match: Match, path: tuple[str, ...], layer: Layer | None) -> bool:
        return any(
            self.schemas.declares(owner, at, (*within, *path))
            for owner, at, within in self.schemas.schemas_of(match, layer)
        )

    def came_out_well(self, function: FunctionNode, use: Use) -> bool:
        """Control is at a use only if nothing was wrong with the fields of the request."""
        return any(
            self._came_out_well(match, use)
            for match in self.index.matches_in(function, "validation-outcome")
        )

    def is_asked(self, function: FunctionNode) -> bool:
        """A function goes another way if something was wrong with the fields of the request."""
        for match in self.index.matches_in(function, "validation-outcome"):
            if match.attributes.get("raises") or any(
                match.index in [at for at, _ in made_of(function, context.value)]
                for context in function.fact.contexts
                if context.kind in ("if", "unless")
            ):
                return True
        return False

    def notes(self, layer: Layer, part: Part) -> bool:
        """A layer notes what is wrong with a part of the request, if it may carry harm."""
        function, (source, path) = layer.function, part
        if layer.at < 0:
            return False
        if any(
            match.attributes.get("open") for match in self.index.concepts_of(function, layer.at)
        ):
            return False
        return any(
            type(value) is v.Invoke
            and self._is_field(function, at, source, ".".join(path))
            and self.schemas.declares(function, at, ())
            for at, value in made_of(function, layer.at)
        )

    def _is_field(self, function: FunctionNode, at: int, source: str, name: str) -> bool:
        """A chain of calls begins with the declaration of a field."""
        values = function.fact.values
        current = values[at]
        while type(current) is v.Invoke:
            for match in self.index.concepts_of(function, at):
                if match.row.concept == "field-schema":
                    return source in match.attributes["reads"] and any(
                        name == getattr(values[field], "value", None)
                        for field in match.values("field")
                    )
            callee = values[current.callee]
            if type(callee) is not v.Member:
                return False
            at = callee.base
            current = values[at]
        return False

    def _came_out_well(self, match: Match, use: Use) -> bool:
        if match.attributes.get("raises"):
            return any(
                self.guards.endings.passes(match.function, match.index, context, place)
                for context, place in use.places
            )
        return any(
            self._implies(match, test, positive=outcome)
            for test, outcome in self.guards.outcomes(match.function, use)
        )

    def _implies(self, match: Match, test: int, *, positive: bool, depth: int = 0) -> bool:
        """If a test came out so, the data fits."""
        values = match.function.fact.values
        value = values[test]
        if depth > MAX_DEPTH:
            return False
        if type(value) is v.Compute:
            operator, operands = value.operator, value.operands
            if operator == "not":
                return self._implies(match, operands[0], positive=not positive, depth=depth + 1)
            if operator in ("and", "or"):
                wanted = any if (operator == "and") == positive else all
                return wanted(
                    self._implies(match, operand, positive=positive, depth=depth + 1)
                    for operand in operands
                )
            if operator in ("==", "!=") and len(operands) == 2:
                equal = (operator == "==") == positive
                for one, other in (operands, operands[::-1]):
                    truth = _truth(values[other])
                    if truth is not None:
                        outcome = truth == equal
                        return self._implies(match, one, positive=outcome, depth=depth + 1)
            return False
        known = match.attributes
        if test == match.index:
            return bool(known.get("valid")) if positive else bool(known.get("errors"))
        if type(value) is v.Member:
            base, name = value.base, value.name
        elif type(value) is v.Item:
            key = values[value.key]
            base, name = value.base, str(key.value) if type(key) is v.Constant else ""
        else:
            return False
        return base == match.index and name == known.get("ok" if positive else "error", "")


def _inputs(match: Match, wanted: int) -> Iterator[tuple[str, ...]]:
    """Where in what a call checks a value stands: the empty path, or a name of a mapping."""
    values = match.function.fact.values
    for given in match.values("input"):
        if given == wanted:
            yield ()
        value = values[given]
        if type(value) is v.Record:
            yield from ((name,) for name, item in v.entries(values, value) if item == wanted)


def _truth(value: v.Value) -> bool | None:
    """What a literal counts for in a test; None if it is none that is compared with."""
    if type(value) is v.Constant and (value.value is None or type(value.value) is bool):
        return bool(value.value)
    if type(value) is v.Global and value.name == "undefined":
        return False
    return None
