"""What of a request a value is, told alike in every function that reads it.

`req.query.sort` in a middleware and `sort` of `const { sort } = req.query` in a handler are one
thing, and so are a parameter of a handler and the argument of that name in a decorator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backend_lint.dataflow.dependence import ACCESSORS, made_of
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 6
PARAMETERS = "parameters"
"""Where parameters of the path are that a handler has as its own."""

Part: TypeAlias = tuple[str, tuple[str, ...]]
"""A canonical name, or `PARAMETERS`, and the names that are taken from what it stands for."""


class Requested:
    """Names parts of requests."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._parts: dict[tuple[tuple[str, int], int], Part | None] = {}
        self._read: dict[tuple[object, ...], dict[Part, list[int]]] = {}

    def is_same(self, function: FunctionNode, one: int, other: int) -> bool:
        """Two values of a function are the same named part of a request."""
        part = self.told(function, one)
        return part is not None and bool(part[1]) and part == self.told(function, other)

    def holds(self, function: FunctionNode, at: int) -> bool:
        """A value is made of what this function reads of a request."""
        return any(
            isinstance(value, (v.Member, v.Item, v.Invoke))
            and any(row.concept == "remote-input" for row, _ in self.index.rows(function, inner))
            for inner, value in made_of(function, at)
        )

    def told(self, function: FunctionNode, at: int) -> Part | None:
        """The part of a request that a value is, remembered."""
        key = (function.key, at)
        if key not in self._parts:
            self._parts[key] = self.part(function, at)
        return self._parts[key]

    def part(
        self, function: FunctionNode, at: int, layer: Layer | None = None, depth: int = 0
    ) -> Part | None:
        """What part of a request a value is as it was sent; None if it is none."""
        value = function.fact.values[at]
        if depth > MAX_DEPTH:
            return None
        if type(value) is v.Parameter:
            return self._handed(function, value.index, layer) or (
                self._parameter(function, value.index)
            )
        if type(value) is v.Invoke:
            named, arguments = value.callee, value.args
        elif isinstance(value, (v.Member, v.Item)):
            named, arguments = at, ()
        elif type(value) is v.Updated:
            return self.part(function, value.base, layer, depth + 1)
        else:
            return None
        for row, name in self.index.rows(function, named):
            # A row for some kinds says how they read it, not what part it is, unless it says so.
            if (
                row.concept == "remote-input"
                and "target" not in row.roles
                and (not row.kinds or "reads" in row.attributes)
            ):
                taken = [self._name(function, arg, layer) for arg in arguments]
                source = row.attributes.get("reads", name)
                if row.attributes.get("path-parameters"):
                    source = PARAMETERS
                # `URLParam(request, "name")`: the name is the first text among the arguments.
                return source, tuple([name for name in taken if name][:1])
        return self._taken(function, value, layer, depth)

    def _taken(
        self, function: FunctionNode, value: v.Value, layer: Layer | None, depth: int
    ) -> Part | None:
        if type(value) is v.Member:
            base, field = value.base, value.name
        elif type(value) is v.Item:
            base, field = value.base, self._name(function, value.key, layer)
        elif type(value) is v.Invoke and value.args:
            callee = function.fact.values[value.callee]
            if type(callee) is not v.Member or callee.name not in ACCESSORS:
                return None
            base, field = callee.base, self._name(function, value.args[0], layer)
        else:
            return None
        whole = self.part(function, base, layer, depth + 1) if field else None
        return None if whole is None else (whole[0], (*whole[1], field))

    def _handed(self, function: FunctionNode, position: int, layer: Layer | None) -> Part | None:
        """The part of the request that a layer is handed by itself: `(req, res, next, id)`."""
        if layer is None or position != layer.form.get("given") or function not in layer.runs:
            return None
        for match in self.index.concepts_of(layer.function, layer.form.get("by", -1)):
            for at in match.values("given"):
                name = self._name(layer.function, at, None)
                if name:
                    return layer.form["reads"], (name,)
        return None

    def _parameter(self, function: FunctionNode, position: int) -> Part | None:
        parameter = function.fact.parameters[position]
        for decorator in parameter.decorators:
            call = function.fact.values[decorator]
            callee = call.callee if type(call) is v.Invoke else decorator
            for row, _ in self.index.rows(function, callee):
                if row.concept == "remote-parameter" and "reads" in row.attributes:
                    first = call.args[:1] if type(call) is v.Invoke else ()
                    names = [self._name(function, arg, None) for arg in first]
                    return row.attributes["reads"], tuple(name for name in names if name)
        return PARAMETERS, (() if parameter.kind else (parameter.name,))

    def _name(self, function: FunctionNode, at: int, layer: Layer | None) -> str:
        """A constant, or what the function that made the layer was given for it."""
        value = function.fact.values[at]
        if type(value) is v.Constant:
            return str(value.value) if isinstance(value.value, str) else ""
        if layer is None or type(value) is not v.Captured:
            return ""
        argument = self.argument(function, at, layer)
        if argument is None:
            return ""
        given = argument[0].fact.values[argument[1]]
        return str(given.value) if type(given) is v.Constant else ""

    def argument(
        self, function: FunctionNode, at: int, layer: Layer
    ) -> tuple[FunctionNode, int] | None:
        """What the call that made a layer gives for a variable of the function that it calls."""
        made = layer.function.fact.values[layer.at] if layer.at >= 0 else None
        while type(made) is v.Invoke:  # `validate(schema)(handler)` is one of another
            targets = self.index.targets(layer.function, made)
            for owner, other in aliases(self.index, function, at):
                parameter = owner.fact.values[other]
                if type(parameter) is v.Parameter and any(owner is made_by for made_by in targets):
                    argument, field = self.index.argument_for(made, owner, parameter.index)
                    if argument >= 0 and not field:
                        return layer.function, argument
            made = layer.function.fact.values[made.callee]
        return None

    def read(self, function: FunctionNode, part: Part, layer: Layer) -> list[int]:
        """The values of a function of a layer that are a part of the request."""
        key = (function.key, layer.function.key, layer.at)
        known = self._read.get(key)
        if known is None:
            known = self._read[key] = {}
            for at, value in enumerate(function.fact.values):
                if isinstance(value, (v.Member, v.Item, v.Invoke, v.Parameter)):
                    found = self.part(function, at, layer)
                    if found is not None:
                        known.setdefault(found, []).append(at)
        return known.get(part, [])
