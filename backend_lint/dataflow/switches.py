"""Arguments that make a call do harm, where a function of the project hands its own on to it.

`def run(words, shell=False): return subprocess.run(words, shell=shell)` starts a shell for those
callers alone that ask for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.concepts.match import Match
from backend_lint.dataflow.conditions import MADE
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.sinks import Sink
    from backend_lint.dataflow.trace import Flow
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


def is_switched_off(index: ProjectIndex, sink: Sink, flow: Flow) -> bool:
    """The caller who hands the data in leaves out what would make it do harm."""
    switches = list(_switches(sink))
    if not switches:
        return False
    for state in flow.states():
        following = state.previous
        if (
            following is None
            or following.function is not sink.function
            or state.hops == following.hops
        ):
            continue
        for call in state.function.fact.values:
            if (
                type(call) is v.Invoke
                and (call.context, call.start) == (state.use.context, state.use.place)
                and any(_is_off(index, state.function, call, sink, each) for each in switches)
            ):
                return True
    return False


def _switches(sink: Sink) -> Iterator[int]:
    """The parameters of the function around a sink that must be true for it to be one."""
    if sink.call < 0:
        return
    match = Match(sink.row, "", sink.function, sink.call)
    for path, expected in sink.row.attributes.get("when", {}).items():
        options = expected if isinstance(expected, list) else [expected]
        if MADE in path or True not in options:
            continue
        for at in match.values_at(path):
            value = sink.function.fact.values[at]
            if type(value) is v.Parameter:
                yield value.index


def _is_off(
    index: ProjectIndex, caller: FunctionNode, call: v.Invoke, sink: Sink, position: int
) -> bool:
    owner, given = caller, index.argument_for(call, sink.function, position)[0]
    if given < 0:
        owner, given = sink.function, sink.function.fact.parameters[position].default
    value = owner.fact.values[given] if given >= 0 else None
    return type(value) is v.Constant and not value.value
