"""The algorithm by which a token is checked is not fixed, or is none at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies, constants, places
from backend_lint.dataflow.dependence import made_of
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.rule import Family, Rule
from backend_lint.semantics.references import FunctionReference
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode
    from backend_lint.source import Region

_NAME = "jwt-algorithm-not-pinned"
_CURE = "Name the one algorithm that the tokens are signed with."
_NONE = (
    "Tokens with the algorithm `none` have no signature, so anybody can make one for any user. "
    + _CURE
)
_CHOSEN = (
    "The token itself names the algorithm by which it is checked, so who makes one can choose a "
    f"weak one, or none. {_CURE}"
)
_MIXED = (
    "Tokens are accepted that are signed with a shared secret, and such that are checked with a "
    "public key: who takes the public key for the secret can make tokens for any user. " + _CURE
)
_OPEN = (
    "No algorithm is named here, so the token decides how its signature is checked, and who takes "
    f"the public key for a shared secret may make tokens for any user. {_CURE}"
)
_SHARED = re.compile(r"HS\d+")
_PUBLIC = re.compile(r"(?:RS|ES|PS)\d+|EdDSA")
# Words of names of keys that others may know.
_PUBLIC_WORDS = frozenset({"public", "pub", "pem", "cert", "certificate", "jwk", "jwks", "rsa"})
_PUBLIC_TEXT = re.compile(r"BEGIN (?:RSA )?(?:PUBLIC KEY|CERTIFICATE)|\.(?:pem|pub|crt|cer)$")


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at the algorithms that tokens are made with and checked by."""
    for match in index.asked_matches("token-verification"):
        if not applies(index, match):
            continue
        region = match.region_of("algorithms")
        named = set(_algorithms(index, match))
        if any(name.lower() == "none" for name in named):
            yield _finding(match, region, _NONE)
        elif _is_chosen(index, match):
            yield _finding(match, region, _CHOSEN)
        elif any(map(_SHARED.fullmatch, named)) and any(map(_PUBLIC.fullmatch, named)):
            yield _finding(match, region, _MIXED, Severity.WARNING, Confidence.MEDIUM)
    for match in index.asked_matches("unsigned-token"):
        if applies(index, match):
            yield _finding(match, match.region, _NONE)
    for match in index.asked_matches("open-verification"):
        if applies(index, match) and not _may_look(index, match):
            confidence = _confidence(index, match)
            if confidence is None:
                continue
            severity = Severity.NOTE if confidence is Confidence.LOW else Severity.WARNING
            yield _finding(match, match.region, _OPEN, severity, confidence)


def _finding(
    match: Match,
    region: Region,
    message: str,
    severity: Severity | None = None,
    confidence: Confidence | None = None,
) -> Finding:
    location = Location(match.function.file.path, region)
    return Finding(_NAME, location, message, severity=severity, confidence=confidence)


def _algorithms(index: ProjectIndex, match: Match) -> Iterator[str]:
    for at in match.values("algorithms"):
        for owner, other in places(index, match.function, at):
            value = owner.fact.values[other]
            for element in value.elements if isinstance(value, v.Listing) else (other,):
                for name in constants(index, owner, element):
                    if isinstance(name, str):
                        yield name


def _is_chosen(index: ProjectIndex, match: Match) -> bool:
    """The algorithms are made of what a token says of itself."""
    return any(
        type(value) is v.Invoke
        and any(
            other.row.concept in ("token-header", "unverified-token")
            for other in index.concepts_of(match.function, inner)
        )
        for at in match.values("algorithms")
        for inner, value in made_of(match.function, at)
    )


def _may_look(index: ProjectIndex, match: Match) -> bool:
    """The function that gives the key looks at the algorithm, or is not seen."""
    names = match.attributes.get("looks-at", ())
    for at in match.values("key-function"):
        functions = [
            reference.function
            for reference in index.resolver.references(match.function, at)
            if isinstance(reference, FunctionReference)
        ]
        if not functions or any(_looks(index, function, names) for function in functions):
            return True
    return False


def _looks(index: ProjectIndex, function: FunctionNode, names: tuple[str, ...]) -> bool:
    for value in function.fact.values:
        if type(value) is v.Member and value.name in names:
            return True
        if type(value) is v.Constant and value.value in names:
            return True
        # It may hand the token on, to a function that looks.
        if type(value) is v.Invoke and any(True for _ in index.targets(function, value)):
            return True
    return False


def _confidence(index: ProjectIndex, match: Match) -> Confidence | None:
    """None where the key is a shared secret, as far as it is seen, and none can be taken for it."""
    stated = match.attributes.get("confidence")
    if stated:
        return Confidence[stated.upper()]
    public = any(_is_public(index, match.function, at) for at in match.values("key"))
    return Confidence.MEDIUM if public else None


def _is_public(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """A key by which signatures are checked and not made, by its name or its text."""
    for owner, other in [(function, at), *places(index, function, at)]:
        for _, value in made_of(owner, other):
            name = getattr(value, "name", "")
            if isinstance(name, str) and not _PUBLIC_WORDS.isdisjoint(words_of(name)):
                return True
            if (
                type(value) is v.Constant
                and isinstance(value.value, str)
                and _PUBLIC_TEXT.search(value.value)
            ):
                return True
    return False


RULE = Rule(
    name=_NAME,
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.1,
    cwe=(347,),
    owasp=("API2",),
    checklist=("jwt-algorithm-pinned",),
    judge=judge,
)
