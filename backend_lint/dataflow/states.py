"""Where a search against the flow of data is, and how it goes on from there."""

from __future__ import annotations

import msgspec

from backend_lint.dataflow.frames import Frame
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Location
from backend_lint.semantics.references import FunctionNode
from backend_lint.source import Region

MAX_FIELDS = 4
# The field that stands for all that a value holds, at any depth; `*` is any one field.
ALL_FIELDS = "**"


class State(msgspec.Struct):
    """A value that is asked about.

    Attributes:
        function: where the value is.
        at: the value.
        fields: what of it is asked about, outermost first; `#` is its keys.
        frame: the calls that were followed to get here.
        use: the places whose checks count for it.
        hops: how many callers the search went through.
        previous: the state that the search comes from.
        note: what happens to the data here, a phrase.
        parsed: on the way to the sink, text is parsed into objects.
    """

    function: FunctionNode
    at: int
    fields: tuple[str, ...]
    frame: Frame | None
    use: Use
    hops: int = 0
    previous: State | None = None
    note: str = ""
    parsed: bool = False

    @property
    def value(self) -> v.Value:
        """The value asked about."""
        return self.function.fact.values[self.at]

    @property
    def place(self) -> Location:
        """Where the value is written."""
        value = self.value
        return Location(self.function.file.path, Region(value.start, value.end))

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for states from which a search goes the same ways."""
        frame = None if self.frame is None else self.frame.key
        return (self.function, self.at, self.fields, self.parsed, frame)

    @property
    def is_element(self) -> bool:
        """What is taken of the value is what iterating over it gives."""
        return self.fields[:1] == ("*",) and isinstance(self.taker, v.Element)

    def go(self, at: int, *, field: str = "", note: str = "") -> State:
        """To another value of the function, of which `field` is taken."""
        return State(
            self.function,
            at,
            self._with(field),
            self.frame,
            self.use,
            self.hops,
            self,
            note,
            self.parsed,
        )

    def take(self, at: int) -> State:
        """To the value that was put in as the outermost field."""
        fields = self.fields
        if not fields or fields[0] != ALL_FIELDS:
            fields = fields[1:]
        return State(
            self.function,
            at,
            fields,
            self.frame,
            self.use,
            self.hops,
            self,
            "",
            self.parsed,
        )

    def jump(
        self,
        function: FunctionNode,
        at: int,
        frame: Frame | None,
        use: Use,
        *,
        field: str = "",
        hops: int = 0,
        note: str = "",
    ) -> State:
        """To a value of another function."""
        fields = self._with(field)
        return State(function, at, fields, frame, use, self.hops + hops, self, note, self.parsed)

    def _with(self, field: str) -> tuple[str, ...]:
        if not field:
            return self.fields
        if len(self.fields) < MAX_FIELDS:
            return (field, *self.fields)
        # What is taken first decides more than what is taken of that in its turn.
        return (field, *self.fields[: MAX_FIELDS - 2], ALL_FIELDS)

    @property
    def taker(self) -> v.Value | None:
        """The value that takes the outermost field from what it holds."""
        current = self
        while current.previous is not None and len(current.previous.fields) >= len(self.fields):
            current = current.previous
        return None if current.previous is None else current.previous.value


class Kept(State):
    """What a table was given, where the search comes from what is read from it."""
