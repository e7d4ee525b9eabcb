"""What tests of single characters tell of an address: `next[0] == '/' && next[1] != '/'`.

Behind two slashes stands a host. Who rules out the second one asks for the first as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_lint.semantics.references import FunctionNode

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def rules_out_host(
    function: FunctionNode, test: v.Compute, *, positive: bool, is_meant: Callable[[int], bool]
) -> bool:
    """The test, if it came out so, shows that the second character is no slash.

    Args:
        function: where the test is.
        test: a comparison, or several of which all are about the beginning or the length.
        positive: how it came out.
        is_meant: tells whether a value is the address.
    """
    values = function.fact.values
    if test.operator in ("==", "!="):
        return (test.operator == "!=") == positive and _compares(function, test, 1, is_meant)
    if test.operator != "and" or positive:
        return False
    parts = [part for at in test.operands if type(part := values[at]) is v.Compute]
    return (
        len(parts) == len(test.operands)
        and any(part.operator == "==" and _compares(function, part, 1, is_meant) for part in parts)
        and all(_is_of_beginning(function, part, is_meant) for part in parts)
    )


def is_character(function: FunctionNode, item: v.Value, compared: v.Value) -> bool:
    """A single character is compared with what stands at a position."""
    return (
        type(item) is v.Item
        and type(compared) is v.Constant
        and isinstance(compared.value, str)
        and len(compared.value) == 1
        and type(key := function.fact.values[item.key]) is v.Constant
        and type(key.value) is int
    )


def _compares(
    function: FunctionNode, test: v.Compute, position: int, is_meant: Callable[[int], bool]
) -> bool:
    """A character of the address is compared with a slash."""
    character, other = (function.fact.values[at] for at in test.operands)
    if type(character) is not v.Item:
        return False
    key = function.fact.values[character.key]
    return (
        type(other) is v.Constant
        and other.value == "/"
        and type(key) is v.Constant
        and key.value == position
        and is_meant(character.base)
    )


def _is_of_beginning(
    function: FunctionNode, test: v.Compute, is_meant: Callable[[int], bool]
) -> bool:
    """One of the first two characters, or the length, is compared."""
    if test.operator not in _COMPARISONS:
        return False
    compared = function.fact.values[test.operands[0]]
    if type(compared) is v.Invoke:  # `len(next)`
        return any(is_meant(arg) for arg in compared.args)
    if type(compared) is v.Member:  # `next.length`
        return is_meant(compared.base)
    return any(_compares(function, test, position, is_meant) for position in (0, 1))
