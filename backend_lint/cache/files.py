"""The records of the files of one project, as the last run left them.

A file is looked up by path. Size and times are compared first; where they differ the contents are
hashed, so that a touched file is not analysed again. What is as young as the run that read it has
no times here and is always hashed: it may have changed within the same tick of the clock.

The head of the cache file holds a small record of each file; the facts, which are needed only when
the project is linked again, lie behind it and are read then.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from backend_lint.cache.place import BadCacheError, SealedFile, write_sealed
from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.digest import digest
from backend_lint.discovery import in_scope
from backend_lint.mapping import Mapped
from backend_lint.rule import RuleCard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from backend_lint.discovery import SourcePath
    from backend_lint.project import Project

FILE_NAME = "files"

_RACY_NS = 2_000_000_000
"""The coarsest clock of a file system that is in use: FAT counts in steps of two seconds."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a file.

    Attributes:
        path: the file.
        size: its bytes.
        modified_ns: time of the last change, 0 for never to be trusted.
        changed_ns: the same of its directory entry.
        digest: hash of its contents.
        record: its encoded `FileRecord`.
        facts: hash of its encoded facts, empty for none.
        facts_start: where they lie in the area.
        facts_size: how many bytes they are.
    """

    path: str
    size: int
    modified_ns: int
    changed_ns: int
    digest: bytes
    record: msgspec.Raw
    facts: bytes
    facts_start: int
    facts_size: int


class _Head(msgspec.Struct, frozen=True, array_like=True):
    """The head of the file: for which linter and local rules the entries hold."""

    state: bytes
    local: tuple[str, ...]
    cards: tuple[RuleCard, ...]
    entries: tuple[Entry, ...]


class FileCache:
    """The kept records of a project.

    Use it as a context: it keeps its file open, because facts are read from it late.

    Args:
        path: the cache file, which need not exist.
        state: what the linter and the settings of the map stage are; other records do not hold.

    Attributes:
        cards: the declarations of rules, which save importing them.
        local: the local rules whose findings the records hold.
        diagnostics: what was wrong with the cache.
    """

    def __init__(self, path: Path, state: bytes) -> None:
        self.cards: tuple[RuleCard, ...] = ()
        self.local: tuple[str, ...] = ()
        self.diagnostics: list[Diagnostic] = []
        self._path = path
        self._state = state
        self._started_ns = time.time_ns()
        self._file: SealedFile | None = None
        self._area: memoryview | None = None
        self._kept: dict[str, Entry] = {}
        self._fresh: dict[str, bytes] = {}
        self._sound: set[str] = set()
        self._changed = False
        try:
            self._read()
        except FileNotFoundError:
            pass
        except (BadCacheError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._say(f"the cache is not used: {error}")

    def __enter__(self) -> FileCache:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; facts that were not read yet are out of reach."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> None:
        self._file = SealedFile(self._path)
        head = msgspec.msgpack.decode(self._file.head, type=_Head)
        if head.state != self._state:
            return  # another version of us: no reason to speak of
        self.cards, self.local = head.cards, head.local
        self._kept = {entry.path: entry for entry in head.entries}

    def require(self, local: Collection[str]) -> tuple[str, ...]:
        """The local rules to run on files without a record, so that all records say the same.

        Records of more rules than asked for are kept and the new ones made alike. Where a rule is
        missing in them, none is kept.

        Args:
            local: the names of the local rules of this run.
        """
        if not set(local) <= set(self.local):
            self.forget()
            self.local = tuple(sorted({*self.local, *local}))
        return self.local

    def forget(self, why: str = "") -> None:
        """Drop all records; a reason is told."""
        if why:
            self._say(f"the cache is not used: {why}")
        self._changed = self._changed or bool(self._kept)
        self._kept.clear()
        self._fresh.clear()

    def find(self, project: Project, file: SourcePath) -> Mapped | None:
        """The kept result of a file whose contents are the same, None where there is none."""
        entry = self._kept.get(file.path)
        if entry is None or entry.size != file.size:
            return None
        times = (file.modified_ns, file.changed_ns)
        if not entry.modified_ns or times != (entry.modified_ns, entry.changed_ns):
            try:
                contents = digest(project.read(file.path))
            except OSError:
                return None
            if contents != entry.digest:
                return None
            self._restamp(entry, file)
        return Mapped(entry.digest, bytes(entry.record), entry.facts)

    def _restamp(self, entry: Entry, file: SourcePath) -> None:
        modified_ns, changed_ns = self._times(file)
        if modified_ns and (modified_ns, changed_ns) != (entry.modified_ns, entry.changed_ns):
            self._kept[file.path] = msgspec.structs.replace(
                entry, modified_ns=modified_ns, changed_ns=changed_ns
            )
            self._changed = True

    def _times(self, file: SourcePath) -> tuple[int, int]:
        """The times of a file if a later change must give it others, else zeros."""
        if max(file.modified_ns, file.changed_ns) >= self._started_ns - _RACY_NS:
            return 0, 0
        return file.modified_ns, file.changed_ns

    def put(self, file: SourcePath, mapped: Mapped) -> bool:
        """Keep the result of a file; False for one without a digest or a place on disk."""
        if not file.modified_ns:
            return False
        if not mapped.digest:
            if self._kept.pop(file.path, None) is not None:
                self._changed = True
            return False
        modified_ns, changed_ns = self._times(file)
        self._kept[file.path] = Entry(
            path=file.path,
            size=file.size,
            modified_ns=modified_ns,
            changed_ns=changed_ns,
            digest=mapped.digest,
            record=msgspec.Raw(mapped.record),
            facts=mapped.facts_digest,
            facts_start=0,
            facts_size=len(mapped.facts),
        )
        self._fresh[file.path] = mapped.facts
        self._changed = True
        return True

    def facts(self, path: str) -> bytes | memoryview:
        """The encoded facts of a file that was found or put.

        Raises:
            BadCacheError: they are damaged; the whole cache is to be forgotten.
        """
        if path in self._fresh:
            return self._fresh[path]
        entry = self._kept[path]
        if self._area is None:
            if self._file is None:
                raise BadCacheError("closed")
            self._area = memoryview(self._file.area())
        data = self._area[entry.facts_start : entry.facts_start + entry.facts_size]
        if path not in self._sound:  # they are asked for twice where the cache is written
            if digest(data) != entry.facts:
                raise BadCacheError("damaged")
            self._sound.add(path)
        return data

    def release(self) -> None:
        """Let go of the facts: the project is linked."""
        self._fresh.clear()
        self._sound.clear()
        self._area = None

    def save(self, scopes: Sequence[str], found: Iterable[str], cards: Iterable[RuleCard]) -> None:
        """Write the cache if anything in it changed; never raises for what the disk does.

        Args:
            scopes: where this run looked; `""` is the whole project.
            found: the files it looked at; others in the scopes are gone.
            cards: the declarations of the rules it knows.
        """
        present = set(found)
        gone = [path for path in self._kept if path not in present and in_scope(path, scopes)]
        for path in gone:
            del self._kept[path]
        known = tuple(sorted(cards, key=lambda card: card.declaration.name))
        if not (self._changed or gone or known != self.cards):
            return
        try:
            self._write(known)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self._say(f"the cache cannot be written: {reason}")
        except BadCacheError as error:
            self._say(f"the cache is not written: {error}")
        else:
            self._changed = False
            self.cards = known

    def _write(self, cards: tuple[RuleCard, ...]) -> None:
        entries: list[Entry] = []
        area: list[bytes | memoryview] = []
        place = 0
        for path in sorted(self._kept):
            entry = self._kept[path]
            if entry.facts:
                area.append(self.facts(path))
            entries.append(msgspec.structs.replace(entry, facts_start=place))
            place += entry.facts_size
        head = _Head(self._state, self.local, cards, tuple(entries))
        self.close()  # all is read, and Windows does not replace a file that somebody reads
        write_sealed(self._path, msgspec.msgpack.encode(head), area)

    def _say(self, message: str) -> None:
        said = Diagnostic(DiagnosticKind.CACHE, "", message, incomplete=False)
        self.diagnostics.append(said)
