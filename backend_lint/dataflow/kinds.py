"""What model rows say of taint kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_lint.models.rows import Row


def covers(row: Row, kind: str, *, numeric: bool = False) -> bool:
    """A sanitizer's or guard's row speaks of the taint kind.

    A row of all kinds, `*`, tells that no text gets through: a number does. Where the size of a
    number does harm (`numeric`), only rows of the kind itself count.
    """
    return kind in row.kinds or ("*" in row.kinds and not numeric)
