"""The findings of the project rules on the last state of a project.

They are a pure function of the facts of all files, the layout of the modules and the rule; while
those stay the same, nothing has to be linked again. One set of facts is remembered, with the
findings of every rule that judged it to the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.cache.place import BadCacheError, SealedFile, write_sealed
from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE_NAME = "judged"
PART_NAME = "judged-part"
"""The findings in some of the files, of a run that was not asked about the others."""


class _Head(msgspec.Struct, frozen=True, array_like=True):
    key: bytes
    findings: dict[str, msgspec.Raw]


class JudgedCache:
    """What project rules found in one state of the project.

    Args:
        path: the cache file, which need not exist.
        key: a digest of everything the findings depend on, except the rule.

    Attributes:
        diagnostics: what was wrong with the cache.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._path = path
        self._key = key
        self._findings: dict[str, msgspec.Raw] = {}
        self._changed = False
        try:
            self._read()
        except FileNotFoundError:
            pass
        except (BadCacheError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._say(f"the cache of findings is not used: {error}")

    def _read(self) -> None:
        file = SealedFile(self._path)
        file.close()
        head = msgspec.msgpack.decode(file.head, type=_Head)
        if head.key == self._key:
            self._findings = head.findings

    def knows(self, rules: Iterable[str]) -> bool:
        """All of the rules have judged this state."""
        return all(rule in self._findings for rule in rules)

    def find(self, rule: str) -> tuple[Finding, ...] | None:
        """The findings of a rule, None where it has not judged this state."""
        raw = self._findings.get(rule)
        if raw is None:
            return None
        try:
            return msgspec.msgpack.decode(raw, type=tuple[Finding, ...])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._say(f"the cached findings of {rule} are not used: {error}")
            return None

    def put(self, rule: str, findings: tuple[Finding, ...]) -> None:
        """Keep the findings of a rule that did not crash."""
        self._findings[rule] = msgspec.Raw(msgspec.msgpack.encode(findings))
        self._changed = True

    def save(self) -> None:
        """Write the cache if anything in it changed; never raises for what the disk does."""
        if not self._changed:
            return
        head = msgspec.msgpack.encode(_Head(self._key, self._findings))
        try:
            write_sealed(self._path, head)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self._say(f"the cache cannot be written: {reason}")

    def _say(self, message: str) -> None:
        said = Diagnostic(DiagnosticKind.CACHE, "", message, incomplete=False)
        self.diagnostics.append(said)
