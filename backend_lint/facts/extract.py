"""From the IR of a file to its facts: every function in flow form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.facts.bound import bound_names
from backend_lint.facts.expressions import EXPRESSIONS, evaluate_all
from backend_lint.facts.scope import Scope
from backend_lint.facts.statements import STATEMENTS, assign
from backend_lint.ir import nodes as ir
from backend_lint.paths import is_test_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.source import SourceFile


def extract(source: SourceFile, module: ir.Module) -> v.FileFacts:
    """Bring a lowered file into flow form; total for any IR the front ends yield."""
    return Builder().build(source, module)


class Builder:
    """One file on its way into flow form.

    Attributes:
        scope: the function being built.
        owner: the class whose body is being built, -1 for none.
        closure_name: the variable, field or key that the next closure is given to.
    """

    def __init__(self) -> None:
        self.functions: list[v.FunctionFact | None] = []
        self.classes: list[v.ClassFact] = []
        self.exports: list[v.ExportFact] = []
        self.star_imports: list[str] = []
        self.scope = Scope(0, None)
        self.qualifier: list[str] = []
        self.owner = -1
        self.closure_name = ""

    def build(self, source: SourceFile, module: ir.Module) -> v.FileFacts:
        """The facts of the file."""
        self.functions.append(None)
        scope = self.scope
        scope.bound = bound_names(module.body)
        self.block(module.body)
        cells = scope.cells(every=True)
        self.functions[0] = v.FunctionFact(
            name="",
            qualified="",
            owner=-1,
            receiver_type="",
            parent=-1,
            start=module.start,
            end=module.end,
            name_start=module.start,
            is_async=False,
            parameters=(),
            annotation=-1,
            decorators=(),
            values=scope.finish_values(),
            contexts=tuple(scope.contexts),
            returns=tuple(scope.returns),
            writes=tuple(scope.writes),
            cells=cells,
        )
        return v.FileFacts(
            path=source.path,
            language=source.language.value,
            package=module.package,
            functions=tuple(fact for fact in self.functions if fact is not None),
            classes=tuple(self.classes),
            exports=tuple(self.exports),
            star_imports=tuple(self.star_imports),
            is_test=is_test_path(source.path),
        )

    def evaluate(self, node: ir.Node) -> int:
        """The value of an expression; a statement in its place has an opaque one."""
        lower = EXPRESSIONS.get(type(node))
        if lower is not None:
            return lower(self, node)
        statement = STATEMENTS.get(type(node))
        if statement is not None:
            statement(self, node)
        return self.scope.add(v.Opaque(node.start, node.end, type(node).__name__, ()))

    def optional(self, node: ir.Node | None) -> int:
        """The value of an expression that may be absent (-1)."""
        return -1 if node is None else self.evaluate(node)

    def block(self, body: Iterable[ir.Node]) -> None:
        """Go through statements in order."""
        statements, expressions = STATEMENTS, EXPRESSIONS
        for node in body:
            kind = type(node)
            statement = statements.get(kind)
            if statement is not None:
                statement(self, node)
            else:
                lower = expressions.get(kind)
                if lower is not None:
                    lower(self, node)

    def function(self, node: ir.Function) -> int:
        """Build a nested function and return its index; nothing is bound here."""
        number = len(self.functions)
        self.functions.append(None)
        outer = self.scope
        owner, self.owner = self.owner, -1
        name, self.closure_name = node.name or self.closure_name, ""
        # What a module exports as a whole is named `=`, which no reader knows.
        shown = "module.exports" if name == "=" else name
        self.qualifier.append(shown or f"<closure:{number}>")
        scope = self.scope = Scope(number, outer)
        scope.bound = bound_names(node.body)
        scope.bound.update(parameter.name for parameter in node.parameters if parameter.name)
        if node.receiver:
            scope.bound.add(node.receiver)

        decorators = evaluate_all(self, node.decorators)
        annotation = self.optional(node.returns)
        parameters = []
        patterns: list[tuple[ir.Node, int]] = []
        for position, parameter in enumerate(node.parameters):
            parameters.append(
                v.ParameterFact(
                    parameter.name,
                    parameter.kind,
                    self.optional(parameter.annotation),
                    self.optional(parameter.default),
                    evaluate_all(self, parameter.decorators),
                )
            )
            value = scope.add(v.Parameter(parameter.start, parameter.end, position))
            if parameter.name:
                scope.bind(parameter.name, value)
            if parameter.pattern is not None:
                patterns.append((parameter.pattern, value))
        if node.receiver:
            scope.bind(node.receiver, scope.add(v.Receiver(node.start, node.start)))
        for pattern, value in patterns:
            scope.bound.update(bound_names((ir.Assign(0, 0, (pattern,), None, "", None),)))
            assign(self, pattern, value)
        self.block(node.body)
        if not scope.ended:
            scope.exits.append(scope.context)

        scope.seen_from_inside |= scope.given
        cells = scope.cells(every=False)
        qualified = ".".join(self.qualifier)
        self.functions[number] = v.FunctionFact(
            name=name,
            qualified=f"{node.owner}.{qualified}" if node.owner else qualified,
            owner=owner,
            receiver_type=node.owner,
            parent=outer.number,
            start=node.start,
            end=node.end,
            name_start=node.name_start,
            is_async=node.kind.startswith("async"),
            parameters=tuple(parameters),
            annotation=annotation,
            decorators=decorators,
            values=scope.finish_values(),
            contexts=tuple(scope.contexts),
            returns=tuple(scope.returns),
            writes=tuple(scope.writes),
            cells=cells,
            exits=tuple(scope.exits),
        )
        self.qualifier.pop()
        self.scope = outer
        self.owner = owner
        for name in sorted(scope.given & scope.assigned.keys()):
            self._given_inside(name, number, node)
        return number

    def _given_inside(self, name: str, number: int, node: ir.Function) -> None:
        """A closure gives a variable of its surroundings a value, which it may have from now on."""
        scope = self.scope
        before = scope.environment.get(name)
        if before is None:
            outer = scope.parent
            while outer is not None and name not in outer.bound:
                outer = outer.parent
            if outer is None:
                return
            before = self.evaluate(ir.Name(node.start, node.end, name))
            scope.given.add(name)
        inside = scope.shared((4, number, name), v.Captured(node.start, node.end, number, name))
        scope.bind(name, scope.merge((before, inside), node.start, node.end))

    def declare_class(self, node: ir.Class) -> int:
        """Build a class and return its index; nothing is bound here."""
        scope = self.scope
        index = len(self.classes)
        bases = tuple(self.evaluate(a.value) for a in node.bases if not a.name)
        keywords = {a.name: self.evaluate(a.value) for a in node.bases if a.name}
        decorators = evaluate_all(self, node.decorators)
        fields: list[v.FieldFact] = []
        methods: dict[str, int] = {}
        fact = v.ClassFact(
            node.name,
            node.kind,
            scope.number,
            bases,
            keywords,
            decorators,
            (),
            {},
            node.start,
            node.end,
        )
        self.classes.append(fact)
        before = dict(scope.environment)
        self.qualifier.append(node.name or f"<class:{index}>")
        owner = self.owner
        for member in node.body:
            if isinstance(member, ir.Function):
                self.owner = index
                methods[member.name] = self.function(member)
            elif isinstance(member, ir.Field):
                annotation = self.optional(member.annotation)
                if isinstance(member.value, ir.Function):
                    self.closure_name = member.name
                value = self.optional(member.value)
                fields.append(
                    v.FieldFact(
                        member.name,
                        annotation,
                        value,
                        evaluate_all(self, member.decorators),
                        member.tag,
                        member.start,
                        member.end,
                    )
                )
                if value >= 0:
                    scope.environment[member.name] = value
            elif isinstance(member, ir.Class) and member.name:
                inner = self.declare_class(member)
                value = scope.add(v.ClassValue(member.start, member.end, inner))
                scope.environment[member.name] = value
                fields.append(v.FieldFact(member.name, -1, value, (), "", member.start, member.end))
            else:
                self.block((member,))
        self.owner = owner
        self.qualifier.pop()
        scope.environment = before
        self.classes[index] = v.ClassFact(
            node.name,
            node.kind,
            scope.number,
            bases,
            keywords,
            decorators,
            tuple(fields),
            methods,
            node.start,
            node.end,
        )
        return index
