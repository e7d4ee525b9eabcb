"""What we say about the user's code."""

from __future__ import annotations

import enum

import msgspec

from backend_lint.source import Region


class Severity(enum.IntEnum):
    """How bad the defect is where it is real; a policy of the rule, never of the detection."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word used in reports and on the command line."""
        return self.name.lower()


class Confidence(enum.IntEnum):
    """How sure we are that the defect is real."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """The word used in reports and on the command line."""
        return self.name.lower()


class SourceKind(enum.Enum):
    """Who decides the data of a flow; there are no others.

    `REQUEST` is whoever sends a request or a message, `CALLER` whoever calls a function that the
    project offers to other programs, `STORED` whoever put something into the database, and
    `CONFIGURATION` the operator: environment, files, arguments of the program.
    """

    REQUEST = "request"
    CALLER = "caller"
    STORED = "stored"
    CONFIGURATION = "configuration"
    UNKNOWN = "unknown"


class Location(msgspec.Struct, frozen=True, order=True, gc=False):
    """A region of one file of the project; `path` is relative to its root."""

    path: str
    region: Region


class Step(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place with a sentence on what happens there; `message` is a phrase without a full stop."""

    location: Location
    message: str


class Finding(msgspec.Struct, frozen=True):
    """A defect in the reviewed code.

    Attributes:
        rule: the name of the rule.
        location: the tightest region that shows the defect.
        message: what is wrong, why, and what to do, in one or two sentences. The first sentence
            stands on its own. A secret value never stands in it unmasked.
        severity: overrides the rule's severity; None keeps it.
        confidence: overrides the rule's confidence; None keeps it.
        related: other places a reader needs, such as the loop around a query.
        flow: the way of the data from its source to the sink, in order; empty if there is none.
        secret: the region holds a secret value that every report masks.
        engine: the engine that made the finding.
        decided_by: who decides the data that flows; None where no data does.
    """

    rule: str
    location: Location
    message: str
    severity: Severity | None = None
    confidence: Confidence | None = None
    related: tuple[Step, ...] = ()
    flow: tuple[Step, ...] = ()
    secret: bool = False
    engine: str = "native"
    decided_by: SourceKind | None = None

    @property
    def sort_key(self) -> tuple[str, Region, str, str]:
        """The order of a report: by place, then rule, then message."""
        return (self.location.path, self.location.region, self.rule, self.message)
