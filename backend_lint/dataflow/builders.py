"""Texts that are put together by calls: lists that are joined, builders that are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.facts.expressions import MUTATORS

if TYPE_CHECKING:
    from backend_lint.semantics.references import FunctionNode


def writes(function: FunctionNode, update: v.Updated) -> tuple[tuple[int, ...], bool]:
    """What the call behind an update adds to the text of a builder, in order.

    The second result says that the first of it is a format for the others.
    """
    call = function.fact.values[update.by]
    if type(call) is not v.Invoke:
        return (), False
    callee = function.fact.values[call.callee]
    if type(callee) is not v.Member:
        return call.args[1:], False
    if callee.name in MUTATORS:
        return call.args, False
    return call.args[1:], callee.name.endswith("f")  # `fmt.Fprintf(&b, format, …)`


def elements(function: FunctionNode, at: int) -> list[int]:
    """The elements of a list as far as they are known one by one; empty if it is no such list."""
    values = function.fact.values
    added: list[int] = []
    seen = set()
    while at not in seen:
        seen.add(at)
        value = values[at]
        if type(value) is v.Updated:
            call = values[value.by]
            if type(call) is v.Invoke and value.base not in call.args:  # not handed on, but called
                added.extend(reversed(call.args))
            at = value.base
        elif type(value) is v.Merge:
            # A list filled in a loop: the filled option holds the other as its base.
            at = value.options[-1]
            if len(value.options) > 1 and at in seen:
                break
        elif v.alternatives(value):
            at = v.alternatives(value)[0]
        elif type(value) is v.Invoke and type(values[value.callee]) is v.Global:
            if not value.args:
                break
            added.extend(reversed(value.args[1:]))  # `append(list, element)`
            at = value.args[0]
        elif type(value) is v.Listing:
            added.extend(reversed(value.elements))
            break
        elif type(value) is v.Compute and value.operator == "*":
            at = value.operands[0]
        else:
            return []
    return list(reversed(added))
