"""Branches that only run where people develop: `if settings.DEBUG:`, `if (env.isDevelopment)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.uses import tests_around
from backend_lint.facts import values as v
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from backend_lint.dataflow.uses import Use
    from backend_lint.semantics.references import FunctionNode

_DEVELOPMENT = frozenset(
    {"dev", "devel", "development", "debug", "debugging", "local", "localhost"}
)
_PRODUCTION = frozenset({"prod", "production", "live", "release"})
_FILLING = frozenset(
    {"is", "in", "mode", "env", "environment", "enabled", "app", "build", "running"}
)
_MAX_DEPTH = 4


def is_for_development(function: FunctionNode, use: Use) -> bool:
    """The place of a use is reached in no production."""
    return any(
        _tells(function, test, outcome=outcome)
        for context, _ in use.places
        for test, outcome in tests_around(function, context)
    )


def _tells(function: FunctionNode, test: int, *, outcome: bool, depth: int = 0) -> bool:
    """A test that came out so says that this is no production."""
    value = function.fact.values[test]
    if depth > _MAX_DEPTH:
        return False
    if type(value) is v.Compute:
        if value.operator == "not":
            return _tells(function, value.operands[0], outcome=not outcome, depth=depth + 1)
        if value.operator == ("and" if outcome else "or"):
            return any(
                _tells(function, each, outcome=outcome, depth=depth + 1) for each in value.operands
            )
        if value.operator in ("==", "!="):
            equal = (value.operator == "==") == outcome
            return any(_is_called(function, each, development=equal) for each in value.operands)
        return False
    return _is_called(function, test, development=outcome)


def _is_called(function: FunctionNode, at: int, *, development: bool) -> bool:
    """A name or text is one of development, or else of production."""
    value = function.fact.values[at]
    if type(value) is v.Invoke:
        value = function.fact.values[value.callee]
    name = value.value if type(value) is v.Constant else getattr(value, "name", "")
    words = set(words_of(name)) - _FILLING if isinstance(name, str) else set()
    return bool(words) and words <= (_DEVELOPMENT if development else _PRODUCTION)
