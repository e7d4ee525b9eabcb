"""Checks that make a value safe where they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.derivation import Derivations
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionReference

if TYPE_CHECKING:
    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 4
_SCALAR_NAMES = frozenset({"number", "boolean", "bigint"})
# Kinds whose harm is done by objects, not by texts.
_OBJECT_KINDS = frozenset({"nosql", "mass", "prototype"})


class Guards:
    """Knows which tests vouch for which values, for one taint kind."""

    def __init__(self, index: ProjectIndex, kind: str) -> None:
        self.index = index
        self.kind = kind
        self.derivations = Derivations(index, kind)

    def holds(self, function: FunctionNode, at: int, context: int) -> bool:
        """A check that control passed on its way to `context` vouches for the value."""
        contexts = function.fact.contexts
        while context >= 0:
            current = contexts[context]
            if current.kind in ("if", "unless") and self.implies(
                function, current.value, at, positive=current.kind == "if"
            ):
                return True
            context = current.parent
        return False

    def implies(
        self, function: FunctionNode, test: int, at: int, *, positive: bool, depth: int = 0
    ) -> bool:
        """If the test came out `positive`, the value is safe."""
        value = function.fact.values[test]
        if depth > MAX_DEPTH:
            return False
        if type(value) is v.Compute:
            return self._compute(function, value, at, positive=positive, depth=depth + 1)
        if type(value) is v.Invoke:
            return self._call(function, test, value, at, depth + 1, positive=positive)
        if type(value) is v.Item:
            return positive and self._looked_up(function, value, at)
        if isinstance(value, (v.Captured, v.Merge)):
            return False
        return False

    def _compute(
        self, function: FunctionNode, value: v.Compute, at: int, *, positive: bool, depth: int
    ) -> bool:
        operator, operands = value.operator, value.operands

        def any_implies(expected: bool) -> bool:
            return any(
                self.implies(function, operand, at, positive=expected, depth=depth)
                for operand in operands
            )

        if operator == "not":
            return any_implies(not positive)
        if operator in ("and", "or"):
            if (operator == "and") == positive:
                return any_implies(positive)
            return all(
                self.implies(function, operand, at, positive=positive, depth=depth)
                for operand in operands
            )
        if operator in ("in", "not in"):
            if (operator == "in") == positive:
                return self._speaks_of(function, operands[0], at) and self._is_trusted(
                    function, operands[1]
                )
            # `"'" not in value`: what would break out of the text is not there.
            return operands[1] == at and type(function.fact.values[operands[0]]) is v.Constant
        if operator in ("==", "!="):
            if (operator == "==") != positive:
                return self._compared_call(function, operands, at, depth, positive=positive)
            return self._equals(function, operands, at) or self._compared_call(
                function, operands, at, depth, positive=positive
            )
        if operator in (">", ">=", "<") and len(operands) == 2:
            return self._position(function, operator, operands, at, positive=positive)
        return False

    def _equals(self, function: FunctionNode, operands: tuple[int, ...], at: int) -> bool:
        values = function.fact.values
        for one, other in (operands, operands[::-1]):
            if self._is_constant(function, other) and self._speaks_of(function, one, at):
                return True
            inner, constant = values[one], values[other]
            if (
                type(inner) is v.Compute
                and inner.operator == "typeof"
                and inner.operands == (at,)
                and type(constant) is v.Constant
                and (
                    constant.value in _SCALAR_NAMES
                    or (constant.value == "string" and self.kind in _OBJECT_KINDS)
                )
            ):
                return True
        return False

    def _compared_call(
        self,
        function: FunctionNode,
        operands: tuple[int, ...],
        at: int,
        depth: int,
        *,
        positive: bool,
    ) -> bool:
        # `X.indexOf(v) !== -1`, `check(v) == true`, `re.match(…) is not None`
        values = function.fact.values
        for one, other in (operands, operands[::-1]):
            call, constant = values[one], values[other]
            if type(call) is v.Invoke and type(constant) is v.Constant:
                if constant.value is True:
                    return self._call(function, one, call, at, depth, positive=positive)
                if constant.value in (None, False, -1):
                    return self._call(function, one, call, at, depth, positive=not positive)
                if constant.value == 0 and type(constant.value) is int:  # `x.indexOf(y) === 0`
                    return self._call(function, one, call, at, depth, positive=positive)
        return False

    def _position(
        self,
        function: FunctionNode,
        operator: str,
        operands: tuple[int, ...],
        at: int,
        *,
        positive: bool,
    ) -> bool:
        # `X.indexOf(v) >= 0` and `X.indexOf(v) < 0`
        call = function.fact.values[operands[0]]
        if type(call) is not v.Invoke or (operator == "<") == positive:
            return False
        return self._call(function, operands[0], call, at, 0, positive=True)

    def _call(
        self,
        function: FunctionNode,
        index: int,
        call: v.Invoke,
        at: int,
        depth: int,
        *,
        positive: bool,
    ) -> bool:
        for match in self.index.concepts_of(function, index):
            if (
                match.row.concept == "guard"
                and bool(match.attributes.get("negative")) != positive
                and self._vouches(match, at)
            ):
                return True
        if not positive:
            return False
        for reference in self.index.resolver.references(function, call.callee):
            if not isinstance(reference, FunctionReference):
                continue
            target = reference.function
            if self._function_vouches(target, call, at, depth):
                return True
        return False

    def _function_vouches(self, target: FunctionNode, call: v.Invoke, at: int, depth: int) -> bool:
        """A function of the project that returns the outcome of such a check."""
        if depth > MAX_DEPTH or not target.fact.returns:
            return False
        for position in range(len(target.fact.parameters)):
            if self.index.argument_for(call, target, position) != (at, ""):
                continue
            inside = [
                number
                for number, value in enumerate(target.fact.values)
                if type(value) is v.Parameter and value.index == position
            ]
            for parameter in inside:
                if all(
                    self._is_refusal(target, result.value)
                    or self.implies(target, result.value, parameter, positive=True, depth=depth + 1)
                    or self.holds(target, parameter, result.context)
                    for result in target.fact.returns
                ):
                    return True
        return False

    @staticmethod
    def _is_refusal(function: FunctionNode, at: int) -> bool:
        value = function.fact.values[at]
        return type(value) is v.Constant and not value.value

    def _vouches(self, match: Match, at: int) -> bool:
        row = match.row
        if not ("*" in row.kinds or self.kind in row.kinds):
            return False
        inputs = match.values("input") if "input" in row.roles else list(match.call.args)
        function = match.function
        checked = next((given for given in inputs if self._speaks_of(function, given, at)), None)
        if checked is None or not applies(self.index, match):
            return False
        if row.attributes.get("of") == "normalized" and not (
            self.derivations.is_normalized(function, checked)
        ):
            return False
        return all(self._is_trusted(match.function, allowed) for allowed in match.values("allowed"))

    def _speaks_of(self, function: FunctionNode, checked: int, at: int) -> bool:
        return checked == at or self.derivations.speaks_of(function, checked, at)

    def _looked_up(self, function: FunctionNode, value: v.Item, at: int) -> bool:
        # `ALLOWED[v]`, and Go's `_, ok := ALLOWED[v]`
        values = function.fact.values
        base, key = values[value.base], values[value.key]
        if type(base) is v.Item and type(key) is v.Constant and key.value == 1:
            return base.key == at and self._is_trusted(function, base.base)
        return value.key == at and self._is_trusted(function, value.base)

    def _is_trusted(self, function: FunctionNode, at: int) -> bool:
        """A collection that is no request's: constants, or anything kept in a name or field."""
        value = function.fact.values[at]
        if isinstance(value, (v.Listing, v.Record)):
            elements = value.elements if isinstance(value, v.Listing) else value.keys
            return all(self._is_constant(function, element) for element in elements if element >= 0)
        if isinstance(value, (v.Captured, v.Imported, v.Global)):
            return True
        if type(value) is v.Invoke:
            return all(self._is_trusted(function, arg) for arg in value.args)
        if type(value) is v.Member:
            return (
                self._is_trusted(function, value.base)
                or type(function.fact.values[value.base]) is v.Receiver
            )
        return type(value) is v.Constant

    def _is_constant(self, function: FunctionNode, at: int) -> bool:
        value = function.fact.values[at]
        if isinstance(value, (v.Constant, v.Captured, v.Imported, v.Global)):
            return True
        if type(value) is v.Member:
            return any(True for _ in aliases(self.index, function, at)) or self._is_constant(
                function, value.base
            )
        return False
