"""What the two password rules share: names of passwords, and the fields of records."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend_lint.semantics.references import FunctionNode

_PASSWORD = re.compile(r"(?:^|[_\W])(?:pass(?:word|wd|phrase|code)?|pwd|pw)$", re.IGNORECASE)
# What all such names hold.
_LETTERS = re.compile(r"pass|pw", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What says where else one logs in.
_ELSEWHERE = re.compile(r"(?:^|_)(?:host|hostname|port|server|smtp|imap)(?:_|$)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def is_password_name(name: str) -> bool:
    """A variable, field or column of this name holds a password: `newPassword`, `user_pwd`."""
    spaced = _CAMEL.sub("_", name)
    return _PASSWORD.search(spaced) is not None and not re.search(
        r"confirm|repeat|again|hint|reset|forgot", spaced, re.IGNORECASE
    )


def is_of_another_service(names: Iterable[str]) -> bool:
    """A password beside these fields opens another service, for which it must stay what it is."""
    return any(_ELSEWHERE.search(_CAMEL.sub("_", name)) for name in names)


def may_name_password(text: str) -> bool:
    """A name in the text may be that of a password."""
    return _LETTERS.search(text) is not None


def is_called_password(function: FunctionNode, at: int) -> bool:
    """The name of a value, or the key that it is taken by, is that of a password."""
    value = function.fact.values[at]
    name = ""
    if isinstance(value, v.Parameter):
        name = function.fact.parameters[value.index].name
    elif isinstance(value, (v.Member, v.Captured)):
        name = value.name
    elif isinstance(value, v.Item):
        key = function.fact.values[value.key]
        name = key.value if isinstance(key, v.Constant) and isinstance(key.value, str) else ""
    elif isinstance(value, v.Invoke) and value.args:
        first = function.fact.values[value.args[0]]
        if isinstance(first, v.Constant) and isinstance(first.value, str):
            name = first.value  # `form.get("password")`
    return bool(name) and is_password_name(name)


def fields_of(function: FunctionNode, at: int) -> Iterator[tuple[str, int]]:
    """The named parts of an object or mapping written in the function."""
    values = function.fact.values
    value = values[at]
    while isinstance(value, (v.Stored, v.Updated)):
        if isinstance(value, v.Stored) and value.name:
            yield value.name, value.value
        value = values[value.base]
    if isinstance(value, v.Record):
        yield from v.entries(values, value)
    elif isinstance(value, v.Invoke):
        for name, item in zip(value.names, value.args, strict=True):
            if name and name not in ("*", "**"):
                yield name, item
        for item in value.args[:1]:
            if isinstance(values[item], v.Record):
                yield from fields_of(function, item)
    elif isinstance(value, v.Listing):
        for element in value.elements:
            yield from fields_of(function, element)
