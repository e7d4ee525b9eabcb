"""A password is hashed with a digest made for speed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of, operands
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.rule import Family, Rule
from backend_lint.semantics.secret_names import words_of

from ._passwords import is_called_password, is_password_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at what every fast digest is fed with, and at where it ends up."""
    for match in index.asked_matches("digest"):
        inputs = match.values("input")
        if not (
            any(
                is_called_password(match.function, at)
                for value in inputs
                for at in _ingredients(match.function, value)
            )
            or _is_stored_as_password(match)
            or _is_given_a_password(index, match)
        ):
            continue
        if (
            _is_harmless(index, match)
            or _is_sent(match)
            or _is_mixture(match)
            or any(_is_for_a_realm(match.function, value) for value in inputs)
            or _is_stretched(match)
        ):
            continue
        name = _algorithm(index, match)
        digest = f"{name}, a digest" if name else "a digest"
        message = (
            f"This password is hashed with {digest} so fast that a stolen table is cracked "
            "within hours. Use a slow, salted password hash: argon2, scrypt or bcrypt."
        )
        yield Finding(
            "weak-password-hash", Location(match.function.file.path, match.region), message
        )


def _ingredients(function: FunctionNode, start: int) -> Iterator[int]:
    """What is hashed: a text, its parts, and what it was before it got another form."""
    values = function.fact.values
    seen, stack = {start}, [start]
    while stack:
        at = stack.pop()
        yield at
        value = values[at]
        further: tuple[int, ...] = ()
        if (
            isinstance(value, v.Invoke)
            and len(value.args) <= _CONVERSION
            and not _encrypts(function, value)
        ):
            callee = values[value.callee]
            further = value.args + ((callee.base,) if isinstance(callee, v.Member) else ())
        elif isinstance(value, (v.Text, v.Hole, v.Compute, v.Merge, v.Listing)):
            further = operands(value)
        elif isinstance(value, (v.Updated, v.Stored, v.Item)):
            further = (value.base,)
        stack.extend(other for other in further if other >= 0 and other not in seen)
        seen.update(further)


def _encrypts(function: FunctionNode, call: v.Invoke) -> bool:
    """What comes out tells nothing of the password that it was encrypted with."""
    called = getattr(function.fact.values[call.callee], "name", "")
    return not {"encrypt", "decrypt"}.isdisjoint(words_of(called))


def _algorithm(index: ProjectIndex, match: Match) -> str:
    """The name of the digest, as far as it is told by what is called, or empty."""
    function = match.function
    words = [match.api]
    for start in (match.index, match.receiver):
        for _, value in made_of(function, start) if start >= 0 else ():
            if isinstance(value, v.Invoke):
                words.extend(index.resolver.names(function, value.callee))
                words.extend(
                    str(argument.value)
                    for number in value.args
                    if isinstance(argument := function.fact.values[number], v.Constant)
                )
    for word in words:
        found = _NAME.search(word)
        if found is not None:
            return found.group().upper()
    return ""


# Arguments with what a request of ours holds.
_SENT = frozenset({"get", "post", "params", "data", "json", "body", "query", "form", "headers"})
# How many arguments a call that changes the form of a text has at the most.
_CONVERSION = 2
# What functions digest that nobody can guess, by their names.
_OF_TOKENS = frozenset({"token", "tokens", "session", "cookie", "nonce", "csrf"})
# A password, its salt and a pepper.
_MAX_PARTS = 3
_NAME = re.compile(r"md[45]|sha-?\d+|blake2[bs]|ripemd\d*", re.IGNORECASE)


def _is_stored_as_password(match: Match) -> bool:
    """The digest is put into a field or argument that is called a password."""
    function = match.function
    stored = [(w.name, w.value) for w in function.fact.writes]
    for value in function.fact.values:
        if isinstance(value, v.Invoke):
            stored.extend(
                (name, item) for name, item in zip(value.names, value.args, strict=True) if name
            )
            callee = function.fact.values[value.callee]
            if isinstance(callee, v.Member):  # `user.setPassword(digest)`
                setter = callee.name.removeprefix("set").lstrip("_")
                stored.extend((setter, item) for item in value.args)
        elif isinstance(value, v.Record):
            stored.extend(v.entries(function.fact.values, value))
    return any(
        is_password_name(name) and any(at == match.index for at, _ in made_of(function, item))
        for name, item in stored
    )


def _is_given_a_password(index: ProjectIndex, match: Match) -> bool:
    """The digest is a function's only business, and a caller hands it a password."""
    function = match.function
    if not _OF_TOKENS.isdisjoint(words_of(function.fact.name)):
        return False  # which are long and random
    positions = {
        value.index
        for start in match.values("input")
        for at in _ingredients(function, start)
        if isinstance(value := function.fact.values[at], v.Parameter)
    }
    for caller, number in index.callers(function):
        call = caller.call(number)
        for position in positions:
            argument, _ = index.argument_for(call, function, position)
            if (
                argument >= 0
                and any(is_called_password(caller, at) for at in _ingredients(caller, argument))
                and not _is_for_a_realm(caller, argument)
            ):
                return True
    return False


def _is_harmless(index: ProjectIndex, match: Match) -> bool:
    """A digest before the real hash, or a look-up in a list of leaked passwords by its prefix."""
    function = match.function
    for at, value in enumerate(function.fact.values):
        if isinstance(value, v.Invoke):
            for other in index.concepts_of(function, at):
                if other.row.concept == "password-hash" and _holds(match, value.args):
                    return True
            if _names_a_hash(function, value) and _holds(match, value.args):
                return True
        elif isinstance(value, v.Item):
            key = function.fact.values[value.key]
            # `[:5]`; a slice without bounds is how Go makes a slice of an array
            is_slice = isinstance(key, v.Compute) and key.operator == "slice" and key.operands
            if is_slice and any(inner == match.index for inner, _ in made_of(function, value.base)):
                return True
        elif isinstance(value, v.Constant) and "pwnedpasswords" in str(value.value):
            return True
    return False


def _holds(match: Match, args: tuple[int, ...]) -> bool:
    return any(inner == match.index for arg in args for inner, _ in made_of(match.function, arg))


def _names_a_hash(function: FunctionNode, call: v.Invoke) -> bool:
    """Another process or thread is asked by name: `pool.exec("hash", [digest, rounds])`."""
    first = function.fact.values[call.args[0]] if call.args else None
    return isinstance(first, v.Constant) and first.value in ("hash", "compare", "verify")


def _is_sent(match: Match) -> bool:
    """The digest is part of a request to another service, which wants it so."""
    function = match.function
    return any(
        name in _SENT and _holds(match, (arg,))
        for value in function.fact.values
        if isinstance(value, v.Invoke)
        for name, arg in zip(value.names, value.args, strict=True)
    )


def _is_stretched(match: Match) -> bool:
    """The digest is fed with itself, round after round, until it is slow."""
    return any(_holds(match, (value,)) for value in match.values("input"))


def _is_mixture(match: Match) -> bool:
    """So much goes in that the digest vouches for all of it: it is a code, no password hash."""
    function = match.function
    return any(_parts(function, value) > _MAX_PARTS for value in match.values("input"))


def _is_for_a_realm(function: FunctionNode, start: int) -> bool:
    """Digest authentication demands it so: `md5(`${user}:${realm}:${password}`)`."""
    for at in _ingredients(function, start):
        value = function.fact.values[at]
        name = getattr(value, "name", "")
        if isinstance(value, v.Parameter):
            name = function.fact.parameters[value.index].name
        if words_of(name)[-1:] == ["realm"]:
            return True
    return False


def _parts(function: FunctionNode, start: int) -> int:
    """How many dynamic parts a text is put together of."""
    values = function.fact.values
    count, stack = 0, [start]
    while stack:
        value = values[stack.pop()]
        if isinstance(value, v.Compute) and value.operator == "+":
            stack.extend(value.operands)
        elif isinstance(value, v.Text):
            stack.extend(value.parts)
        elif isinstance(value, v.Invoke) and len(value.args) == 1:
            stack.append(value.args[0])  # a conversion: `[]byte(text)`
        elif not isinstance(value, v.Constant):
            count += 1
    return count


RULE = Rule(
    name="weak-password-hash",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.1,
    cwe=(916,),
    owasp=("API2", "ASVS-2.4.1"),
    checklist=("strong-password-hash",),
    judge=judge,
)
