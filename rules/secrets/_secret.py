"""What the detectors of hard-coded secrets hand to the rule."""

from __future__ import annotations

import msgspec

from backend_lint.finding import Confidence
from backend_lint.source import Region


class Secret(msgspec.Struct, frozen=True):
    """A secret value in a file.

    Attributes:
        start: its first byte, without quotes.
        end: behind its last byte.
        subject: what it is, as the start of a sentence ("This GitHub token").
        confidence: that it is a secret which works somewhere.
        use: the region of the call that takes it as a key, if it stands elsewhere.
        harm: what whoever reads it can do, as the end of a sentence; empty for the usual.
    """

    start: int
    end: int
    subject: str
    confidence: Confidence
    harm: str = ""
    use: Region | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """The higher, the rather it stands for others at the same place."""
        return (self.confidence, self.end - self.start)
