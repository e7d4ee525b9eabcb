"""Functions that are handed over by name, for others to call: `pool.submit(run, job)`.

A closure that is written in place of an argument is known from where it stands; these are not.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.conditions import applies, patterns
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionNode, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

_NAMES = (v.Captured, v.Imported, v.Global, v.Member)


class Handover(msgspec.Struct, frozen=True):
    """A function of the project is given to something that calls it.

    Attributes:
        caller: the function that hands it over.
        call: the call that will be made, as if it were written there; None for one per element.
        elements: the collection whose elements it is called with, -1 for none.
        result: what it is called with once that is there, -1 for nothing of the kind.
        context: the control context of the place.
        start: its first byte.
        within: fields of the parameter under which an argument of the call stands.
    """

    caller: FunctionNode
    call: v.Invoke | None
    elements: int
    result: int
    context: int
    start: int
    within: tuple[str, ...] = ()


class Handovers:
    """Finds them, once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[str, int], list[Handover]] = defaultdict(list)
        self._is_known = False

    def of(self, function: FunctionNode) -> list[Handover]:
        """Where a function is handed over, by concept, file and place."""
        if not self._is_known:
            self._is_known = True
            for match in self.index.matches("deferred-call"):
                for at in match.values("function"):
                    self._add(match, at, call=deferred(match, at))
            for match in self.index.matches("iteration"):
                for at in match.values("callback"):
                    if isinstance(match.function.fact.values[at], _NAMES):
                        over = (match.values("over") or [match.receiver])[0]
                        self._add(match, at, elements=over)
            for match in self.index.matches("awaited-call"):
                for at in match.values("callback"):
                    if isinstance(match.function.fact.values[at], _NAMES):
                        self._add(match, at, result=match.receiver)
            self._add_messages()
        return self._known.get(function.key, [])

    def _add_messages(self) -> None:
        """Whoever asks for messages of a name is handed what is sent under it."""
        sent: dict[tuple[str, str], list[Match]] = defaultdict(list)
        for match in self.index.matches("message-sending"):
            if applies(self.index, match):
                for name in self._names(match):
                    sent[match.attributes["channel"], name].append(match)
        for match in self.index.matches("message-receiving"):
            if not sent or not applies(self.index, match):
                continue
            named = match.attributes.get("within")
            within = tuple(named.split(".")) if named else ()
            for name in self._names(match):
                for sending in sent.get((match.attributes["channel"], name), ()):
                    for function in self._receiving(match):
                        call = deferred(sending, sending.call.callee)
                        place = (call.context, call.start)
                        handover = Handover(sending.function, call, -1, -1, *place, within)
                        self._known[function.key].append(handover)

    def _names(self, match: Match) -> set[str]:
        forms = patterns(self.index, match, match.attributes["name"])
        return {form.constant for form in forms if form.constant is not None}

    def _receiving(self, match: Match) -> Iterator[FunctionNode]:
        if match.attributes.get("decorates") and match.index in match.function.fact.decorators:
            yield match.function
        for at in match.values("handler"):
            for reference in self.index.resolver.references(match.function, at):
                if isinstance(reference, FunctionReference):
                    yield reference.function

    def _add(
        self,
        match: Match,
        at: int,
        *,
        call: v.Invoke | None = None,
        elements: int = -1,
        result: int = -1,
    ) -> None:
        context, start = match.call.context, match.call.start
        handover = Handover(match.function, call, elements, result, context, start)
        for reference in self.index.resolver.references(match.function, at):
            if isinstance(reference, FunctionReference):
                self._known[reference.function.key].append(handover)


def deferred(match: Match, callee: int) -> v.Invoke:
    """The call of a function that is handed over with its arguments."""
    call = match.call
    values = match.function.fact.values
    given = match.values("given")
    for at in match.values("arguments"):
        value = values[at]
        given.extend(value.elements if type(value) is v.Listing else ())
    if "given" in match.row.roles or "arguments" in match.row.roles:
        names: tuple[str, ...] = ("",) * len(given)
        spans = tuple(place for at in given for place in (values[at].start, values[at].end))
        return msgspec.structs.replace(
            call, callee=callee, args=tuple(given), names=names, spans=spans
        )
    after = call.args.index(callee) + 1 if callee in call.args else 0
    return msgspec.structs.replace(
        call,
        callee=callee,
        args=call.args[after:],
        names=call.names[after:],
        spans=call.spans[2 * after :],
    )
