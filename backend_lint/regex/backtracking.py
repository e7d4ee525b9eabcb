"""Whether an engine that tries one way after the other can take exponentially long for a pattern.

It can where a loop reads one and the same text in more than one way, and what follows the loop can
fail: then every way is tried, and each further round doubles them. The loop is looked at as the
position automaton of the pattern (Glushkov): its states are the places in the pattern that read a
character. Two ways through it with the same text are a way through the product with itself that
leaves the diagonal and comes back; or two edges between the same places, such as those of the inner
and the outer loop of `(a+)+`.

Loops that only take quadratic or cubic time are not told, because sound patterns are full of them.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import product

from backend_lint.regex.pattern import (
    Char,
    Choice,
    End,
    Loop,
    NotAnalysedError,
    Ranges,
    Sequence,
    Tree,
    parse,
)

_MAX_PLACES = 150
_MAX_LOOP = 60


@lru_cache(maxsize=1024)
def is_exponential(pattern: str, *, whole: bool = False) -> bool:
    """There are texts for which the time of a match doubles with each character.

    Args:
        pattern: as Python or ECMAScript reads it; one that cannot be read is not exponential.
        whole: the match must reach the end of the text.
    """
    try:
        automaton = _Automaton()
        tree = parse(pattern)
        ends = automaton.add(Sequence((tree, End())) if whole else tree).last
    except NotAnalysedError:
        return False
    return any(ends.isdisjoint(loop) and automaton.is_ambiguous(loop) for loop in automaton.loops())


class _Part:
    __slots__ = ("first", "last", "nullable")

    def __init__(self, first: set[int], last: set[int], *, nullable: bool) -> None:
        self.first = first
        self.last = last
        self.nullable = nullable


class _Automaton:
    def __init__(self) -> None:
        self.places: list[Ranges] = []
        self.follow: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, tree: Tree) -> _Part:
        match tree:
            case Char(ranges=ranges):
                return self._place(ranges)
            case End():
                return self._place(())  # reads nothing, but has to be there
            case Sequence(parts=parts):
                result = _Part(set(), set(), nullable=True)
                for part in parts:
                    result = self._then(result, self.add(part))
                return result
            case Choice(options=options):
                built = [self.add(option) for option in options]
                return _Part(
                    set().union(*(part.first for part in built)),
                    set().union(*(part.last for part in built)),
                    nullable=any(part.nullable for part in built),
                )
            case Loop(body=body, least=least):
                inner = self.add(body)
                self._connect(inner.last, inner.first)
                return _Part(inner.first, inner.last, nullable=inner.nullable or least == 0)

    def _place(self, ranges: Ranges) -> _Part:
        if len(self.places) == _MAX_PLACES:
            raise NotAnalysedError
        self.places.append(ranges)
        here = {len(self.places) - 1}
        return _Part(here, here, nullable=False)

    def _then(self, left: _Part, right: _Part) -> _Part:
        self._connect(left.last, right.first)
        return _Part(
            left.first | right.first if left.nullable else left.first,
            left.last | right.last if right.nullable else right.last,
            nullable=left.nullable and right.nullable,
        )

    def _connect(self, before: set[int], after: set[int]) -> None:
        for one, other in product(before, after):
            self.follow[one][other] += 1

    def loops(self) -> list[set[int]]:
        """The strongly connected parts that are not a single place without an edge to itself."""
        reach = [self._reachable(place) for place in range(len(self.places))]
        found: list[set[int]] = []
        for place, there in enumerate(reach):
            if place in there and not any(place in loop for loop in found):
                found.append({other for other in there if place in reach[other]})
        return [loop for loop in found if len(loop) <= _MAX_LOOP]

    def _reachable(self, start: int) -> set[int]:
        seen: set[int] = set()
        stack = [start]
        while stack:
            for other in self.follow[stack.pop()]:
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return seen

    def is_ambiguous(self, loop: set[int]) -> bool:
        """The loop reads some text in two ways from a place back to the place."""
        inside = {place: [q for q in self.follow[place] if q in loop] for place in loop}
        if any(self.follow[place][q] > 1 for place in loop for q in inside[place]):
            return True
        after: dict[tuple[int, int], list[tuple[int, int]]] = {}
        stack = [(place, place) for place in loop]
        while stack:
            pair = stack.pop()
            if pair in after:
                continue
            after[pair] = [
                (one, other)
                for one in inside[pair[0]]
                for other in inside[pair[1]]
                if _overlap(self.places[one], self.places[other])
            ]
            stack.extend(after[pair])
        return _comes_back(after)


def _comes_back(after: dict[tuple[int, int], list[tuple[int, int]]]) -> bool:
    """From a pair of different places a pair of equal ones is reached."""
    before: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for pair, others in after.items():
        for other in others:
            before[other].append(pair)
    seen: set[tuple[int, int]] = set()
    stack = [pair for pair in after if pair[0] == pair[1]]
    while stack:
        for pair in before[stack.pop()]:
            if pair[0] != pair[1]:
                return True
            if pair not in seen:
                seen.add(pair)
                stack.append(pair)
    return False


def _overlap(one: Ranges, other: Ranges) -> bool:
    return any(low <= high2 and low2 <= high for low, high in one for low2, high2 in other)
