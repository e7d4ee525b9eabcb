"""What a schema says of the fields of the data that it lets through.

A schema is a chain of calls (`string().uuid()`), an object of the fields that such chains declare,
a class with declared fields, or a JSON schema written as an object. A text of any form is no check.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.concepts.match import Match
from backend_lint.dataflow.checks.patterns import is_limit
from backend_lint.dataflow.conditions import applies, places, unchanged
from backend_lint.dataflow.routing.requested import Requested
from backend_lint.dataflow.sources import ANY_TYPE, OBJECTS, Shape
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.dataflow.routing.requested import Part
    from backend_lint.dataflow.scalars import Scalars
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 8
MAX_CHAIN = 20
# What JSON schemas call values that carry no harm, and texts of such forms.
_SCALARS = frozenset({"integer", "number", "boolean", "null"})
_FORMATS = frozenset(
    {"uuid", "date", "date-time", "time", "duration", "ipv4", "ipv6", "email-strict"}
)


class Schemas:
    """Tells which fields of checked data carry no harm, for one taint kind.

    Args:
        index: the linked project.
        scalars: tells types that carry no harm; where texts do none, a declared text is enough.
    """

    def __init__(self, index: ProjectIndex, scalars: Scalars) -> None:
        self.index = index
        self.scalars = scalars
        self.requested = index.shared(Requested)

    def declares(self, function: FunctionNode, at: int, path: tuple[str, ...]) -> bool:
        """What a schema lets through at a path carries no harm."""
        return self.told(function, at, path) is True

    def told(
        self, function: FunctionNode, at: int, path: tuple[str, ...], depth: int = 0
    ) -> bool | None:
        """What a schema lets through at a path carries no harm; None if that cannot be told."""
        if at < 0 or depth > MAX_DEPTH:
            return None
        for owner, other in places(self.index, function, at):
            start = unchanged(owner, other)
            value = owner.fact.values[start]
            found: bool | None = None
            if type(value) is v.Record:
                found = self._record(owner, value, path, depth + 1)
            elif type(value) is v.Invoke:
                found = self._chain(owner, start, path, depth + 1)
                for target in self.index.targets(owner, value):
                    for result in target.fact.returns:
                        found = self.told(target, result.value, path, depth + 1)
            if found is not None:
                return found
            for reference in self.index.resolver.references(owner, other):
                if isinstance(reference, ClassReference) and path:
                    return self.scalars.field(reference, path[0])
        return None

    def _chain(
        self, function: FunctionNode, at: int, path: tuple[str, ...], depth: int
    ) -> bool | None:
        """A chain of calls, from its end: each step may check, declare fields or give up."""
        values = function.fact.values
        current = at
        known = False
        for _ in range(MAX_CHAIN):
            value = values[current]
            if type(value) is not v.Invoke:
                break
            for match in self.index.concepts_of(function, current):
                told = self._step(match, path, depth)
                if told is not None:
                    return told
                known |= match.row.concept == "schema"
            callee = values[value.callee]
            if type(callee) is not v.Member:
                break
            current = unchanged(function, callee.base)
        if not path and self._is_checked(function, current):
            return True
        return False if known else None

    def _is_checked(self, function: FunctionNode, at: int) -> bool:
        return any(
            row.concept == "schema" and self._rules_out(row.attributes)
            for row, _ in self.index.rows(function, at)
        )

    def _rules_out(self, attributes: dict[str, object]) -> bool:
        if self.scalars.shape in ANY_TYPE:
            return False
        return bool(attributes.get("checked") or (attributes.get("text") and self._texts_do_none))

    def _step(self, match: Match, path: tuple[str, ...], depth: int) -> bool | None:
        """What one step of a chain tells; None if one before it has to."""
        if match.row.concept in ("text-limit", "number-limit"):
            limited = self.scalars.is_limited(match.function, match.index)
            return True if not path and limited else None
        if match.row.concept != "schema" or not applies(self.index, match):
            return None
        known = match.attributes
        if known.get("open"):
            return False
        if not path:
            return True if self._rules_out(known) or self._is_asked(match) else None
        for at in match.values("fields"):
            if known.get("closed") and path[0] in ("*", "#") and self._texts_do_none:
                return True
            item = self._item(match.function, at, path[0])
            if item is not None:
                return self.told(*item, path[1:], depth)
        if path[0] == "*" or path[0].isdigit():
            for at in match.values("element"):
                return self.told(match.function, at, path[1:], depth)
        return None

    def _is_asked(self, match: Match) -> bool:
        """A function that a step is given lets through only what a check of it vouches for."""
        return any(
            isinstance(reference, FunctionReference)
            and self.scalars.guards.checkers.accepts(reference.function)
            for at in match.values("check")
            for reference in self.index.resolver.references(match.function, at)
        )

    @property
    def _texts_do_none(self) -> bool:
        return self.scalars.shape in OBJECTS

    def _item(self, function: FunctionNode, at: int, name: str) -> tuple[FunctionNode, int] | None:
        """The item of a mapping, written here or elsewhere, by a constant key."""
        for owner, other in places(self.index, function, at):
            start = unchanged(owner, other)
            record = owner.fact.values[start]
            if type(record) is not v.Record:
                continue
            for key, item in zip(record.keys, record.items, strict=True):
                if key < 0:
                    found = self._item(owner, item, name)
                    if found is not None:
                        return found
                elif name in self._key_names(owner, key):
                    return owner, item
        return None

    def _key_names(self, function: FunctionNode, key: int) -> Iterator[str]:
        constant = function.fact.values[key]
        if type(constant) is v.Constant:
            yield str(constant.value)
        for row, _ in self.index.rows(function, key):
            if row.concept == "schema-part":
                yield str(row.attributes["part"])

    def _record(
        self, function: FunctionNode, record: v.Record, path: tuple[str, ...], depth: int
    ) -> bool | None:
        """A JSON schema, or a mapping of the schemas of fields."""
        items = {
            str(name): item
            for key, item in zip(record.keys, record.items, strict=True)
            if key >= 0
            for name in self._key_names(function, key)
        }
        if not path:
            return self._is_json_checked(function, items)
        inner = items.get("properties")
        if inner is not None:
            found = self._item(function, inner, path[0])
            return found is not None and self.told(*found, path[1:], depth)
        if "items" in items and (path[0] == "*" or path[0].isdigit()):
            return self.told(function, items["items"], path[1:], depth)
        return self.told(function, items.get(path[0], -1), path[1:], depth)

    def _is_json_checked(self, function: FunctionNode, items: dict[str, int]) -> bool:
        values = function.fact.values

        def constant(name: str) -> object:
            value = values[items[name]] if name in items else None
            return value.value if type(value) is v.Constant else None

        shape = self.scalars.shape
        if "enum" in items or "const" in items:
            return shape is not Shape.CHOICE
        if shape in ANY_TYPE:
            return shape is Shape.NUMBER and ("maximum" in items or "exclusiveMaximum" in items)
        kind = constant("type")
        if kind in _SCALARS or (kind == "string" and self._texts_do_none):
            return True
        return constant("format") in _FORMATS or (
            "pattern" in items and is_limit(function, items["pattern"])
        )

    # Calls that check data against a schema

    def schemas_of(
        self, match: Match, layer: Layer | None
    ) -> Iterator[tuple[FunctionNode, int, tuple[str, ...]]]:
        """The schemas that a call checks data against, with the path to what they are."""
        for at in match.values("schema"):
            yield from self._schema(match.function, at, layer, (), 0)
        compiled = match.attributes.get("compiled")
        if compiled is not None:
            for owner, other in places(self.index, match.function, match.call.callee):
                made = unchanged(owner, other)
                if type(owner.fact.values[made]) is v.Invoke:
                    for at in Match(match.row, match.api, owner, made).values_at(compiled):
                        yield from self._schema(owner, at, layer, (), 0)

    def _schema(
        self,
        function: FunctionNode,
        at: int,
        layer: Layer | None,
        within: tuple[str, ...],
        depth: int,
    ) -> Iterator[tuple[FunctionNode, int, tuple[str, ...]]]:
        value = function.fact.values[at]
        if depth > MAX_DEPTH:
            return
        if type(value) is v.Captured and layer is not None:
            argument = self.requested.argument(function, at, layer)
            if argument is not None:
                yield (*argument, within)
                return
        if type(value) is v.Member:
            yield from self._schema(function, value.base, layer, (value.name, *within), depth + 1)
        elif type(value) is v.Item:
            key = function.fact.values[value.key]
            if type(key) is v.Constant and isinstance(key.value, str):
                inner = (key.value, *within)
                yield from self._schema(function, value.base, layer, inner, depth + 1)
        elif type(value) is v.Invoke and layer is not None:
            callee = function.fact.values[value.callee]
            chained = [callee.base] if type(callee) is v.Member else []
            for other in (*chained, *value.args[:1]):  # what compiles it, or takes parts of it
                yield from self._schema(function, other, layer, within, depth + 1)
        yield function, at, within

    def layer_declares(self, layer: Layer, part: Part) -> bool:
        """A layer is made of schemas for parts of the request, and one of them is for this."""
        source, path = part
        if layer.at < 0:
            return False
        parts: dict[str, str] = layer.form.get("parts", {})
        if layer.form.get("schema-of") == source:
            return self.declares(layer.function, layer.at, path)
        if layer.form.get("schema"):
            return self._part_declared(layer.function, layer.at, parts, source, path)
        for match in self.index.concepts_of(layer.function, layer.at):
            if match.row.concept != "request-schema":
                continue
            parts = match.attributes.get("parts", {})
            for at in match.values("schemas"):
                if self._part_declared(match.function, at, parts, source, path):
                    return True
                if self._one_part(match, part) and self.declares(match.function, at, path[1:]):
                    return True
        return False

    @staticmethod
    def _one_part(match: Match, part: Part) -> bool:
        """The layer is for the part of the request that this one is taken from."""
        values = match.function.fact.values
        return match.attributes.get("reads") == part[0] and any(
            getattr(values[at], "value", None) == part[1][0] for at in match.values("part")
        )

    def parsed(self, function: FunctionNode, position: int, fields: tuple[str, ...]) -> bool:
        """A parameter of a handler is what a schema let through, and carries no harm."""
        if position == 0 and fields and function.key in self._subscribed:
            match = self._subscribed[function.key]
            return any(self.declares(match.function, at, fields) for at in match.values("schema"))
        parameter = function.fact.parameters[position]
        for decorator in function.fact.decorators:
            for match in self.index.concepts_of(function, decorator):
                if match.row.concept == "parsed-parameters":
                    path = (parameter.name, *fields) if match.attributes.get("each") else fields
                    if path and any(
                        self.declares(function, at, path) for at in match.values("schema")
                    ):
                        return True
        return False

    @cached_property
    def _subscribed(self) -> dict[tuple[str, int], Match]:
        """What hands functions only data that fits a schema, by those."""
        return {
            reference.function.key: match
            for match in self.index.matches("subscription")
            if "schema" in match.row.roles
            for at in match.values("handler")
            for reference in self.index.resolver.references(match.function, at)
            if isinstance(reference, FunctionReference)
        }

    def _part_declared(
        self,
        function: FunctionNode,
        at: int,
        parts: dict[str, str],
        source: str,
        path: tuple[str, ...],
    ) -> bool:
        for name, wanted in parts.items():
            if wanted == source:
                item = self._item(function, at, name)
                if item is not None and self.declares(*item, path):
                    return True
        return False
