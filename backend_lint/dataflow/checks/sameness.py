"""Values that are the same but for what a check does not care about: case, space, a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_STEPS = 6
# Methods that give back the text they are called on, but for case and the space around it.
NORMALIZING = frozenset(
    {
        "strip",
        "lstrip",
        "rstrip",
        "trim",
        "trimStart",
        "trimEnd",
        "lower",
        "upper",
        "casefold",
        "title",
        "capitalize",
        "toLowerCase",
        "toUpperCase",
        "toLocaleLowerCase",
        "toLocaleUpperCase",
        "toString",
    }
)


def speaks_of(index: ProjectIndex, function: FunctionNode, checked: int, at: int) -> bool:
    """What a check says of the value `checked` holds for `at`."""
    return any(is_same(function, one, at) for one in same_texts(index, function, checked))


def same_texts(index: ProjectIndex, function: FunctionNode, at: int) -> list[int]:
    """A value and those it is but for case, space and a constant default."""
    found = [at]
    for current in found:
        if len(found) <= MAX_STEPS:
            found.extend(s for s in _sources(index, function, current) if s not in found)
    return found


def is_same(function: FunctionNode, one: int, other: int, depth: int = 0) -> bool:
    """Two values are one, or calls written alike of the same values: `Object.keys(body)`."""
    if one == other:
        return True
    first, second = function.fact.values[one], function.fact.values[other]
    return (
        depth < MAX_STEPS
        and type(first) is v.Invoke
        and type(second) is v.Invoke
        and len(first.args) == len(second.args)
        and first.names == second.names
        and is_same(function, first.callee, second.callee, depth + 1)
        and all(
            is_same(function, *pair, depth + 1)
            for pair in zip(first.args, second.args, strict=True)
        )
    )


def _sources(index: ProjectIndex, function: FunctionNode, at: int) -> Iterator[int]:
    """What a value is but for case, space and a constant default."""
    values = function.fact.values
    value = values[at]
    if type(value) is v.Invoke:
        callee = values[value.callee]
        if type(callee) is v.Member and callee.name in NORMALIZING and not value.args:
            yield callee.base
        elif value.args and any(
            row.concept == "propagator" and row.attributes.get("normalizes")
            for row, _ in index.rows(function, value.callee)
        ):
            yield value.args[0]
        return
    if type(value) is v.Compute and value.operator in ("or", "??"):
        options: tuple[int, ...] = value.operands
    else:
        options = v.alternatives(value)
    dynamic = [option for option in options if type(values[option]) is not v.Constant]
    if len(dynamic) == 1:
        yield dynamic[0]
