"""From a value back to where it comes from.

The search goes against the flow of data: from a value to what it was made of, from a parameter to
the arguments of the calls (those of the frames we came through, else those of all callers), from a
call to what its function returns, from a field to all that is ever stored in it. It stops at
origins, at values that a sanitizer or their type makes safe, and at values that a check guards on
the way. It is field-sensitive: names taken from a value must be the names put in.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.checks.field_reads import FieldReads
from backend_lint.dataflow.checks.guards import Guards
from backend_lint.dataflow.checks.schemas import Schemas
from backend_lint.dataflow.checks.validations import Validations
from backend_lint.dataflow.deployment import is_for_development
from backend_lint.dataflow.deposits import Deposits
from backend_lint.dataflow.origins import Origins
from backend_lint.dataflow.routing.vouching import Vouching
from backend_lint.dataflow.scalars import Scalars
from backend_lint.dataflow.sources import Beginning, Origin, Shape, Sources
from backend_lint.dataflow.states import Kept, State
from backend_lint.dataflow.steps import Steps
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Location, Step
from backend_lint.models.rows import Row
from backend_lint.semantics.references import FunctionNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from backend_lint.dataflow.frames import Frame
    from backend_lint.index import ProjectIndex

# One question looks at so many values at the most; what lies further is an origin of its own kind.
MAX_STATES = 1500
# A search without checks goes further: through what leads to nothing, no other has to go again.
MAX_UNCHECKED_STATES = 10_000
# More callers than lie before any value.
_FAR = sys.maxsize

_BEGINNINGS = {
    Origin.REMOTE: "sent by the client",
    Origin.PARAMETER: "parameter of a function that others call",
    Origin.SECRET: "a secret, by its name",
    Origin.STORED: "read from the database",
}


class Flow(msgspec.Struct, frozen=True):
    """One way a value can come about.

    Attributes:
        origin: the kind of its beginning.
        function: the function where it begins.
        value: the value there.
        way: the search from the value asked about to here.
        fields: the names that are taken from it on the way.
        row: the model row that makes it an origin, None where none does.
        name: the name that makes it one, of a secret.
        hops: how many callers the search went through.
    """

    origin: Origin
    function: FunctionNode
    value: int
    way: State
    fields: tuple[str, ...] = ()
    row: Row | None = None
    name: str = ""
    hops: int = 0

    @property
    def entry(self) -> Location | None:
        """What is handed on to the functions that lead to the value asked about.

        It is in the function of the outermost caller; None if the search went to none.
        """
        current = self.way
        while current.previous is not None:
            if current.previous.hops < current.hops:
                return current.place
            current = current.previous
        return None

    @property
    def is_kept(self) -> bool:
        """A table kept the data between who sent it and who reads it."""
        return any(type(state) is Kept for state in self.states())

    def states(self) -> Iterator[State]:
        """The values on the way, from the origin to the value asked about."""
        current: State | None = self.way
        while current is not None:
            yield current
            current = current.previous

    @property
    def steps(self) -> tuple[Step, ...]:
        """From the origin to the value asked about, both included."""
        steps: list[Step] = []
        note = _BEGINNINGS.get(self.origin, "comes from here")
        current: State | None = self.way
        while current is not None:
            message = current.note
            if current is self.way:
                message = f"{note}, {message}" if message else note
            if message and (not steps or steps[-1].location != current.place):
                steps.append(Step(current.place, message))
            current = current.previous
        return tuple(steps)


class Tracer:
    """Answers where values come from, for one taint kind.

    Args:
        index: the linked project.
        kind: the taint kind, which decides what sanitizes and guards (`sql`, …).
        shape: what about the data does harm. An object that becomes part of a text does none.
        sources: where flows begin, if not with what others decide.
        through_tables: what is read from a table is followed to what is written to it.
    """

    def __init__(
        self,
        index: ProjectIndex,
        kind: str,
        shape: Shape = Shape.TEXT,
        sources: Sources | None = None,
        *,
        through_tables: bool = False,
    ) -> None:
        self.index = index
        self.through_tables = through_tables
        self.kind = kind
        self.shape = shape
        self.field_reads = index.shared(FieldReads)
        self.deposits = index.shared(Deposits)
        self.guards = Guards(index, kind, shape)
        self.scalars = Scalars(index, kind, shape)
        self.origins: Sources = sources or Origins(index, kind, self.scalars, shape)
        self.schemas = Schemas(index, self.scalars)
        self.validations = Validations(index, self.guards, self.schemas)
        self.vouching = Vouching(index, self)
        self._ruled_out: dict[frozenset[Origin], dict[tuple[object, ...], int]] = {}
        self.steps = Steps(
            index, kind, shape, self.origins, self.guards, self.scalars, self.schemas
        )

    def flows(
        self,
        function: FunctionNode,
        at: int,
        *,
        use: Use | None = None,
        frame: Frame | None = None,
        fields: tuple[str, ...] = (),
        parsed: bool = False,
        wanted: Collection[Origin] | None = None,
    ) -> Iterator[Flow]:
        """All ways a value comes about, shortest first; who has enough stops asking.

        Args:
            function: where the value is.
            at: the value.
            use: the place of its use, whose checks count.
            frame: the calls that were followed to get here.
            fields: what of the value is asked about, outermost first; `ALL_FIELDS` for all of it.
            parsed: where it is used, text is parsed.
            wanted: origins of which there must be one, else no flow is worth the search.
        """
        start = State(function, at, fields, frame, use or Use(), parsed=parsed)
        if wanted is not None and not self._may_find(wanted, start):
            return
        for beginning, state in self._search(start, {}, {}, checked=True):
            yield _flow(beginning, state)

    def _may_find(self, wanted: Collection[Origin], start: State) -> bool:
        """A search that passes by all checks finds such an origin among the nearest values.

        Most of a search is asking for checks, and mostly there is nothing that they could refuse.
        What a whole search went by leads to none, whoever asks for it next.
        """
        ruled_out = self._ruled_out.setdefault(frozenset(wanted), {})
        seen: dict[tuple[object, ...], int] = {}
        for beginning, _ in self._search(start, seen, ruled_out, checked=False):
            if beginning.origin in wanted:
                return True
            if beginning.origin is Origin.LIMIT:
                return False
        for key, hops in seen.items():
            ruled_out[key] = min(hops, ruled_out.get(key, hops))
        return False

    def _search(
        self,
        start: State,
        seen: dict[tuple[object, ...], int],
        ruled_out: Mapping[tuple[object, ...], int],
        *,
        checked: bool,
    ) -> Iterator[tuple[Beginning, State]]:
        """The beginnings that lead to a state, nearest first.

        Args:
            start: the state.
            seen: told the states that were gone through, with the callers that lay before them.
            ruled_out: those that lead to nothing, from after so many callers on.
            checked: where a check vouches for the value, nothing is gone through.
        """
        queue = deque([start])
        while queue:
            state = queue.popleft()
            key, hops = state.key, 0
            if not checked:
                # Each way on has to be seen that some way with checks can take.
                key, hops = (*key, state.is_element), state.hops
            if (
                seen.get(key, _FAR) <= hops
                or ruled_out.get(key, _FAR) <= hops
                or (checked and self._is_guarded(state))
            ):
                continue
            seen[key] = hops
            if len(seen) > (MAX_STATES if checked else MAX_UNCHECKED_STATES):
                yield Beginning(Origin.LIMIT), state
                return
            begins = self.origins.at(state.function, state.at, state.fields, parsed=state.parsed)
            if begins is not None:
                if begins.origin is not Origin.CLEAN and not (
                    checked and self._is_vouched_for(begins, state)
                ):
                    yield begins, state
                if begins.origin is Origin.STORED and self.through_tables:
                    queue.extend(self._deposits(state))
                continue
            following = list(self.steps.before(state))
            if following:
                queue.extend(following)
            elif not self.origins.is_safe(state.function, state.at):
                yield Beginning(self.origins.dead_end(state.function, state.at)), state

    def _deposits(self, state: State) -> Iterator[State]:
        """Whatever the project puts into the column that is read."""
        for deposit in self.deposits.of(state.function, state.at, state.fields):
            yield Kept(
                deposit.function,
                deposit.value,
                deposit.fields,
                None,
                deposit.use,
                state.hops,
                state,
                "kept in the database",
                state.parsed,
            )

    def _is_guarded(self, state: State) -> bool:
        """A check vouches for the value, or for what the flow takes from it."""
        if not self.origins.counts_in_development and is_for_development(state.function, state.use):
            return True
        if not self.origins.can_be_checked:
            return False
        guards, part = self.guards, self._part(state)
        if guards.holds(state.function, state.at, state.use):
            return True
        if guards.examinations.has_parts and any(
            guards.holds(state.function, owner, state.use)
            for owner in _owners(state.function, state.at)
        ):
            return True  # `if err := download.isExternal(); err != nil`: what it holds is checked
        if state.fields and any(
            guards.holds(state.function, taken, state.use)
            for taken in self.field_reads.of(state.function, state.at, state.fields[0])
        ):
            return True  # `if page.limit > MOST: page.limit = MOST`
        if state.fields and any(
            match.row.concept == "text-match" and guards.verdicts.found_limited(match, state.fields)
            for match in self.index.concepts_of(state.function, state.at)
        ):
            return True  # `/^id=(\d+)$/.exec(text)[1]`
        if state.fields and self.validations.hold(
            state.function, state.at, state.fields, state.use
        ):
            return True
        if not part:
            return False
        return guards.holds(state.function, state.at, state.use, part) or any(
            match.attributes.get("result") == "kept"
            and guards.collections.keeps(match, state.fields[1:2])
            for match in self.index.concepts_of(state.function, state.at)
        )

    def _is_vouched_for(self, beginning: Beginning, state: State) -> bool:
        """What ran before vouches for what the client sent."""
        return (
            beginning.origin is Origin.REMOTE
            and self.origins.can_be_checked
            and self.vouching.holds(state.function, state.at, state.fields, state.use)
        )

    def _part(self, state: State) -> str:
        """What the flow takes from a collection: `key`, `element`, or empty for anything else."""
        if not state.fields and state.previous is not None:
            return "element" if self._is_joined(state.previous) else ""
        if state.fields[:1] == ("#",):
            return "key"
        if state.fields[:1] != ("*",):
            return ""
        return "element" if isinstance(state.taker, (v.Element, v.Parameter)) else ""

    def _is_joined(self, state: State) -> bool:
        """A collection becomes a text of its elements, directly or as a list of another kind."""
        current: State | None = state
        while current is not None:
            function, value = current.function, current.function.fact.values[current.at]
            if type(value) is not v.Invoke:
                return False
            if getattr(function.fact.values[value.callee], "name", "") in ("join", "Join"):
                return True
            if not any(
                match.row.concept == "selection" or match.attributes.get("result") == "kept"
                for match in self.index.concepts_of(function, current.at)
            ):
                return False
            current = current.previous
        return False


def _owners(function: FunctionNode, at: int) -> Iterator[int]:
    """The objects that a field is taken from, nearest first."""
    value = function.fact.values[at]
    while type(value) is v.Member:
        yield value.base
        value = function.fact.values[value.base]


def _flow(beginning: Beginning, state: State) -> Flow:
    return Flow(
        beginning.origin,
        state.function,
        state.at,
        state,
        state.fields,
        beginning.row,
        beginning.name,
        state.hops,
    )
