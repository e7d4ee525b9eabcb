"""Whether a name says that its value decides who acts, or what they may do.

The last word of a name decides, as in any noun phrase: `user_role` is a role, `role_filter` is
none.
"""

from __future__ import annotations

from functools import lru_cache

from backend_lint.semantics.secret_names import word_set, words_of

_RIGHTS = word_set(
    "admin admins administrator authenticated authorised authorized entitlements moderator "
    "permission permissions privilege privileges role roles rights staff superadmin superuser sudo"
)
_RIGHTS_PHRASES = frozenset(
    {
        ("access", "level"), ("account", "type"), ("logged", "in"), ("security", "level"),
        ("user", "group"), ("user", "groups"), ("user", "type"), ("email", "verified"),
        ("is", "verified"), ("mfa", "verified"), ("mfa", "passed"),
    }
)  # fmt: skip
_RIGHTS_ENDINGS = ("admin", "superuser", "loggedin", "userrole", "usertype")
_ACTORS = word_set(
    "account actor author company customer employee member org organisation organization owner "
    "person principal tenant user workspace"
)
_PEOPLE = word_set("login uid user userid username")


@lru_cache(maxsize=4096)
def is_authority(name: str) -> bool:
    """The value says what somebody may do: a role, a permission, that they are logged in."""
    words = tuple(words_of(name))
    return bool(words) and (
        words[-1] in _RIGHTS or words[-2:] in _RIGHTS_PHRASES or words[-1].endswith(_RIGHTS_ENDINGS)
    )


@lru_cache(maxsize=4096)
def is_identity(name: str) -> bool:
    """The value says who acts: `user_id`, `tenant`, `accountId`."""
    words = tuple(words_of(name))
    if not words:
        return False
    if words[-1] in ("id", "uuid", "guid", "pk"):
        return len(words) > 1 and words[-2] in _ACTORS
    return words[-1] in _PEOPLE or (len(words) == 1 and words[0] in _ACTORS)
