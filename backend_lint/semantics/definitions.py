"""Where the name or member that a value stands for is defined, in whatever function or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionNode, ModuleReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.semantics.resolver import Resolver


# The name of what `module.exports = …` exports.
_WHOLE = "="
# A chain of modules that export what others export is not longer.
_MAX_HOPS = 6


def definitions(
    resolver: Resolver, function: FunctionNode, at: int
) -> Iterator[tuple[FunctionNode, int]]:
    """The values of other functions and files that a name or a member of a module is."""
    value = function.fact.values[at]
    if type(value) is v.Captured:
        owner = function.file.functions[value.function]
        cell = owner.fact.cells.get(value.name, -1)
        if cell >= 0:
            yield owner, cell
        elif value.function == 0 and function.file.family == "go":
            yield from _go_symbol(resolver, function, value.name)
    elif type(value) is v.Global:
        if function.file.family == "go":
            yield from _go_symbol(resolver, function, value.name)
        elif function.file.family == "python":
            for star in function.file.facts.star_imports:
                source = resolver.modules.python(function.file.path, star)
                if source is not None:
                    yield from _cell(source.module, value.name)
    elif type(value) is v.Module:
        source = resolver.modules.ecmascript(function.file.path, value.name)
        if source is not None:
            yield from _exported(resolver, source.module, _WHOLE)
    elif type(value) is v.Imported:
        yield from _imported(resolver, function, value)
    elif type(value) is v.Module:
        yield from _whole(resolver, function, value.name)
    elif type(value) is v.Member:
        for reference in resolver.references(function, value.base):
            if isinstance(reference, ModuleReference):
                for file in reference.files:
                    yield from _exported(resolver, file.module, value.name)


def _go_symbol(
    resolver: Resolver, function: FunctionNode, name: str
) -> Iterator[tuple[FunctionNode, int]]:
    found = resolver.exports.go_symbols(function.file).get(name)
    if found is not None:
        yield found


def _imported(
    resolver: Resolver, function: FunctionNode, value: v.Imported
) -> Iterator[tuple[FunctionNode, int]]:
    if value.name in ("", "default"):
        yield from _whole(resolver, function, value.module)
        return
    modules = resolver.modules
    family = function.file.family
    if family == "python":
        source = modules.python(function.file.path, value.module)
    elif family == "javascript":
        source = modules.ecmascript(function.file.path, value.module)
    else:
        return
    if source is not None:
        yield from _exported(resolver, source.module, value.name)


def _whole(
    resolver: Resolver, function: FunctionNode, name: str
) -> Iterator[tuple[FunctionNode, int]]:
    """What a file exports as a whole: `module.exports = …`, `export default …`."""
    if function.file.family == "javascript":
        file = resolver.modules.ecmascript(function.file.path, name)
        if file is not None:
            for export in file.facts.exports:
                if export.name in ("=", "default") and export.value >= 0:
                    yield file.functions[export.function], export.value


def _exported(
    resolver: Resolver, module: FunctionNode, name: str, depth: int = 0
) -> Iterator[tuple[FunctionNode, int]]:
    exports = module.file.facts.exports
    for export in exports:
        place = module.file.functions[export.function]
        if export.name == name and export.value >= 0:
            yield place, export.value
            return
        if export.module and depth < _MAX_HOPS and export.name in (name, "*"):
            # `export { read } from "./read"`, `export * from "./read"`
            source = resolver.modules.ecmascript(module.file.path, export.module)
            wanted = name if export.name == "*" else export.imported
            if source is not None and wanted:
                found = list(_exported(resolver, source.module, wanted, depth + 1))
                yield from found
                if found or export.name == name:
                    return
        if export.name == "=" and export.value >= 0:
            whole = place.fact.values[export.value]
            if type(whole) is v.Record:
                for key, item in v.entries(place.fact.values, whole):
                    if key == name:
                        yield place, item
                        return
    if module.file.family != "javascript":
        yield from _cell(module, name)


def _cell(module: FunctionNode, name: str) -> Iterator[tuple[FunctionNode, int]]:
    cell = module.fact.cells.get(name, -1)
    if cell >= 0:
        yield module, cell
