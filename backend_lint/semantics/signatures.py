"""The types that a function declares, as it spells them: whether two signatures can be one.

Packages are left out, because the same type is spelled without one where it is declared. What
stands for any type, a type parameter, agrees with all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.semantics.references import FunctionNode

Spelling: TypeAlias = "str | tuple[Spelling, ...]"

# A type parameter, by its name, or what nobody can tell.
_ANY = ""


def agree(one: Spelling, other: Spelling) -> bool:
    """Two signatures take and give values of the same types, as far as their spelling tells."""
    if one == other or _ANY in (one, other):
        return True
    if isinstance(one, str) or isinstance(other, str) or len(one) != len(other):
        return False
    return all(agree(left, right) for left, right in zip(one, other, strict=True))


def spelled(function: FunctionNode) -> Spelling:
    """The declared types of the parameters and of the result."""
    fact = function.fact
    taken = [(each.kind or "-", _type(function, each.annotation)) for each in fact.parameters]
    given: Spelling = "-" if fact.annotation < 0 else _type(function, fact.annotation)
    return (*taken, given)


def _type(function: FunctionNode, at: int) -> Spelling:
    value = function.fact.values[at] if at >= 0 else None
    if isinstance(value, (v.Global, v.Captured, v.Imported, v.Member)):
        return value.name if len(value.name) > 1 else _ANY
    if isinstance(value, v.ClassValue):
        return function.file.facts.classes[value.index].name
    if isinstance(value, v.Item):
        return (_type(function, value.base), _type(function, value.key))
    if isinstance(value, v.Listing):
        return tuple(_type(function, element) for element in value.elements)
    if isinstance(value, v.Constant):
        return repr(value.value)
    return _ANY
