"""What comparing a value with another says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.characters import is_character
from backend_lint.dataflow.checks.checkers import MAX_DEPTH
from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.sources import Shape, covers
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.semantics.references import FunctionNode

_SCALAR_NAMES = frozenset({"number", "boolean", "bigint"})
# Kinds whose harm is done by objects that are no texts.
_OBJECT_KINDS = frozenset({"nosql", "mass", "prototype"})


class Comparisons:
    """Asks what comparisons vouch for.

    Args:
        guards: tells what is said of the same value.
    """

    def __init__(self, guards: Guards) -> None:
        self.guards = guards

    def is_bounded(
        self,
        function: FunctionNode,
        operator: str,
        operands: tuple[int, ...],
        at: int,
        *,
        positive: bool,
    ) -> bool:
        """`n <= MOST` held, or `n > MOST` did not; `width * height` bounds both."""
        if (operator in ("<", "<=")) != positive:
            operands = operands[::-1]
        smaller, larger = operands
        return self._grows_with(function, smaller, at) and not self.guards.requested.holds(
            function, larger
        )

    def _grows_with(self, function: FunctionNode, compared: int, at: int, depth: int = 0) -> bool:
        if self.guards.speaks_of(function, compared, at):
            return True
        value = function.fact.values[compared]
        return (
            type(value) is v.Compute
            and value.operator in ("+", "*", "<<", "**")
            and depth < MAX_DEPTH
            and any(self._grows_with(function, each, at, depth + 1) for each in value.operands)
        )

    def equals(self, function: FunctionNode, operands: tuple[int, ...], at: int) -> bool:
        """The value is known where the operands are equal."""
        values = function.fact.values
        for one, other in (operands, operands[::-1]):
            inner, constant = values[one], values[other]
            if type(constant) is v.Constant and constant.value is None and one != at:
                continue  # that a call gave no error says nothing of its other result
            if is_character(function, inner, constant):
                continue  # `next[0] == "/"`: one character says nothing of the others
            if self._is_constant(function, other) and self.guards.speaks_of(function, one, at):
                return True
            owner = constant
            while type(owner) is v.Member:
                owner = values[owner.base]
            if (
                type(owner) is v.Element
                and self.guards.speaks_of(function, one, at)
                and self.guards.is_trusted(function, owner.base)
            ):
                return True  # it is one of those, or its name: `for each in ALL: if each.id == id`
            if (
                self.guards.shape is Shape.CHOICE
                and type(constant) is not v.Constant
                and self.guards.speaks_of(function, one, at)
                and not self.guards.requested.holds(function, other)
            ):
                return True  # it is who is logged in
            if (
                self.guards.derivations.tells_by_part(function, one, at)
                # `resolved === root || resolved.startsWith(root + sep)`
                or (
                    self.guards.derivations.is_normalized(function, one)
                    and self.guards.speaks_of(function, one, at)
                )
            ) and not self.guards.speaks_of(function, other, at):
                return True
            if (
                type(inner) is v.Compute
                and inner.operator == "typeof"
                and inner.operands == (at,)
                and type(constant) is v.Constant
                and (
                    constant.value in _SCALAR_NAMES
                    or (constant.value == "string" and self.guards.kind in _OBJECT_KINDS)
                )
            ):
                return True
        return False

    def leads_not_up(self, function: FunctionNode, operands: tuple[int, ...], at: int) -> bool:
        """A piece between the slashes of a path is not `..`, or none of some that it is among."""
        values = function.fact.values
        for one, other in (operands, operands[::-1]):
            piece, excluded = values[one], values[other]
            named = excluded.elements if type(excluded) is v.Listing else (other,)
            if (
                type(piece) is v.Element
                and any(_is_upwards(values[each]) for each in named)
                and self.guards.speaks_of(function, one, at)
                and any(
                    match.row.concept == "pieces"
                    and covers(match.row, self.guards.kind, self.guards.shape)
                    and applies(self.guards.index, match)
                    for match in self.guards.index.concepts_of(function, piece.base)
                )
            ):
                return True
        return False

    def compared_call(
        self,
        function: FunctionNode,
        operands: tuple[int, ...],
        at: int,
        depth: int,
        *,
        equal: bool,
    ) -> bool:
        """`X.indexOf(v) !== -1`, `check(v) == true`, `re.match(…) is not None`, `err == nil`."""
        values = function.fact.values
        for one, other in (operands, operands[::-1]):
            call, constant = values[one], values[other]
            if type(constant) is not v.Constant:
                continue
            if constant.value is None and v.alternatives(call):
                return not equal and self.guards.chosen(
                    function, one, at, {one}, depth, positive=True, part=""
                )
            if constant.value is None and type(call) is v.Item and not equal:
                return self.guards.looked_up(function, call, at)  # `KNOWN[key] !== undefined`
            if constant.value is None and equal:
                # `validate.Var(name, "uuid") == nil`, of a library or of the project
                return (
                    type(call) is v.Invoke
                    and self.guards.verdicts.of(function, one, call, at, depth, positive=False)
                ) or self.guards.checkers.found_nothing(function, call, at, depth)
            if type(call) is not v.Invoke:
                continue
            if constant.value is True:
                return self.guards.verdicts.of(function, one, call, at, depth, positive=equal)
            if constant.value in (None, False, -1):
                return self.guards.verdicts.of(function, one, call, at, depth, positive=not equal)
            if constant.value == 0 and type(constant.value) is int:  # `x.indexOf(y) === 0`
                return self.guards.verdicts.of(function, one, call, at, depth, positive=equal)
        return False

    def position(
        self,
        function: FunctionNode,
        operator: str,
        operands: tuple[int, ...],
        at: int,
        *,
        positive: bool,
    ) -> bool:
        """`X.indexOf(v) >= 0` held, or `X.indexOf(v) < 0` did not."""
        call = function.fact.values[operands[0]]
        if type(call) is not v.Invoke or (operator == "<") == positive:
            return False
        return self.guards.verdicts.of(function, operands[0], call, at, 0, positive=True)

    def _is_constant(self, function: FunctionNode, at: int) -> bool:
        value = function.fact.values[at]
        if isinstance(value, (v.Constant, v.Captured, v.Imported, v.Global)):
            return True
        if type(value) is v.Element:  # `for name in NAMES`
            return value.part == "value" and self._is_constant(function, value.base)
        if type(value) is v.Member:
            return any(True for _ in aliases(self.guards.index, function, at)) or self._is_constant(
                function, value.base
            )
        return False


def _is_upwards(value: v.Value) -> bool:
    return type(value) is v.Constant and value.value == ".."
