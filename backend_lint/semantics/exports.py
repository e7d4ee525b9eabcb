"""What imports and names of modules stand for, in this project or outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.modules import external_name
from backend_lint.semantics.references import (
    Api,
    FunctionNode,
    ModuleReference,
    Reference,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.semantics.references import FileNode
    from backend_lint.semantics.resolver import Resolver

# A chain of re-exports longer than this is a cycle.
MAX_HOPS = 12


class Exports:
    """Answers what modules give to others.

    Args:
        resolver: answers for the values behind the names.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._go_symbols: dict[tuple[str, str], dict[str, tuple[FunctionNode, int]]] = {}

    def exported(self, file: FileNode, name: str, depth: int = 0) -> Iterable[Reference]:
        """What a module of the project gives under a name."""
        if depth > MAX_HOPS:
            return
        module = file.module
        if file.family == "javascript":
            yield from self._exported_ecmascript(file, name, depth)
            return
        cell = module.fact.cells.get(name, -1)
        is_package = file.family == "python" and file.path.endswith("/__init__.py")
        own = self._own_part(file, cell) if is_package and cell >= 0 else None
        if own is not None:
            yield ModuleReference((own,))
            return
        if cell >= 0:
            yield from self.resolver.references(module, cell)
            return
        if file.family == "python":
            if is_package:
                inner = self.resolver.modules.python(file.path, f".{name}")
                if inner is not None:
                    yield ModuleReference((inner,))
                    return
            for star in file.facts.star_imports:
                source = self.resolver.modules.python(file.path, star)
                if source is not None and source is not file:
                    yield from self.exported(source, name, depth + 1)

    def _own_part(self, package: FileNode, cell: int) -> FileNode | None:
        """The module of a package that the package imports from itself: `from . import views`."""
        value = package.module.fact.values[cell]
        modules = self.resolver.modules
        if type(value) is not v.Imported or not value.name:
            return None
        if modules.python(package.path, value.module) is not package:
            return None
        return modules.python(package.path, f".{value.name}")

    def _exported_ecmascript(self, file: FileNode, name: str, depth: int) -> Iterable[Reference]:
        stars = []
        for export in file.facts.exports:
            if export.name == "*":
                stars.append(export.module)
            elif export.name == name or (export.name == "=" and name == "default"):
                if export.module:
                    yield from self.imported(file, export.module, export.imported, depth + 1)
                else:
                    place = file.functions[export.function]
                    yield from self.resolver.references(place, export.value)
                return
        for export in file.facts.exports:
            if export.name == "=":  # a member of what is exported as a whole
                place = file.functions[export.function]
                value = place.fact.values[export.value]
                if type(value) is v.Record:
                    for key, item in v.entries(place.fact.values, value):
                        if key == name:
                            yield from self.resolver.references(place, item)
                            return
                for reference in self.resolver.references(place, export.value):
                    yield from self.resolver.member(place, reference, name, depth + 1)
        for star in stars:
            yield from self.imported(file, star, name, depth + 1)

    def imported(
        self, file: FileNode, module: str, name: str, depth: int = 0
    ) -> Iterable[Reference]:
        """What an import of a file binds; arguments as in `ir.Import`."""
        if depth > MAX_HOPS:
            return
        family = file.family
        if family == "go":
            package = self.resolver.modules.go(module)
            if package:
                yield ModuleReference(package)
            else:
                yield Api(external_name(family, module, name))
            return
        source = (
            self.resolver.modules.python(file.path, module)
            if family == "python"
            else self.resolver.modules.ecmascript(file.path, module)
        )
        if source is None:
            if family == "python":
                if name:
                    # `from package import module`
                    inner = self.resolver.modules.python(
                        file.path,
                        f"{module.rstrip('.')}.{name}"
                        if not module.endswith(".")
                        else module + name,
                    )
                    if inner is not None:
                        yield ModuleReference((inner,))
                        return
                if module.startswith("."):
                    return
            yield Api(external_name(family, module, name))
            return
        if not name:
            whole = [e for e in source.facts.exports if e.name == "="]
            if whole:
                place = source.functions[whole[0].function]
                yield from self.resolver.references(place, whole[0].value)
            yield ModuleReference((source,))
            return
        yield from self.exported(source, name, depth + 1)

    def global_name(self, function: FunctionNode, name: str) -> Iterable[Reference]:
        """What a name stands for that its file does not bind."""
        file = function.file
        if file.family == "go":
            found = self.go_symbols(file).get(name)
            if found is not None:
                yield from self.resolver.references(*found)
                return
        elif file.family == "python":
            for star in file.facts.star_imports:
                source = self.resolver.modules.python(file.path, star)
                if source is not None and source is not file:
                    found_any = False
                    for reference in self.exported(source, name, 1):
                        found_any = True
                        yield reference
                    if found_any:
                        return
        if name in self.resolver.models(function).roots:
            yield Api(name)

    def go_symbols(self, file: FileNode) -> dict[str, tuple[FunctionNode, int]]:
        """The package-level names of a Go file's package."""
        key = (file.path.rpartition("/")[0], file.facts.package)
        known = self._go_symbols.get(key)
        if known is None:
            known = self._go_symbols[key] = {}
            for other in self.resolver.modules.go_package(file):
                for name, cell in other.module.fact.cells.items():
                    known.setdefault(name, (other.module, cell))
        return known
