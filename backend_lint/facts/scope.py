"""One function under construction: its growing graph and the variables in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scope:
    """The state of building one `FunctionFact`.

    Attributes:
        number: index of the function in its file.
        parent: the scope of the enclosing function, None for the module.
        bound: the variables that the body binds anywhere.
        given: variables of the surroundings that the body gives a value.
        environment: the value that reaches each variable here and now.
        context: index of the control context here and now.
        exits: contexts where the function ends without a value.
        raised: what the innermost `try` around here has raised so far.
        breaks: the context at each `break` of the loop around.
        jumps: the variables in force, and the context, at each `break` and `continue` of the
            innermost loop around here.
        ended: no control reaches this place.
        has_inner_stores: members of members were assigned, see `expressions.inner_store`.
        known: the values that stand for all expressions written alike; see `shared`.
        free: the values of names while the environment has none for them.
    """

    def __init__(self, number: int, parent: Scope | None) -> None:
        self.number = number
        self.parent = parent
        self.values: list[v.Value | list[int]] = []
        self.spans: dict[int, tuple[int, int]] = {}
        self.environment: dict[str, int] = {}
        self.bound: set[str] = set()
        self.given: set[str] = set()
        self.assigned: dict[str, list[int]] = {}
        self.seen_from_inside: set[str] = set()
        self.contexts: list[v.Context] = []
        self.context = -1
        self.returns: list[v.ReturnFact] = []
        self.raised: list[int] = []
        self.jumps: list[tuple[dict[str, int], int]] = []
        self.breaks: list[int] = []
        self.exits: list[int] = []
        self.writes: list[v.FieldWrite] = []
        self.ended = False
        self.has_inner_stores = False
        self.known: dict[object, int] = {}
        self.free: dict[str, int] = {}

    def add(self, value: v.Value) -> int:
        """Append a value."""
        values = self.values
        values.append(value)
        return len(values) - 1

    def shared(self, key: object, value: v.Value) -> int:
        """The value of an equal earlier expression, or the new one.

        What is evaluated most looks into `known` first, because most values need not be made.
        """
        index = self.known.get(key)
        if index is None:
            index = self.known[key] = len(self.values)
            self.values.append(value)
        return index

    def constant(self, start: int, end: int, value: str | float | bool | None) -> int:
        """A literal."""
        return self.add(v.Constant(start, end, value))

    def member(self, start: int, end: int, base: int, name: str) -> int:
        """`base.name`, seen through a store of that very member."""
        value = self.values[base]
        while type(value) is v.Stored:
            if value.name == name:
                return value.value
            if not value.name:
                break
            base = value.base
            value = self.values[base]
        key = (6, base, name)
        index = self.known.get(key)
        if index is None:
            index = self.known[key] = len(self.values)
            self.values.append(v.Member(start, end, base, name))
        return index

    def merge(self, options: Iterable[int], start: int, end: int) -> int:
        """One of several values; a single one is itself."""
        unique = tuple(dict.fromkeys(options))
        if len(unique) == 1:
            return unique[0]
        return self.add(v.Merge(start, end, unique))

    def kept(self, value: int, tests: Iterable[int]) -> int:
        """A value that is there only where the tests held."""
        operands = (value, *tests)
        if len(operands) == 1 or type(self.values[value]) is v.Constant:
            return value
        return self.add(v.Compute(*self.span(value), "kept", operands))

    def open_merge(self, first: int, start: int, end: int) -> int:
        """A merge whose further options come later, by `close_merge`."""
        self.values.append([first])
        index = len(self.values) - 1
        self.spans[index] = (start, end)
        return index

    def close_merge(self, index: int, option: int) -> None:
        """Add an option to an open merge."""
        options = self.values[index]
        if isinstance(options, list) and option != index and option not in options:
            options.append(option)

    def bind(self, name: str, value: int) -> None:
        """Give a variable a new value."""
        self.environment[name] = value
        history = self.assigned.get(name)
        if history is None:
            self.assigned[name] = [value]
        else:
            history.append(value)

    def enter(self, kind: str, value: int, start: int, end: int) -> int:
        """Open a context and return the one to go back to."""
        before = self.context
        self.contexts.append(v.Context(before, kind, value, start, end))
        self.context = len(self.contexts) - 1
        return before

    def finish_values(self) -> tuple[v.Value, ...]:
        """The graph with all merges closed."""
        done = self.values.copy()
        for index, (start, end) in self.spans.items():
            options = done[index]
            if isinstance(options, list):
                done[index] = v.Merge(start, end, tuple(options))
        return tuple(done)  # type: ignore[arg-type]  # the lists are those of the spans

    def cells(self, *, every: bool) -> dict[str, int]:
        """Variables other functions may see, each with any value it was ever given."""
        names = self.assigned if every else self.seen_from_inside & self.assigned.keys()
        return {
            name: self.merge(self.assigned[name], *self.span(self.assigned[name][0]))
            for name in sorted(names)
        }

    def span(self, index: int) -> tuple[int, int]:
        """Where a value is written."""
        value = self.values[index]
        return self.spans[index] if isinstance(value, list) else (value.start, value.end)
