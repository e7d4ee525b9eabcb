"""Which file of the project an import names."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_lint.semantics.references import FileNode

_ECMASCRIPT_ENDINGS = (".ts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".mts", ".cts")
_MAJOR_VERSION = re.compile(r"(/v\d+|\.v\d+)$")


class ModuleMap:
    """Finds the files behind imports.

    Args:
        files: all files by path.
        go_modules: directory of each `go.mod` (empty for the root) → module path.
        aliases: per directory of a `tsconfig.json` or the like: import prefix → directories.
        packages: names of the project's own npm packages → their directories.
    """

    def __init__(
        self,
        files: dict[str, FileNode],
        go_modules: dict[str, str],
        aliases: dict[str, dict[str, tuple[str, ...]]],
        packages: dict[str, str],
    ) -> None:
        self._files = files
        self._go_modules = go_modules
        self._aliases = aliases
        self._packages = packages
        self._python: dict[str, list[str]] = {}
        self._python_packages: set[str] = set()
        self._go: dict[str, list[FileNode]] = {}
        self._found: dict[tuple[str, str], FileNode | None] = {}
        for path, file in files.items():
            if file.family == "python":
                self._add_python(path)
            elif file.family == "go" and not path.endswith("_test.go"):
                self._go.setdefault(posixpath.dirname(path), []).append(file)

    def _add_python(self, path: str) -> None:
        dotted = path.rsplit(".", 1)[0]
        if dotted.endswith("/__init__"):
            dotted = dotted.removesuffix("/__init__")
            self._python_packages.add(dotted)
        parts = dotted.split("/")
        for start in range(len(parts)):
            self._python.setdefault(".".join(parts[start:]), []).append(path)

    def python(self, importer: str, module: str) -> FileNode | None:
        """The file of a Python module as written in an import, relative or absolute."""
        if module.startswith("."):
            level = len(module) - len(module.lstrip("."))
            base = importer
            for _ in range(level):
                base = posixpath.dirname(base)
            rest = module[level:].replace(".", "/")
            stem = posixpath.join(base, rest) if rest else base
            # Of a package and a module of one name, Python takes the package.
            for candidate in (f"{stem}/__init__.py", f"{stem}.py", f"{stem}.pyi"):
                file = self._files.get(candidate)
                if file is not None:
                    return file
            return None
        best: str | None = None
        for path in self._python.get(module, ()):
            if not self._reachable(importer, path, module):
                continue
            if best is None or _closeness(importer, path) > _closeness(importer, best):
                best = path
        return None if best is None else self._files[best]

    def _reachable(self, importer: str, path: str, module: str) -> bool:
        # The folder that `module` is counted from must be one that Python would search: never a
        # package itself, and for one-word modules (`redis.py` beside a script) the importer's own.
        stem = path.removesuffix("/__init__.py").rsplit(".", 1)[0]
        root = stem[: len(stem) - len(module)].rstrip("/")
        if root in self._python_packages:
            return False
        if "." in module or root in ("", "src"):
            return True
        return importer.startswith(f"{root}/")

    def ecmascript(self, importer: str, module: str) -> FileNode | None:
        """The file of an ECMAScript module specifier, which is the same for a whole folder."""
        place = (importer.rpartition("/")[0], module)
        if place not in self._found:
            self._found[place] = self._find_ecmascript(*place)
        return self._found[place]

    def _find_ecmascript(self, folder: str, module: str) -> FileNode | None:
        if module.startswith("."):
            return self._ecmascript_file(posixpath.normpath(posixpath.join(folder, module)))
        current = folder
        while True:
            for prefix, targets in self._aliases.get(current, {}).items():
                rest = _after(prefix, module)
                if rest is None:
                    continue
                for target in targets:
                    file = self._ecmascript_file(posixpath.normpath(posixpath.join(target, rest)))
                    if file is not None:
                        return file
            if not current:
                break
            current = current.rpartition("/")[0]
        for name, home in self._packages.items():
            if module == name or module.startswith(f"{name}/"):
                rest = module[len(name) + 1 :]
                for stem in (rest, f"src/{rest}", rest or "src/index"):
                    file = self._ecmascript_file(posixpath.normpath(posixpath.join(home, stem)))
                    if file is not None:
                        return file
        return None

    def _ecmascript_file(self, stem: str) -> FileNode | None:
        file = self._files.get(stem)
        if file is not None:
            return file
        bare = re.sub(r"\.([cm]?js|jsx)$", "", stem)
        for base in (stem, bare):
            for ending in _ECMASCRIPT_ENDINGS:
                file = self._files.get(base + ending)
                if file is not None:
                    return file
        for ending in _ECMASCRIPT_ENDINGS:
            file = self._files.get(f"{stem}/index{ending}")
            if file is not None:
                return file
        return None

    def go(self, module: str) -> tuple[FileNode, ...]:
        """The files of a Go package by import path; empty for packages of others."""
        for home, name in self._go_modules.items():
            if module == name or module.startswith(f"{name}/"):
                return tuple(
                    self._go.get(
                        posixpath.normpath(
                            posixpath.join(home, module[len(name) + 1 :])
                        ).removeprefix("."),
                        (),
                    )
                )
        return ()

    def go_package(self, file: FileNode) -> tuple[FileNode, ...]:
        """The files that share a package with a Go file."""
        return tuple(
            other
            for other in self._go.get(posixpath.dirname(file.path), (file,))
            if other.facts.package == file.facts.package
        )


def external_name(family: str, module: str, name: str) -> str:
    """The canonical name of what an import of somebody else's module binds."""
    if family == "javascript":
        module = module.removeprefix("node:")
        if name in ("default", "="):
            name = ""
    elif family == "go":
        module = _MAJOR_VERSION.sub("", module)
        module = re.sub(r"/v\d+/", "/", module)
    return f"{module}.{name}" if name else module


def _after(prefix: str, module: str) -> str | None:
    if prefix.endswith("*"):
        head = prefix[:-1]
        return module[len(head) :] if module.startswith(head) else None
    return "" if module == prefix else None


def _closeness(importer: str, path: str) -> tuple[int, int, bool, str]:
    """The higher, the rather an import means a file: near, and a package before a module."""
    parts = path.removesuffix("/__init__.py").split("/")[:-1]
    common = 0
    for one, other in zip(importer.split("/")[:-1], parts, strict=False):
        if one != other:
            break
        common += 1
    return (common, -len(parts), path.endswith("/__init__.py"), path)
