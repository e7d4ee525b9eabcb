"""How much a text looks like a secret, given what its name announces.

A text is held against the usual harmless ones first: placeholders, references to the environment,
identifiers, labels, paths, addresses, formats. What is left is random (a machine made it), mixed as
passwords are, or an ordinary word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from backend_lint.finding import Confidence
from backend_lint.semantics.secret_names import Kind, word_set

_SHORTEST_PASSWORD = 5
_SHORTEST_RANDOM = 16
_LONGEST = 256

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?:0x)?[0-9a-f]+|[0-9A-F]+")
_RANDOM = re.compile(r"[A-Za-z0-9+/_.~!@#$%^&*-]+={0,2}")
_HARMLESS = re.compile(
    r"""
    .*\s.*                                                         # words, labels, messages
    | (?:phc|pk_live|pk_test)_[A-Za-z0-9]+                         # keys that are for publishing
    | .*(?:\$\{|\{\{|\}\}|<[^>]*>|%\(|\#\{|\{[\w.]*\}|\[\[).*      # holes of templates
    | .*%[-\w.]*[sdvq].* | \$\w+ | \$\(.*\) | %\w+%               # formats, variables
    | [A-Z][a-z]+[:?*!.]? | [A-Za-z]+[:?*]                        # labels
    | (?:env|process\.env|secrets?|vault|op|arn|ref)[.:(+].*        # references
    | [a-z][a-z0-9+.-]*://.* | urn:.* | data:.*                     # addresses
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}
    | (?:\.{0,2}|~|[A-Za-z]:)[/\\].* | [\w.-]+(?:/[\w.@-]+)+\.\w{1,5}  # paths
    | \^.* | .*(?:\\[dwsbnt]|\[\^|\.\*|\.\+|\(\?|\[a-z).*           # regular expressions
    | [.\#]?[\w-]*\[[\w-]+.*                                       # selectors
    | (?:sha(?:1|224|256|384|512)|md5|pbkdf2\w*|scrypt|bcrypt\w*|argon2\w*)[-:$].*
    | \$(?:2[abxy]?|argon2\w*|[156]|scrypt)\$.* | \{SSHA\}.*       # digests, password hashes
    | (?:application|audio|font|image|multipart|text|video)/.*      # media types
    | v?\d+(?:[._:-]\d+)* | [+-]?[\d.,]+[a-z%]{0,3}                # numbers, versions, times
    | \w[\w.]*\(.*\)                                               # code
    | [a-z]+(?:_[a-z]+)+=[a-z]+                                     # conditions
    | \d+/\d*[smhd][a-z]*(?:/\w+)?(?:,.*)?                         # rates: `5/m/ip`
    """,
    re.VERBOSE | re.DOTALL,
)
# What a value is read from, or where: `env:NAME`, `vault:app/db`, `arg:0|key`.
_REFERENCE = re.compile(r"[a-z]{2,10}:[\w*+|./-]{1,40}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SAME = re.compile(r"(.{1,3}?)\1+.?")

# One of these makes the text a stand-in, whatever the rest is.
_STAND_IN = re.compile(
    r"example|placeholder|change[\W_]*(?:me|this|it)|your[\W_]|^your|dummy|fake|redacted|replace"
    r"|insert|xxx|\*\*\*|\.\.\.|todo|fixme|sample|mock|lorem|not[\W_]?(?:a|so|real|very)[\W_]?"
    r"(?:real|secret|secure|key)|deadbeef|abcdefgh|0123456789|123456789|qwertyu|put[\W_]|goes[\W_]"
    r"|insecure|unsafe|generate|override|<|…",
    re.IGNORECASE,
)
# Texts made of nothing but these, digits and punctuation are defaults of development.
_PLAIN_WORDS = word_set(
    "a aaa abc access account admin administrator alice an and anon anonymous any api app asdf "
    "auth backend bar basic baz bearer bob client code common confirm confirmation cookie cred "
    "credentials csrf current customer data database db debug default demo dev development doe "
    "empty encryption false field file foo for from general guest hash header hello here hmac id "
    "in invalid is john jwt key keyboard letmein local login mail me mongo my mysql name new nil "
    "no none not null oauth of old or pass password passwd pass phrase pg postgres postgresql "
    "private prod production public pw pwd qwe qwerty rabbitmq random redis refresh repeat reset "
    "root rsa sa salt secret secrets secure server service session shared sign signing some "
    "stage staging str string sub super supersecret system temp temporary test testing tests the "
    "this to token tokens true type undefined unknown unset user username value very web webhook "
    "welcome world wrong"
)

_SEGMENT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NUMBER = re.compile(r"[0-9]+")
_VOWEL = re.compile(r"[aeiouy]")
_CLUSTER = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}|(.)\1\1|[qj][bcdfghjklmnpqrstvwxz]")


@lru_cache(maxsize=4096)
def judge(value: str, kind: Kind) -> Confidence | None:
    """How sure it is that a text under a name of this kind is a secret; None if it is none."""
    value = value.removeprefix("django-insecure-")  # a generated key that people deploy
    if is_harmless(value) and not value.isdigit():
        return None
    if kind is Kind.PASSWORD and _UUID.fullmatch(value):
        return None  # a product by the name of LastPass
    random = is_random(value)
    if kind is Kind.TOKEN:
        return Confidence.MEDIUM if random else None
    if random:
        return Confidence.MEDIUM
    if value.isdigit() and kind is Kind.PASSWORD:
        return Confidence.LOW
    if len(value) < _SHORTEST_PASSWORD or is_identifier(value):
        return None
    if is_plain(value):
        # `Admin123!` works somewhere, yet it is what everybody types during development.
        return Confidence.LOW if any(char.isdigit() for char in value) else None
    return Confidence.MEDIUM if _is_mixed(value) else Confidence.LOW


def is_harmless(value: str) -> bool:
    """Whether a text is a stand-in, a reference, a label or another thing that is never secret."""
    if len(value) < _SHORTEST_PASSWORD - 1 or len(value) > _LONGEST or not value.isascii():
        return True
    if _HARMLESS.fullmatch(value) or is_stand_in(value):
        return True
    if _REFERENCE.fullmatch(value) and not is_random(value.partition(":")[2]):
        return True
    return value.isalpha() and value.isupper() and len(value) < _SHORTEST_RANDOM


def is_stand_in(value: str) -> bool:
    """Whether a text says of itself that something else belongs in its place."""
    return _STAND_IN.search(value) is not None or _SAME.fullmatch(value) is not None


def is_random(value: str) -> bool:
    """Whether a machine seems to have made the text: long, and without words in it."""
    if _UUID.fullmatch(value):
        return len(set(value)) > 8
    if len(value) < _SHORTEST_RANDOM or not _RANDOM.fullmatch(value):
        return False
    if _HEX.fullmatch(value):
        return not value.isdigit() and not value.isalpha() and entropy(value) >= 2.8
    numbers = len(_NUMBER.findall(value))
    least = 3.2 if len(value) < 24 else 3.6
    if entropy(value) < least or not (numbers or _has_both_cases(value)):
        return False
    # Identifiers hold a number or two, texts of machines change between letters and digits.
    return wordiness(value) < (0.3 if not numbers else 0.5 if numbers < 3 else 0.75)


def is_identifier(value: str) -> bool:
    """Whether a text names something in code: `new_password`, `auth.token`, `X-Api-Key2`."""
    if not re.fullmatch(r"[A-Za-z_][\w]*(?:[-.:/][\w]+)*", value):
        return False
    words = _SEGMENT.findall(value)
    joined = len(words) > 1 and (
        any(char in "_-.:/" for char in value.strip("_")) or value[0].islower()
    )
    if not joined:
        return False
    return wordiness(value) >= 0.8 and sum(len(word) for word in words if word.isdigit()) <= 1


def is_plain(value: str) -> bool:
    """Whether a text is made of everybody's words for passwords and the like."""
    unleeted = value.lower().translate(_LEET)
    for text in (value, unleeted):
        words = [word.lower() for word in _SEGMENT.findall(text) if not word.isdigit()]
        if all(word in _PLAIN_WORDS for word in words):
            return True
    letters = re.sub(r"[^a-z]", "", unleeted)
    return letters in _PLAIN_WORDS or _is_joined(letters)


_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
)


def _is_joined(letters: str) -> bool:
    """Whether a text is plain words in a row: `mysecretpassword`."""
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in _PLAIN_WORDS for start in reached if end - start < 14):
            reached.add(end)
    return len(letters) in reached


def wordiness(value: str) -> float:
    """The share of the letters and digits of a text that stands in pronounceable words."""
    total = spoken = 0
    for segment in _SEGMENT.findall(value):
        total += len(segment)
        if len(segment) >= 3 and segment.isalpha() and _is_word(segment.lower()):
            spoken += len(segment)
    return spoken / total if total else 0.0


def entropy(value: str) -> float:
    """Bits per character, by the frequency of its characters (Shannon)."""
    length = len(value)
    counts = Counter(value).values()
    return -sum(count / length * math.log2(count / length) for count in counts)


def _is_word(word: str) -> bool:
    if word in _PLAIN_WORDS:
        return True
    vowels = len(_VOWEL.findall(word))
    return 0.2 <= vowels / len(word) <= 0.75 and not _CLUSTER.search(word)


def _has_both_cases(value: str) -> bool:
    return not (value.islower() or value.isupper())


def _is_mixed(value: str) -> bool:
    """Letters with digits or with signs that identifiers do not hold."""
    letters = any(char.isalpha() for char in value)
    digits = any(char.isdigit() for char in value)
    signs = any(not char.isalnum() and char not in "_-.:/," for char in value)
    return letters and (digits or signs)
