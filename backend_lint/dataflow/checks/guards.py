"""Checks that make a value safe where they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.characters import rules_out_host
from backend_lint.dataflow.checks.checkers import MAX_DEPTH, Checkers
from backend_lint.dataflow.checks.collections import Collections
from backend_lint.dataflow.checks.comparisons import Comparisons
from backend_lint.dataflow.checks.derivation import Derivations
from backend_lint.dataflow.checks.endings import Endings
from backend_lint.dataflow.checks.examination import Examinations
from backend_lint.dataflow.checks.passed_tests import PassedTests
from backend_lint.dataflow.checks.passing import Passing
from backend_lint.dataflow.checks.sameness import same_texts, speaks_of
from backend_lint.dataflow.checks.verdicts import Verdicts
from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.routing.requested import Requested
from backend_lint.dataflow.sources import Shape, covers
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.uses import Test, Use
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_REDIRECT_KIND = "redirect"


class Guards:
    """Knows which tests vouch for which values, for one taint kind.

    Args:
        index: the linked project.
        kind: the taint kind.
        shape: what about the data does harm. If large numbers do, tests that bound them count.
    """

    def __init__(self, index: ProjectIndex, kind: str, shape: Shape = Shape.TEXT) -> None:
        self.index = index
        self.kind = kind
        self.shape = shape
        self.derivations = Derivations(index, kind)
        self.examinations = Examinations(index, kind)
        self.passed = index.shared(PassedTests)
        self.endings = index.shared(Endings)
        self.requested = index.shared(Requested)
        self.passing = index.shared(Passing)
        self.collections = Collections(self)
        self.checkers = Checkers(self)
        self.verdicts = Verdicts(self)
        self.comparisons = Comparisons(self)
        self._held: dict[tuple[FunctionNode, int, Use, str], bool] = {}

    def holds(self, function: FunctionNode, at: int, use: Use, part: str = "") -> bool:
        """A check that control passed on its way to a use vouches for the value.

        Args:
            function: where the value is.
            at: the value.
            use: the place whose checks count.
            part: what of the value is meant: `element`, `key`, or empty for the value itself.
        """
        key = (function, at, use, part)
        known = self._held.get(key)
        if known is None:
            cuts = self.checkers.cuts
            known = self._holds(function, at, use, part)
            if self.checkers.is_whole(cuts):
                self._held[key] = known
        return known

    def _holds(self, function: FunctionNode, at: int, use: Use, part: str) -> bool:
        if any(
            self.implies(function, test, at, positive=outcome, part=part)
            for test, outcome in use.tests
        ):
            return True
        return any(
            any(
                self.implies(function, test, at, positive=outcome, part=part)
                for test, outcome in self.passed.telling(function, at, context, place)
            )
            or (not part and self._is_checked(function, at, context, place))
            for context, place in use.places
        )

    def outcomes(self, function: FunctionNode, use: Use) -> Iterator[tuple[int, bool]]:
        """The tests that control passed on its way to a use, each with how it came out."""
        yield from use.tests
        for context, place in use.places:
            yield from self.passed.tests(function, context, place)

    def _is_checked(self, function: FunctionNode, at: int, context: int, place: int) -> bool:
        """A call before this place came back, which it does only for a value it vouches for."""
        for call in self._asked_of(function, at):
            if self.endings.passes(function, call, context, place):
                if any(
                    match.attributes.get("raises") and self.verdicts.vouches(match, at)
                    for match in self.index.concepts_of(function, call)
                ):
                    return True
                invoke = function.call(call)
                for target in self.index.targets(function, invoke):
                    if self.checkers.comes_back(function, target, invoke, at):
                        return True
        return False

    def _asked_of(self, function: FunctionNode, at: int) -> Iterator[int]:
        """The calls that are given a value, or what a normalizer or a parser made of it."""
        given = self.passing.given(function)
        for call in given.get(at, ()):
            yield call
            for form in self.derivations.forms(function, call):
                yield from given.get(form, ())

    def speaks_of(self, function: FunctionNode, checked: int, at: int) -> bool:
        """What is said of one value holds for another."""
        return (
            checked == at
            or speaks_of(self.index, function, checked, at)
            or self.derivations.speaks_of(function, checked, at)
            or any(
                self.requested.is_same(function, one, at)
                for one in same_texts(self.index, function, checked)
            )
        )

    def implies(
        self,
        function: FunctionNode,
        test: int,
        at: int,
        *,
        positive: bool,
        depth: int = 0,
        part: str = "",
    ) -> bool:
        """If the test came out `positive`, the value is safe."""
        value = function.fact.values[test]
        if depth > MAX_DEPTH or (depth == 0 and not self.passed.may_tell(function, test, at)):
            return False
        if test == at and not positive:
            return True  # it is empty
        if v.alternatives(value):
            return self.chosen(function, test, at, {test}, depth + 1, positive=positive, part=part)
        if type(value) is v.Compute:
            # Operators are written in one place and end there: only calls and names are a step.
            step = max(depth, 1)
            return self._compute(function, value, at, positive=positive, depth=step, part=part)
        if type(value) is v.Invoke:
            if part:
                return self.collections.every(function, test, at, part, positive=positive)
            if self.verdicts.of(function, test, value, at, depth + 1, positive=positive):
                return True
            if positive:
                return self.collections.has_equal(function, test, at)
            return self.checkers.found_nothing(function, value, at, depth + 1)
        if type(value) is v.Constant:
            return bool(value.value) != positive  # it never came out so
        if type(value) is v.Member and positive and not part:
            # What is found in it is found only where it is there itself: `found?.name`.
            base = function.fact.values[value.base]
            if type(base) is v.Invoke and self.implies(
                function, value.base, at, positive=True, depth=max(depth, 1)
            ):
                return True
        if type(value) is v.Item and not part and positive:
            return self.looked_up(function, value, at) or self.checkers.found(
                function, value, at, depth + 1
            )
        # `if parts.netloc: return`: an address without a host leads nowhere else.
        return not positive and not part and self.derivations.tells_by_part(function, test, at)

    def chosen(
        self,
        function: FunctionNode,
        test: int,
        at: int,
        seen: set[int],
        depth: int,
        *,
        positive: bool,
        part: str,
    ) -> bool:
        """A flag that is so only where a check vouched: `if x in ALLOWED: ok = True`."""
        values = function.fact.values
        vouched = False
        for option, tests in _options(values[test]):
            value = values[option]
            if option in seen or (type(value) is v.Constant and bool(value.value) != positive):
                continue
            seen.add(option)
            if any(
                self.implies(function, each, at, positive=outcome, depth=depth, part=part)
                for each, outcome in tests
            ):
                vouched = True
            elif v.alternatives(value):
                if not self.chosen(function, option, at, seen, depth, positive=positive, part=part):
                    return False
                vouched = True
            elif self.implies(function, option, at, positive=positive, depth=depth, part=part):
                vouched = True
            else:
                return False
        return vouched

    def _compute(
        self,
        function: FunctionNode,
        value: v.Compute,
        at: int,
        *,
        positive: bool,
        depth: int,
        part: str,
    ) -> bool:
        operator, operands = value.operator, value.operands
        if self.kind == _REDIRECT_KIND and rules_out_host(
            function,
            value,
            positive=positive,
            is_meant=lambda compared: self.speaks_of(function, compared, at),
        ):
            return True

        def any_implies(expected: bool) -> bool:
            return any(
                self.implies(function, operand, at, positive=expected, depth=depth, part=part)
                for operand in operands
            )

        if operator == "not":
            return any_implies(not positive)
        if operator in ("and", "or"):
            if (operator == "and") == positive:
                return any_implies(positive)
            return all(
                self.implies(function, operand, at, positive=positive, depth=depth, part=part)
                for operand in operands
            )
        if part:
            return self.collections.within(function, value, at, positive=positive)
        if operator in ("in", "not in"):
            if (operator == "in") == positive:
                return self._is_one_of(function, operands, at)
            if self.comparisons.leads_not_up(function, operands, at):
                return True
            # `"'" not in value`: what would break out of the text is not there.
            return type(function.fact.values[operands[0]]) is v.Constant and (
                operands[1] == at or self.are_pieces(function, operands[1], at)
            )
        if operator in ("==", "!="):
            equal = (operator == "==") == positive
            if equal and self.comparisons.equals(function, operands, at):
                return True
            if not equal and self.comparisons.leads_not_up(function, operands, at):
                return True
            return self.comparisons.compared_call(function, operands, at, depth, equal=equal)
        if self.shape is Shape.NUMBER and operator in _COMPARISONS and len(operands) == 2:
            return self.comparisons.is_bounded(function, operator, operands, at, positive=positive)
        if operator in (">", ">=", "<") and len(operands) == 2:
            return self.comparisons.position(function, operator, operands, at, positive=positive)
        return False

    def _is_one_of(self, function: FunctionNode, operands: tuple[int, ...], at: int) -> bool:
        """`name in NAMES`, and `FOLDER in path.resolve().parents`."""
        one, collection = operands
        if self.speaks_of(function, one, at):
            return self.is_trusted(function, collection)
        return (
            self.derivations.tells_by_part(function, collection, at)
            and self.derivations.is_normalized(function, collection)
            and not self.requested.holds(function, one)
        )

    def are_pieces(self, function: FunctionNode, parts: int, at: int) -> bool:
        """A value holds all pieces of another: `name.split("/")`, `Path(name).parts`."""
        value = function.fact.values[parts]
        if type(value) is v.Invoke:
            return any(
                match.row.concept == "pieces" and self.verdicts.vouches(match, at)
                for match in self.index.concepts_of(function, parts)
            )
        return (
            type(value) is v.Member
            and any(
                row.concept == "pieces" and covers(row, self.kind, self.shape)
                for row, _ in self.index.rows(function, parts)
            )
            and self.speaks_of(function, value.base, at)
        )

    def looked_up(self, function: FunctionNode, value: v.Item, at: int) -> bool:
        """`ALLOWED[v]`, and Go's `_, ok := ALLOWED[v]`."""
        values = function.fact.values
        base, key = values[value.base], values[value.key]
        if type(base) is v.Item and type(key) is v.Constant and key.value == 1:
            key_of, collection = base.key, base.base
        else:
            key_of, collection = value.key, value.base
        return self.speaks_of(function, key_of, at) and self.is_trusted(function, collection)

    def is_trusted(self, function: FunctionNode, at: int, depth: int = 0) -> bool:
        """A collection that is no request's: nothing it is made of here comes from others."""
        root = at
        while type(value := function.fact.values[root]) is v.Member:
            root = value.base
        if root != at and type(value) is v.Parameter:
            # What an object of the project holds that is handed in: `collection.fields`.
            known = self.index.resolver.references(function, root)
            return any(isinstance(reference, ClassReference) for reference in known)
        return not self.requested.holds(function, at) and all(
            self._is_given_trusted(function, value.index, depth)
            for _, value in made_of(function, at)
            if type(value) is v.Parameter
        )

    def _is_given_trusted(self, function: FunctionNode, position: int, depth: int) -> bool:
        """Whoever calls the function hands in such a collection: `sorted_by(query, NAMES)`."""
        callers = self.index.callers(function)
        if depth > MAX_DEPTH or not callers:
            return False
        for caller, at in callers:
            argument, field = self.index.argument_for(caller.call(at), function, position)
            if argument < 0 and function.fact.parameters[position].default < 0:
                return False
            if argument >= 0 and (field or not self.is_trusted(caller, argument, depth + 1)):
                return False
        return True


def _options(value: v.Value) -> Iterator[tuple[int, tuple[Test, ...]]]:
    """The alternatives of a choice, each with the tests that decide for it."""
    if type(value) is v.Compute and value.operator == "conditional":
        test, then, otherwise = value.operands
        yield then, ((test, True),)
        yield otherwise, ((test, False),)
    elif type(value) is v.Compute:
        yield value.operands[0], tuple((test, True) for test in value.operands[1:])
    elif type(value) is v.Merge:
        for option in value.options:
            yield option, ()
