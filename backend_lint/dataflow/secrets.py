"""Secrets as sources: values that their name says to be a password, a key, a token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import places
from backend_lint.dataflow.sources import CLEAN, Beginning, Origin
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference
from backend_lint.semantics.secret_names import is_credential, kind_of, words_of

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# Words of functions whose result gives away nothing, or as good as nothing, of what went in.
_VEILING = frozenset(
    {
        "mask", "masked", "redact", "redacted", "obfuscate", "obscure", "scrub", "censor", "hide",
        "sanitize", "sanitized", "hash", "hashed", "encrypt", "encrypted", "fingerprint", "digest",
        "truncate", "shorten", "slice", "replace", "substring", "substr", "verify", "check",
        "validate", "compare", "is", "has", "count", "length", "decode", "parse",
    }
)  # fmt: skip
# Words of functions that hand a secret out, in front of its name.
_GIVING = frozenset(
    {"get", "generate", "create", "make", "issue", "build", "fetch", "read", "load"}
)
# Words of collections that hold something about secrets under their names: `endpoints.token`.
_ABOUT = frozenset(
    {
        "endpoint", "endpoints", "url", "urls", "uri", "uris", "route", "routes", "path", "paths",
        "link", "links", "field", "fields", "column", "columns", "label", "labels", "message",
        "messages", "error", "errors", "type", "types", "flag", "flags", "description",
        "descriptions", "translations", "placeholders", "regex", "patterns", "features", "enum",
    }
)  # fmt: skip
# The half of a pair that names whose it is, which goes along in requests: `access_key`.
_NAMING = frozenset({("access", "key"), ("accesskey",)})
_NAMES = frozenset({v.Captured, v.Imported, v.Global, v.Member})
# What a field of a form, a header or a mapping is called.
_FIELD = re.compile(r"\w[\w.\[\]-]{0,80}")
_RELATING = frozenset({"by", "for", "from", "with", "of", "to"})


class SecretSources:
    """Sources that are secrets by name.

    Args:
        index: the linked project.
        kind: the taint kind.
        credentials_only: passwords and what is kept of them, no tokens and keys.
    """

    can_be_checked = True
    counts_in_development = False

    def __init__(self, index: ProjectIndex, kind: str, *, credentials_only: bool = False) -> None:
        self.index = index
        self.kind = kind
        self.credentials_only = credentials_only

    def at(
        self, function: FunctionNode, at: int, fields: tuple[str, ...], *, parsed: bool
    ) -> Beginning | None:
        """What begins at a value; None if the flow goes further back."""
        del parsed
        value = function.fact.values[at]
        if (
            type(value) is v.Constant
            or _is_excerpt(function, value)
            or _is_further_result(function, value)
            or self._is_failure(function, value)
        ):
            return CLEAN
        name = self._name(function, at, value)
        if name and self._is_secret(name) and not _is_about(function, value):
            if type(value) is v.Invoke and (
                _is_object(function, at) or self._is_in_a_name(function, at)
            ):
                return CLEAN
            if type(value) in _NAMES and self._is_name_of_one(function, at):
                return CLEAN
            # The field that is taken says more: `token.expires`, `secret.name`.
            taken = [field for field in fields if field not in ("*", "**") and not field.isdigit()]
            return CLEAN if taken else Beginning(Origin.SECRET, name=name)
        if type(value) is v.Invoke and any(
            isinstance(reference, (FunctionReference, ClassReference))
            for reference in self.index.resolver.references(function, value.callee)
        ):
            # What functions make of a secret is seldom the secret: a result, an error, a message.
            # An object is known by the fields that are taken of it.
            return CLEAN
        return None

    def _is_name_of_one(self, function: FunctionNode, at: int) -> bool:
        """A constant says where a secret is found: `const ProxyPassword = "proxy.password"`."""
        known = []
        for owner, other in places(self.index, function, at):
            value = owner.fact.values[other]
            if type(value) is v.Compute and value.operator == "typed":
                value = owner.fact.values[value.operands[0]]
            known.append(value.value if type(value) is v.Constant else None)
        return bool(known) and all(
            isinstance(text, str) and _FIELD.fullmatch(text) and not any(map(str.isdigit, text))
            for text in known
        )

    def _is_in_a_name(self, function: FunctionNode, at: int) -> bool:
        """A result makes a text unique: ``name = `app-${makeSecret(6)}```.

        What is given away where it was made is no name.
        """
        values = function.fact.values
        holes = {
            number
            for number, value in enumerate(values)
            if type(value) is v.Hole and value.value == at
        }
        made = {
            number
            for number, value in enumerate(values)
            if type(value) is v.Text and not holes.isdisjoint(value.parts)
        }
        return bool(made) and not any(
            type(value) is v.Invoke
            and not made.isdisjoint(value.args)
            and any(
                match.row.concept == "sink" and self.kind in match.row.kinds
                for match in self.index.concepts_of(function, number)
            )
            for number, value in enumerate(values)
        )

    def _is_failure(self, function: FunctionNode, value: v.Value) -> bool:
        """What a call gives that declares to give back an error and nothing else."""
        if type(value) is not v.Invoke:
            return False
        called = self.index.targets(function, value)
        return bool(called) and all(
            each.fact.annotation >= 0
            and type(given := each.fact.values[each.fact.annotation]) is v.Global
            and given.name == "error"
            for each in called
        )

    def _is_secret(self, name: str) -> bool:
        if self.credentials_only:
            return is_credential(name)
        return kind_of(name) is not None and tuple(words_of(name)[-2:]) not in _NAMING

    def _name(self, function: FunctionNode, at: int, value: v.Value) -> str:
        values = function.fact.values
        match value:
            case v.Member() | v.Global() | v.Captured() | v.Imported():
                return value.name
            case v.Parameter():
                return function.fact.parameters[value.index].name
            case v.Item():
                key = values[value.key]
                if type(key) is v.Constant and isinstance(key.value, str):
                    return key.value
            case v.Invoke():
                callee = values[value.callee]
                called = getattr(callee, "name", "")
                first = values[value.args[0]] if value.args else None
                words = words_of(called)
                if len(words) > 1 and words[0] in _GIVING and _RELATING.isdisjoint(words):
                    return called
                if (
                    type(callee) is v.Member
                    and type(first) is v.Constant
                    and len(value.args) < 3
                    and not self._goes_in(function, at)
                ):
                    # `.select("-password")` leaves it out, and `.post("/token")` names no field.
                    text = first.value if isinstance(first.value, str) else ""
                    return text if _FIELD.fullmatch(text) else ""
            case _:
                pass
        return ""

    def _goes_in(self, function: FunctionNode, at: int) -> bool:
        """The arguments of a call are parts of its result, no names: `folder.joinpath("token")`."""
        return any(
            match.row.concept == "propagator" for match in self.index.concepts_of(function, at)
        )

    def is_sanitized(self, function: FunctionNode, at: int, call: v.Invoke) -> bool:
        """The result of the call gives away nothing of what went in."""
        called = getattr(function.fact.values[call.callee], "name", "")
        if not _VEILING.isdisjoint(words_of(called)):
            return True
        rows = [row for row, _ in self.index.rows(function, call.callee)]
        rows.extend(match.row for match in self.index.concepts_of(function, at))
        return any(
            (row.concept in ("digest", "password-hash") and not self.credentials_only)
            or (row.concept == "sanitizer" and self.kind in row.kinds)
            for row in rows
        )

    def is_safe(self, function: FunctionNode, at: int) -> bool:
        """All that is no secret is safe."""
        del function, at
        return True

    def dead_end(self, function: FunctionNode, at: int) -> Origin:
        """Never asked: all that is no secret is safe."""
        del function, at
        return Origin.UNKNOWN


def _is_excerpt(function: FunctionNode, value: v.Value) -> bool:
    """A few characters at one end: `key[:4]`, `key[-4:]`."""
    if type(value) is not v.Item:
        return False
    values = function.fact.values
    key = values[value.key]
    if type(key) is not v.Compute or key.operator != "slice":
        return False
    bounds = [_number(values, bound) for bound in key.operands]
    if len(bounds) == 1:
        return bounds[0] is not None and bounds[0] < 0
    return len(bounds) == 2 and bounds[1] is not None


def _is_object(function: FunctionNode, at: int) -> bool:
    """Fields of a result are read, so it holds a secret at most: `result.accessToken`."""
    values = function.fact.values
    called = {value.callee for value in values if type(value) is v.Invoke}
    return any(
        type(value) is v.Member and value.base == at and number not in called
        for number, value in enumerate(values)
    )


def _is_further_result(function: FunctionNode, value: v.Value) -> bool:
    """Of several results of a call, the first is what its name says, and the last an error."""
    if type(value) is not v.Item or type(function.fact.values[value.base]) is not v.Invoke:
        return False
    key = function.fact.values[value.key]
    return type(key) is v.Constant and type(key.value) is int and key.value > 0


def _number(values: tuple[v.Value, ...], at: int) -> int | None:
    value = values[at]
    if type(value) is v.Compute and value.operator == "-" and len(value.operands) == 1:
        number = _number(values, value.operands[0])
        return None if number is None else -number
    return value.value if type(value) is v.Constant and type(value.value) is int else None


def _is_about(function: FunctionNode, value: v.Value) -> bool:
    """The object says that it is not secrets that it holds."""
    if not isinstance(value, (v.Member, v.Item)):
        return False
    words = words_of(getattr(function.fact.values[value.base], "name", ""))
    return bool(words) and words[-1] in _ABOUT
