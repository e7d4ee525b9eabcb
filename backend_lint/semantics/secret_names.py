"""Whether a name says that its value is a secret.

The last word of a name decides, as in any noun phrase: `db_password` is a password, while
`password_field`, `token_url` and `secret_name` are a field, an address and a name.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache


class Kind(enum.Enum):
    """What a secret is made of: a person's choice, either, or a machine's random text."""

    PASSWORD = enum.auto()
    SECRET = enum.auto()
    TOKEN = enum.auto()


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_KEY = b"key"
_ROOTS = (b"pass", b"pwd", b"secret", b"token", _KEY)
_BEFORE_KEY = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-.")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NAME = re.compile(r"[#$@]?[\w.:/-]+")
_LONGEST_NAME = 80

# Words of what is kept of a password, and how many words such names have at the most.
_KEPT = frozenset({"hash", "hashed", "digest", "salt", "encrypted"})
_FEW = 4

_PASSWORD = frozenset({"password", "passwd", "pwd", "passphrase", "passcode", "pword", "pw"})

_KEY_OF = word_set(
    "access account admin aes api app application auth authentication authorization cipher client "
    "consumer cookie crypt crypto decrypt decryption des encrypt encryption fernet hash hmac jwt "
    "license master private rsa secret security server service session shared sign signature "
    "signing ssh token webhook"
)
# Words behind the noun that leave it what it is.
_NEUTRAL = word_set(
    "b64 base base64 bytes const default dev development encoded fallback hex literal live local "
    "main old new plain prod production raw staging str string text val value"
)
# Words that make the whole public, or another thing.
_NOT_SECRET = word_set(
    "anon cache cancellation csrf column error errors expired field foreign forgot forgotten hash "
    "hashed header i18n id invalid label message missing name next no page pagination partition "
    "placeholder primary pub public publishable redacted required reset row search site sort "
    "title translation type unauthorized url wrong xsrf"
)
# First words of names of switches: `REQUIRE_PASSWORD`, `use_token`.
_ASKING = word_set(
    "activate allow can check disable disabled enable enabled force has have is keep needs "
    "prompt remember require requires should show skip support supports use uses validate verify"
)
_PUBLIC_PREFIXES = ("next_public_", "vite_", "react_app_", "nuxt_public_", "expo_public_")
_GLUED = (
    ("password", Kind.PASSWORD),
    ("passwd", Kind.PASSWORD),
    ("passphrase", Kind.PASSWORD),
    ("pwd", Kind.PASSWORD),
    ("secret", Kind.SECRET),
    ("secretkey", Kind.SECRET),
    ("signingkey", Kind.SECRET),
    ("apikey", Kind.TOKEN),
    ("accesskey", Kind.TOKEN),
    ("privatekey", Kind.TOKEN),
    ("authtoken", Kind.TOKEN),
    ("accesstoken", Kind.TOKEN),
    ("token", Kind.TOKEN),
)


def find_roots(data: bytes) -> list[tuple[int, int]]:
    """Where a text stands that every name of a secret holds, as start and end."""
    lower = data.lower()
    found: list[tuple[int, int]] = []
    for root in _ROOTS:
        width = len(root)
        at = lower.find(root)
        while at >= 0:
            # A key without a word before it (`key`, `keys`) is no secret.
            if root is not _KEY or (at and lower[at - 1] in _BEFORE_KEY):
                found.append((at, at + width))
            at = lower.find(root, at + width)
    return found


def words_of(name: str) -> list[str]:
    """The lower-case words of a name, whatever its style."""
    return [word.lower() for word in _WORD.findall(name)]


@lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """The name is that of a password, or of what is kept of one: `password_hash`, `salt`."""
    if kind_of(name) is Kind.PASSWORD:
        return True
    words = words_of(name)
    return words == ["salt"] or (
        not _PASSWORD.isdisjoint(words) and not _KEPT.isdisjoint(words) and len(words) < _FEW
    )


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind | None:
    """The kind of secret that a name announces, None for the name of something else."""
    if (
        len(name) > _LONGEST_NAME
        or not _NAME.fullmatch(name)
        or name.lower().startswith(_PUBLIC_PREFIXES)
    ):
        return None
    words = words_of(name)
    while len(words) > 1 and (words[-1] in _NEUTRAL or words[-1].isdigit()):
        words.pop()
    if not words or not _NOT_SECRET.isdisjoint(words) or (len(words) > 1 and words[0] in _ASKING):
        return None
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _PASSWORD or last == "pass":
        return Kind.PASSWORD
    if last == "secret":
        return Kind.SECRET
    if last == "key":
        # `secret_key` and the like sign or encrypt, and people make them up.
        if before in ("secret", "signing", "encryption"):
            return Kind.SECRET
        return Kind.TOKEN if before in _KEY_OF else None
    return next((kind for end, kind in _GLUED if last.endswith(end)), None)
