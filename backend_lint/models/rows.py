"""The shapes of model rows, and the access paths in them.

A canonical API name is the module as imported, a dot, and the names below it:
`sqlite3.Connection.execute`, `pg.Pool.query`, `database/sql.DB.Query` (major-version suffixes of Go
modules and the `node:` prefix are left out). What is reached through an object has the name of
its type; the result of a call nobody modelled has its name with `()`. `express.Router.[method]` is
a method of it whose name is computed.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from backend_lint.errors import InstallationError


class AccessPath(msgspec.Struct, frozen=True, gc=False):
    """Where in a call something stands.

    Written `arg:0`, `arg:0|sql` (position, or the argument of that name), `arg:|sql` (by name
    only), `arg:*` (all), `arg:**` (mappings spread as named ones), `arg:1+` (from a position on),
    `receiver`, `result`, each optionally with
    members: `arg:0|options.text`.

    Attributes:
        root: `arg`, `receiver` or `result`.
        position: of the argument, -1 for none.
        name: of the argument, or empty.
        rest: all arguments from `position` on (from the first for -1).
        spread: only mappings whose entries are arguments.
        members: names to go down from there.
    """

    root: str
    position: int = -1
    name: str = ""
    rest: bool = False
    spread: bool = False
    members: tuple[str, ...] = ()


_PATH = re.compile(
    r"(?P<root>arg|receiver|result)(?::(?:(?P<all>\*\*?)|(?P<position>\d*)(?P<rest>\+?)(?:\|(?P<name>\w+))?))?"
    r"(?P<members>(?:\.[\w$-]+)*)"
)


def access_path(text: str) -> AccessPath:
    """Parse an access path.

    Raises:
        InstallationError: the text is none.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        msg = f"not an access path: {text!r}"
        raise InstallationError(msg)
    return AccessPath(
        root=match["root"],
        position=int(match["position"]) if match["position"] else -1,
        name=match["name"] or "",
        rest=match["all"] == "*" or bool(match["rest"]),
        spread=match["all"] == "**",
        members=tuple(match["members"].split(".")[1:]),
    )


class TypeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A type of a library.

    Attributes:
        from_: canonical names whose value has the type, with `()` where the call of them has;
            `*.Name()` is the call of that name from any module.
        bases: other types that it has the methods of.
        fluent: its methods give back the same type unless `returns` says otherwise.
        returns: the type of a method's result, by method; only the first of several results.
        fields: the type of a field, by name; `*` for all that no row names.
        element: the type of the elements it holds, or of its items.
    """

    from_: tuple[str, ...] = msgspec.field(default=(), name="from")
    bases: tuple[str, ...] = ()
    fluent: bool = False
    returns: dict[str, str] = {}
    fields: dict[str, str] = {}
    element: str = ""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """That some APIs are a concept.

    Attributes:
        concept: a name of `concepts.CONCEPTS`, which says what the roles mean.
        api: canonical names; `*.name` is a method of that name on any receiver for which no other
            row speaks.
        roles: access paths by role.
        kinds: taint kinds or other words the concept asks for.
        attributes: further facts the concept asks for.
        unresolved: the row also holds for methods of these names on receivers nobody knows, if
            what stands in the row's `sql` role is SQL text; the names are those of `api`.
    """

    concept: str
    api: tuple[str, ...]
    roles: dict[str, str] = {}
    kinds: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}
    unresolved: bool = False

    @property
    def is_conditional(self) -> bool:
        """Arguments of a call decide whether the row holds for it."""
        return not self.attributes.keys().isdisjoint(("when", "unless", "removes"))


class ConventionRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That parameters have these types, in this order, where nothing says better.

    Attributes:
        types: the types.
        parameters: the names of the parameters, in order; any if absent.
        exported: only those of functions that a file exports under these names.
        files: patterns of the paths of such files.
    """

    types: tuple[str, ...]
    parameters: tuple[tuple[str, ...], ...] = ()
    exported: tuple[str, ...] = ()
    files: tuple[str, ...] = ("*",)


class LibraryModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One model file.

    Attributes:
        library: the name people know it by.
        versions: the versions the rows were written against.
        docs: the pages they rest on.
        types: type rows by canonical name.
        rows: in order.
        conventions: in order.
        stand_ins: modules of others that have the functions of a module, by their names.
    """

    library: str
    versions: str
    docs: tuple[str, ...]
    types: dict[str, TypeRow] = {}
    rows: tuple[Row, ...] = ()
    conventions: tuple[ConventionRow, ...] = ()
    stand_ins: dict[str, str] = {}
