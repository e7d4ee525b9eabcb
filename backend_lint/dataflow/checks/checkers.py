"""Functions of the project that check what they are given.

They raise or end the program unless a check of theirs holds, they return how it came out, or they
give back what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.sources import HOST_KINDS
from backend_lint.dataflow.uses import LAST, Use, ways_out
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 4


class Checkers:
    """Asks what checks in called functions say of the arguments.

    Args:
        guards: tells what checks inside of a function vouch for.
    """

    def __init__(self, guards: Guards) -> None:
        self.guards = guards
        self.cuts = 0
        self._asked: set[tuple[tuple[str, int], int]] = set()

    def is_whole(self, cuts: int) -> bool:
        """An answer given since there were so many cuts does not depend on the way to it."""
        return cuts == self.cuts or not self._asked

    def refuses(self, function: FunctionNode) -> bool:
        """A function comes back only after checks that vouch for one of its parameters."""
        ways = ways_out(function)
        return bool(ways) and any(
            all(self.guards.holds(function, at, Use(way, LAST)) for way in ways)
            for at, value in enumerate(function.fact.values)
            if type(value) is v.Parameter
        )

    def comes_back(
        self, function: FunctionNode, target: FunctionNode, call: v.Invoke, at: int
    ) -> bool:
        """A function of the project raises unless a check of its own vouches for its argument."""
        if self.guards.examinations.examines(target) and any(
            True for _ in self._parameters(function, target, call, at)
        ):
            return True
        ways = ways_out(target)
        return bool(ways) and any(
            all(self.guards.holds(target, parameter, Use(way, LAST)) for way in ways)
            for parameter in self._parameters(function, target, call, at)
        )

    def _examines_itself(self, function: FunctionNode, call: v.Invoke, at: int) -> bool:
        """A method looks at the telling part of what its own object holds."""
        callee = function.fact.values[call.callee]
        return (
            type(callee) is v.Member
            and callee.base == at
            and any(
                self.guards.examinations.examines(target)
                for target in self.guards.index.targets(function, call)
            )
        )

    def _parameters(
        self, function: FunctionNode, target: FunctionNode, call: v.Invoke, at: int
    ) -> Iterator[int]:
        """The values in a called function that are the parameter which is given a value.

        The text that a method is called on is one, too: `column.Valid()`.
        """
        callee = function.fact.values[call.callee]
        is_of_text = bool(target.fact.receiver_type) and all(
            not isinstance(owner, ClassReference) or owner.fact.kind == "type"
            for owner in self.guards.index.resolver.receiver(target)
        )
        for position in range(-1, len(target.fact.parameters)):
            key = (target.key, position)
            if position < 0:
                argument, field = getattr(callee, "base", -1) if is_of_text else -1, ""
            else:
                argument, field = self.guards.index.argument_for(call, target, position)
            if argument < 0 or field or not self.guards.speaks_of(function, argument, at):
                continue
            if key in self._asked:  # functions that call each other would ask for ever
                self.cuts += 1
                continue
            self._asked.add(key)
            try:
                for number, value in enumerate(target.fact.values):
                    if (type(value) is v.Parameter and value.index == position) or (
                        position < 0 and type(value) is v.Receiver
                    ):
                        yield number
            finally:
                self._asked.discard(key)

    def vouches(
        self, function: FunctionNode, target: FunctionNode, call: v.Invoke, at: int, depth: int
    ) -> bool:
        """A function of the project that returns the outcome of such a check."""
        if depth > MAX_DEPTH or not target.fact.returns:
            return False
        if self._examines_itself(function, call, at):
            return True
        if self.guards.examinations.examines(target) and any(
            True for _ in self._parameters(function, target, call, at)
        ):
            return True
        return any(
            self._looks_at_characters(target, parameter)
            or self._agrees(target, parameter, -1, depth)
            for parameter in self._parameters(function, target, call, at)
        )

    def _agrees(self, function: FunctionNode, parameter: int, which: int, depth: int) -> bool:
        """A result, one of several if it says which, is true only if a check vouches."""
        return all(
            is_refusal(function, said := _of_several(function, result.value, which))
            or self.guards.implies(function, said, parameter, positive=True, depth=depth)
            or self.guards.holds(function, parameter, Use(result.context, LAST))
            for result in function.fact.returns
        )

    def found(self, function: FunctionNode, item: v.Item, at: int, depth: int) -> bool:
        """`_, ok := columns.find(name)`: a function of the project says whether it is known."""
        key, call = function.fact.values[item.key], function.fact.values[item.base]
        if (
            type(call) is not v.Invoke
            or type(key) is not v.Constant
            or type(key.value) is not int
            or depth > MAX_DEPTH
        ):
            return False
        return any(
            bool(target.fact.returns) and self._agrees(target, parameter, key.value, depth)
            for target in self.guards.index.targets(function, call)
            for parameter in self._parameters(function, target, call, at)
        )

    def _looks_at_characters(self, function: FunctionNode, parameter: int) -> bool:
        """It refuses a text for a character that is none of those it wants.

        `for _, r := range name { if r < 'a' || r > 'z' { return false } }`
        """
        if self.guards.kind in HOST_KINDS:
            return False
        values, contexts = function.fact.values, function.fact.contexts
        for result in function.fact.returns:
            context, tests = result.context, []
            while context >= 0 and contexts[context].kind in ("if", "unless"):
                tests.append(contexts[context].value)
                context = contexts[context].parent
            if context < 0 or contexts[context].kind not in ("loop", "while"):
                continue
            if any(
                self._is_wanted(function, test)
                and any(
                    isinstance(part, (v.Element, v.Item))
                    and self.guards.speaks_of(function, _text_of(values, part.base), parameter)
                    for _, part in made_of(function, test)
                )
                for test in tests
            ):
                return True
        return False

    @staticmethod
    def _is_wanted(function: FunctionNode, test: int) -> bool:
        """A test says which characters are wanted: by their order, or by asking for their kind."""
        return any(
            type(part) is v.Invoke
            or (type(part) is v.Compute and part.operator in ("<", "<=", ">", ">="))
            for _, part in made_of(function, test)
        )

    def accepts(self, function: FunctionNode) -> bool:
        """What it gives back is true only if a check of it vouches for its first parameter."""
        results = function.fact.returns
        return bool(results) and any(
            all(
                is_refusal(function, result.value)
                or self.guards.implies(function, result.value, at, positive=True, depth=1)
                or self.guards.holds(function, at, Use(result.context, LAST))
                for result in results
            )
            for at, value in enumerate(function.fact.values)
            if type(value) is v.Parameter and value.index == 0
        )

    def found_nothing(self, function: FunctionNode, call: v.Value, at: int, depth: int) -> bool:
        """A function of the project that gives back what is wrong with its argument did not."""
        result = -1
        values = function.fact.values
        if type(call) is v.Item:  # `value, err := parse(value)`
            key = values[call.key]
            result = key.value if type(key) is v.Constant and type(key.value) is int else -1
            call = values[call.base]
        if type(call) is not v.Invoke or depth > MAX_DEPTH:
            return False
        if self._examines_itself(function, call, at):
            return True
        targets = self.guards.index.targets(function, call)
        if any(
            self.guards.examinations.accuses(target)
            and any(True for _ in self._parameters(function, target, call, at))
            for target in targets
        ):
            return True
        return any(
            (target.fact.returns or target.fact.exits)
            and all(
                self.guards.holds(target, parameter, Use(way, LAST)) for way in target.fact.exits
            )
            and all(
                self._tells(target, given, result, parameter, depth)
                or self.guards.implies(
                    target, given.value, parameter, positive=False, depth=depth + 1
                )
                or self.guards.holds(target, parameter, Use(given.context, LAST))
                for given in target.fact.returns
            )
            for target in targets
            for parameter in self._parameters(function, target, call, at)
        )

    def _tells(
        self, function: FunctionNode, given: v.ReturnFact, result: int, parameter: int, depth: int
    ) -> bool:
        """A result is an error, or one of another such function."""
        values = function.fact.values
        at = _of_several(function, given.value, result)
        value = values[at]
        if type(value) is v.Item:  # `if err != nil { return err }`
            tests = self.guards.outcomes(function, Use(given.context, LAST))
            return any(
                outcome
                and type(test := values[number]) is v.Compute
                and test.operator == "!="
                and at in test.operands
                for number, outcome in tests
            )
        if type(value) is v.Constant:
            return bool(value.value)
        if type(value) is v.Listing and not value.elements:
            return False
        if type(value) is v.Record and not value.items:
            return False
        if type(value) is v.Invoke and self.guards.index.targets(function, value):
            return self.found_nothing(function, value, parameter, depth + 1)
        return isinstance(
            value,
            (v.Invoke, v.Text, v.Record, v.Listing, v.Captured, v.Imported, v.Global, v.Member),
        )


def _text_of(values: tuple[v.Value, ...], at: int) -> int:
    """The text that a list of characters was made of: `[]rune(name)`."""
    value = values[at]
    return value.args[0] if type(value) is v.Invoke and len(value.args) == 1 else at


def _of_several(function: FunctionNode, at: int, which: int) -> int:
    """One of several results, -1 for the result itself."""
    value = function.fact.values[at]
    if which >= 0 and type(value) is v.Listing and which < len(value.elements):
        return value.elements[which]
    return at


def is_refusal(function: FunctionNode, at: int) -> bool:
    """A result says no, or that there is nothing."""
    value = function.fact.values[at]
    return type(value) is v.Constant and not value.value
