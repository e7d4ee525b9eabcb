"""What manifests say about where modules are: `go.mod`, `tsconfig.json`, `package.json`.

Manifests are read through the project port, beside the files that were discovered and in the
directories above them; where the names in a directory are known, no file is looked for in vain.
One that cannot be parsed is passed over: it only costs precision.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

    from backend_lint.project import Project

_GO_MODULE = re.compile(rb"^[ \t]*module[ \t]+\"?([^\s\"]+)", re.MULTILINE)
_STRING = r'("(?:\\.|[^"\\])*(?:"|\Z))'
_JSON_NOISE = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])", re.DOTALL)
_LARGEST_MANIFEST = 1_000_000
_COMPILER_FILES = ("tsconfig.json", "tsconfig.base.json", "jsconfig.json")
_PACKAGE_FILE = "package.json"
_GO_FILE = "go.mod"
_LONGEST_CHAIN = 5

MANIFESTS = frozenset({_GO_FILE, _PACKAGE_FILE, *_COMPILER_FILES})
"""The names that are looked for in every folder."""


class ProjectLayout:
    """What manifests say about where modules are; see `semantics.modules.ModuleMap`."""

    def __init__(self) -> None:
        self.go_modules: dict[str, str] = {}
        self.aliases: dict[str, dict[str, tuple[str, ...]]] = {}
        self.packages: dict[str, str] = {}


def read_layout(
    project: Project, paths: Iterable[str], present: Mapping[str, Set[str]] | None = None
) -> ProjectLayout:
    """The layout of the modules that files of a project belong to.

    Args:
        project: where the manifests are.
        paths: the files.
        present: the names among `MANIFESTS` that stand in a folder, for folders that were listed.
    """
    return _Reader(project, present or {}).layout(paths)


def _add_with_parents(folder: str, folders: set[str]) -> None:
    while folder not in folders:
        folders.add(folder)
        folder = folder.rpartition("/")[0]


class _Reader:
    """Reads the manifests of a project."""

    def __init__(self, project: Project, present: Mapping[str, Set[str]]) -> None:
        self._project = project
        self._present = present

    def layout(self, paths: Iterable[str]) -> ProjectLayout:
        layout = ProjectLayout()
        go_folders: set[str] = set()
        script_folders: set[str] = set()
        for path in paths:
            if path.endswith(".go"):
                _add_with_parents(path.rpartition("/")[0], go_folders)
            elif path.endswith(("js", "jsx", "ts", "tsx")):
                _add_with_parents(path.rpartition("/")[0], script_folders)
        for folder in sorted(go_folders):
            match = _GO_MODULE.search(self._read(folder, _GO_FILE))
            if match:
                layout.go_modules[folder] = match[1].decode("utf-8", "replace")
        for folder in sorted(script_folders):
            package = _json(self._read(folder, _PACKAGE_FILE))
            aliases = {**_own_imports(folder, package), **self._aliases(folder)}
            if aliases:
                layout.aliases[folder] = aliases
            name = package.get("name")
            if folder and isinstance(name, str) and name:
                layout.packages[name] = folder
        return layout

    def _aliases(self, folder: str) -> dict[str, tuple[str, ...]]:
        """The path aliases that hold in a folder, by pattern; targets are paths of the project."""
        for name in _COMPILER_FILES:
            found = self._compiler_paths(folder, name, _LONGEST_CHAIN)
            if found:
                return found
        return {}

    def _compiler_paths(self, folder: str, name: str, depth: int) -> dict[str, tuple[str, ...]]:
        """The aliases of a compiler configuration, or of the one that it extends."""
        config = _json(self._read(folder, name))
        options = config.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base_url, patterns = options.get("baseUrl"), options.get("paths")
        base = posixpath.join(folder, base_url) if isinstance(base_url, str) else folder
        result: dict[str, tuple[str, ...]] = {}
        if isinstance(patterns, dict):
            for pattern, targets in patterns.items():
                if isinstance(targets, list):
                    texts = [target for target in targets if isinstance(target, str)]
                    result[pattern] = tuple(_target(base, target) for target in texts)
        if isinstance(base_url, str):
            result.setdefault("*", (_target(base, "*"),))
        parent = config.get("extends")
        if result or depth == 0 or not isinstance(parent, str) or not parent.startswith("."):
            return result
        parent = posixpath.normpath(posixpath.join(folder, parent))
        ending = "" if parent.endswith(".json") else ".json"
        return self._compiler_paths(*posixpath.split(parent + ending), depth - 1)

    def _read(self, folder: str, name: str) -> bytes:
        known = self._present.get(folder)
        if known is not None and name in MANIFESTS and name not in known:
            return b""
        try:
            return self._project.read(f"{folder}/{name}" if folder else name)
        except OSError:
            return b""


def _own_imports(folder: str, package: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a package calls parts of itself: `"imports": { "#models/*": "./src/models/*.js" }`."""
    imports = package.get("imports")
    result: dict[str, tuple[str, ...]] = {}
    for pattern, target in imports.items() if isinstance(imports, dict) else ():
        texts = [target] if isinstance(target, str) else list(_texts_in(target))
        inside = [text.partition("*")[0] for text in texts if text.startswith("./")]
        if pattern.startswith("#") and inside:
            result[pattern] = tuple(_target(folder, text) for text in inside)
    return result


def _texts_in(target: object) -> Iterator[str]:
    """The targets of an import that depends on conditions: `{ "node": "./a.js" }`."""
    for inner in target.values() if isinstance(target, dict) else ():
        if isinstance(inner, str):
            yield inner
        else:
            yield from _texts_in(inner)


def _target(base: str, target: str) -> str:
    """Where an alias leads: the directory before its star, or the module itself."""
    return posixpath.normpath(posixpath.join(base, target.removesuffix("*"))).removeprefix("./")


def _json(data: bytes) -> dict[str, Any]:
    """A JSON object, with the comments and trailing commas that compilers allow."""
    if not data or len(data) > _LARGEST_MANIFEST:
        return {}
    text = _JSON_NOISE.sub(lambda match: match[1] or "", data.decode("utf-8-sig", "replace"))
    text = _TRAILING_COMMA.sub(lambda match: match[1] or "", text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
