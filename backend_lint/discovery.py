"""Which files of a project are looked at, and a diagnostic for each that is not.

One walk over the project port; no git command is run. Links are never followed: what a link points
to is found under its own name, or lies outside the project. Only names and sizes are judged here;
what needs the contents of a file (encoding, generated, minified) is in `loading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

import msgspec

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.layout import MANIFESTS
from backend_lint.paths import is_generated_path, language_of
from backend_lint.project import Entry, EntryKind, Project
from backend_lint.source import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pathspec import GitIgnoreSpec

DEFAULT_EXCLUDES = (
    ".git/",
    ".hg/",
    ".svn/",
    "node_modules/",
    "bower_components/",
    "jspm_packages/",
    ".yarn/",
    ".pnpm-store/",
    "vendor/",
    "third_party/",
    "Godeps/",
    ".venv/",
    "venv/",
    "virtualenv/",
    "site-packages/",
    "__pypackages__/",
    "__pycache__/",
    ".tox/",
    ".nox/",
    ".eggs/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".hypothesis/",
    ".cache/",
    ".direnv/",
    ".next/",
    ".nuxt/",
    ".svelte-kit/",
    ".turbo/",
    ".parcel-cache/",
    ".serverless/",
    ".aws-sam/",
    ".terraform/",
    ".gradle/",
    ".idea/",
    ".vscode/",
    "coverage/",
    "htmlcov/",
    "dist/",
    "build/",
)
"""Patterns in the syntax of .gitignore that `exclude` replaces and `extend-exclude` adds to."""

DEFAULT_MAX_FILE_SIZE = 1_000_000

_CHOICE = re.compile(r"\[(\w{1,8})\]", re.ASCII)
"""One of some letters, as in `*.py[cod]`."""


class FileChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether a file is looked at.

    Attributes:
        scopes: paths that the user asked about, files or directories, `""` for all.
        whole: look at the whole project and not only at the scopes.
        exclude: patterns in the syntax of .gitignore, relative to the root.
        force_exclude: exclusions hold for files that are scopes themselves, too.
        respect_gitignore: leave out what .gitignore files leave out.
        max_file_size: in bytes.
    """

    scopes: tuple[str, ...] = ("",)
    whole: bool = True
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    force_exclude: bool = False
    respect_gitignore: bool = True
    max_file_size: int = DEFAULT_MAX_FILE_SIZE


class SourcePath(msgspec.Struct, frozen=True):
    """A file to look at; fields as in `project.Entry`."""

    path: str
    language: Language
    size: int
    modified_ns: int
    changed_ns: int = 0


class Discovery(msgspec.Struct, frozen=True):
    """What a walk through a project found.

    Attributes:
        files: those to look at, sorted by path.
        diagnostics: about the others.
        manifests: the names among `layout.MANIFESTS` in each directory that was listed.
    """

    files: tuple[SourcePath, ...]
    diagnostics: tuple[Diagnostic, ...]
    manifests: Mapping[str, Set[str]] = {}


def discover(project: Project, choice: FileChoice) -> Discovery:
    """List the files to look at."""
    walk = _Walk(project, choice)
    if choice.whole:
        walk.directory("")
    for scope in choice.scopes:
        walk.scope(scope)
    files = tuple(walk.files[path] for path in sorted(walk.files))
    said = tuple(sorted(walk.diagnostics, key=lambda item: item.sort_key))
    return Discovery(files, said, walk.manifests)


def in_scope(path: str, scopes: Sequence[str]) -> bool:
    """Whether a path is one of the scopes or lies below one."""
    return any(
        scope in ("", path) or (path.startswith(scope) and path[len(scope)] == "/")
        for scope in scopes
    )


class _Patterns:
    """Lines of an ignore file that hold for paths below `base` (empty or ending in `/`).

    `prefix` is put before the rest of a path: what lies between an outer ignore file and the root.
    """

    def __init__(self, lines: Sequence[str], *, base: str = "", prefix: str = "") -> None:
        self._base = base
        self._prefix = prefix
        # Most paths match no pattern. One can only match where a word of it stands in the path,
        # which is found out many times faster than by its regular expression.
        self._lines = [line for line in lines if line.strip() and not line.startswith("#")]
        self._names: dict[str, set[int]] = {}
        self._pieces: dict[str, set[int]] = {}
        for number, line in enumerate(self._lines):
            names, pieces = _words_of(line)
            for name in names:
                self._names.setdefault(name, set()).add(number)
            for piece in pieces:
                self._pieces.setdefault(piece, set()).add(number)
        self._specs: dict[tuple[int, ...], GitIgnoreSpec] = {}

    def may_match(self, path: str) -> bool:
        """Whether a word of a pattern stands in a path below the base, or in a name."""
        if not self._names.keys().isdisjoint(path.split("/")):
            return True
        for piece in self._pieces:  # noqa: SIM110 - `any` of a generator costs twice as much
            if piece in path:
                return True
        return False

    def in_folder(self, folder: str) -> bool:
        """Whether a pattern may match whatever a folder (empty or ending in `/`) holds."""
        return self.may_match(self._prefix + folder[len(self._base) :])

    def verdict(self, path: str) -> bool | None:
        """True to leave out, False to keep, None where no pattern speaks; directories end in /."""
        path = self._prefix + path[len(self._base) :]
        found: set[int] = set()
        for name in path.split("/"):
            if name in self._names:
                found |= self._names[name]
        for piece, numbers in self._pieces.items():
            if piece in path:
                found |= numbers
        return self._spec(tuple(sorted(found))).check_file(path).include if found else None

    def _spec(self, numbers: tuple[int, ...]) -> GitIgnoreSpec:
        """The patterns of some lines; few paths concern more than one or two of them."""
        spec = self._specs.get(numbers)
        if spec is None:
            from pathspec import GitIgnoreSpec

            lines = [self._lines[number] for number in numbers]
            spec = self._specs[numbers] = GitIgnoreSpec.from_lines(lines)
        return spec


class _Walk:
    """One listing; collects files and diagnostics by path."""

    def __init__(self, project: Project, choice: FileChoice) -> None:
        self.files: dict[str, SourcePath] = {}
        self.manifests: dict[str, Set[str]] = {}
        self.diagnostics: list[Diagnostic] = []
        self._project = project
        self._choice = choice
        self._seen: set[str] = set()
        plain = {line for line in choice.exclude if _is_plain_folder(line)}
        self._excluded_folders = frozenset(line[:-1] for line in plain)
        rest = [line for line in choice.exclude if line not in plain]
        self._excludes = _Patterns(rest) if rest else None
        self._outer = self._outer_patterns()

    def _outer_patterns(self) -> tuple[_Patterns, ...]:
        if not self._choice.respect_gitignore:
            return ()
        return tuple(
            _Patterns(_lines(file.data), prefix=file.prefix)
            for file in self._project.outer_ignore_files()
        )

    def directory(self, top: str) -> None:
        """Walk a directory; what was walked before is not walked again."""
        # What leaves out the named directory itself does not speak about what is in it.
        above = tuple(item for item in self._ignores_above(top) if not item.verdict(f"{top}/"))
        excludes = self._excludes
        if excludes is not None and top and excludes.verdict(f"{top}/"):
            excludes = None
        stack = [(top, above)]
        while stack:
            directory, ignores = stack.pop()
            if directory in self._seen:
                continue
            self._seen.add(directory)
            try:
                entries = self._project.entries(directory)
            except OSError as error:
                self._say(DiagnosticKind.UNREADABLE, directory, _reason(error))
                continue
            names = {entry.name for entry in entries}
            self.manifests[directory] = names & MANIFESTS
            if "pyvenv.cfg" in names and directory:
                continue  # a virtual environment under another name
            base = f"{directory}/" if directory else ""
            if ".gitignore" in names:
                ignores = (*ignores, *self._ignore_file(directory))
            # Those that no word of the folder concerns are asked only where a name does.
            speaking = [patterns for patterns in ignores if patterns.in_folder(base)]
            silent = [patterns for patterns in ignores if patterns not in speaking]
            for entry in entries:
                is_folder = entry.kind is EntryKind.DIRECTORY
                name = entry.name
                if not is_folder and language_of(name) is None:
                    continue
                path = base + name
                asked: Sequence[_Patterns] = speaking
                for patterns in silent:
                    if patterns.may_match(name):
                        asked = ignores
                        break
                if is_folder:
                    if not self._left_out(path + "/", asked, excludes):
                        stack.append((path, ignores))
                elif not self._left_out(path, asked, excludes):
                    self._file(path, entry)

    def scope(self, scope: str) -> None:
        """Add what the user named, whatever the exclusions say unless they are forced."""
        entry = self._project.entry(scope)
        if entry is None or (self._choice.force_exclude and self._excluded_above(scope, entry)):
            return
        if entry.kind is EntryKind.DIRECTORY:
            self.directory(scope)
        elif language_of(scope) and scope not in self.files:
            self._file(scope, entry)

    def _excluded_above(self, scope: str, entry: Entry) -> bool:
        """Whether the scope or a directory above it is left out."""
        parts = scope.split("/") if scope else []
        ignores: tuple[_Patterns, ...] = self._outer
        folder = ""
        for number, part in enumerate(parts, start=1):
            ignores = (*ignores, *self._ignore_file(folder))
            folder = f"{folder}/{part}" if folder else part
            last = number == len(parts)
            is_file = last and entry.kind is not EntryKind.DIRECTORY
            if self._left_out(folder if is_file else folder + "/", ignores, self._excludes):
                return True
        return False

    def _ignores_above(self, directory: str) -> tuple[_Patterns, ...]:
        ignores: tuple[_Patterns, ...] = self._outer
        for folder in _folders_above(directory):
            ignores = (*ignores, *self._ignore_file(folder))
        return ignores

    def _ignore_file(self, directory: str) -> tuple[_Patterns, ...]:
        if not self._choice.respect_gitignore:
            return ()
        base = f"{directory}/" if directory else ""
        try:
            data = self._project.read(f"{base}.gitignore")
        except OSError:
            return ()
        return (_Patterns(_lines(data), base=base),)

    def _left_out(
        self, path: str, ignores: Sequence[_Patterns], excludes: _Patterns | None
    ) -> bool:
        if path.endswith("/") and path[:-1].rpartition("/")[2] in self._excluded_folders:
            return True
        if excludes is not None and excludes.verdict(path):
            return True
        for patterns in reversed(ignores):
            verdict = patterns.verdict(path)
            if verdict is not None:
                return verdict
        return False

    def _file(self, path: str, entry: Entry) -> None:
        language = language_of(path)
        if language is None or entry.kind is EntryKind.LINK:
            return
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = path.encode("utf-8", "backslashreplace").decode()
            self._say(DiagnosticKind.UNREADABLE, shown, "its name is not valid UTF-8")
        else:
            self._known_file(path, entry, language)

    def _known_file(self, path: str, entry: Entry, language: Language) -> None:
        limit = self._choice.max_file_size
        if entry.kind is EntryKind.SPECIAL:
            self._say(DiagnosticKind.UNREADABLE, path, "not a regular file", incomplete=False)
        elif is_generated_path(path):
            message = "generated or bundled, by its name"
            self._say(DiagnosticKind.GENERATED, path, message, incomplete=False)
        elif limit and entry.size > limit:
            message = f"{entry.size:,} bytes, more than the limit of {limit:,} (--max-file-size)"
            # Large JSON and YAML is data; large code is code that nobody looked at.
            incomplete = language is not Language.CONFIG
            self._say(DiagnosticKind.TOO_LARGE, path, message, incomplete=incomplete)
        else:
            self.files[path] = SourcePath(
                path, language, entry.size, entry.modified_ns, entry.changed_ns
            )

    def _say(
        self, kind: DiagnosticKind, path: str, message: str, *, incomplete: bool = True
    ) -> None:
        said = Diagnostic(kind, path or ".", message, incomplete=incomplete)
        if said not in self.diagnostics:
            self.diagnostics.append(said)


def _folders_above(directory: str) -> Iterator[str]:
    """The directories that hold `directory`, root first; none for the root."""
    if not directory:
        return
    parts = directory.split("/")
    for number in range(len(parts)):
        yield "/".join(parts[:number])


def _is_plain_folder(pattern: str) -> bool:
    """Whether a pattern is only the name of a directory, which a set answers fastest."""
    name = pattern[:-1]
    return pattern.endswith("/") and not any(mark in name for mark in "/*?[!\\# ")


def _words_of(pattern: str) -> tuple[set[str], set[str]]:
    """Names and pieces of names; a path that a pattern matches holds one of them."""
    if "\\" in pattern:
        return set(), {""}  # every path holds the empty text
    variants = [pattern.removeprefix("!")]
    choice = _CHOICE.search(pattern)
    if choice is not None:
        variants = [pattern.replace(choice[0], letter) for letter in choice[1]]
    names: set[str] = set()
    pieces: set[str] = set()
    for variant in variants:
        if "[" in variant:
            return set(), {""}
        parts = variant.split("/")
        whole = [part for part in parts if part and not any(mark in part for mark in "*?! #\t")]
        if whole:
            names.add(whole[-1])  # the deepest is the rarest
        else:
            pieces.add(max(re.split(r"[*?!#\s/]+", variant), key=len))
    return names, pieces


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8-sig", "replace").splitlines()


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
