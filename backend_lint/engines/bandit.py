"""Bandit as an engine: its tests under our names, one file at a time.

The only module that imports Bandit, and only once a file holds a trigger word of a chosen test.
Bandit gets the text and no path: it would look for packages on the disk. Suppressions of ours apply
later as to any finding; its own `# nosec` is honoured here.
"""

from __future__ import annotations

import ast
import io
import logging
import tokenize
import warnings
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.engines.analysis import Analysis
from backend_lint.engines.bandit_table import triggered
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.paths import is_test_path
from backend_lint.source import Language, Region

if TYPE_CHECKING:
    from backend_lint.engines.bandit_table import BanditTest
    from backend_lint.source import SourceFile

_SEVERITIES = {"LOW": Severity.NOTE, "MEDIUM": Severity.WARNING, "HIGH": Severity.ERROR}
_CONFIDENCES = {"LOW": Confidence.LOW, "MEDIUM": Confidence.MEDIUM, "HIGH": Confidence.HIGH}


NAME = "bandit"
"""As in `Finding.engine` and on the command line."""


def analyze_file(source: SourceFile, rules: frozenset[str]) -> Analysis:
    """Run Bandit on one file.

    Never raises because of the file: a syntax that this Python does not know, and a test that
    crashes, become diagnostics.

    Args:
        source: the file; other languages than Python and tests give an empty result.
        rules: names of our rules; those that are no test of Bandit are passed over.
    """
    if source.language is not Language.PYTHON:
        return Analysis()
    tests = triggered(rules, source.data)
    if not tests or is_test_path(source.path):
        return Analysis()
    try:
        tree = _parse(source.data)
    except (SyntaxError, ValueError):
        return _said(source, DiagnosticKind.SYNTAX_ERROR, "Bandit cannot parse it")
    except (RecursionError, MemoryError):
        return _said(source, DiagnosticKind.LIMIT, "nested too deeply for Bandit")
    try:
        results, crashed = _run(source.data, tree, frozenset(tests))
    except RecursionError:
        return _said(source, DiagnosticKind.LIMIT, "nested too deeply for Bandit")
    except Exception as error:
        message = f"Bandit failed: {type(error).__name__}: {error}"
        return _said(source, DiagnosticKind.CRASH, " ".join(message.split()))
    findings = {
        _finding(source, tests[item.test_id], item)
        for item in results
        if not _is_given(tree, tests[item.test_id], item)
    }
    return Analysis(
        tuple(sorted(findings, key=lambda item: item.sort_key)),
        tuple(
            Diagnostic(DiagnosticKind.CRASH, source.path, f"the test {name} of Bandit failed")
            for name in sorted(set(crashed))
        ),
    )


def _said(source: SourceFile, kind: DiagnosticKind, message: str) -> Analysis:
    # Our own front end has read the file, and tells what it could not read.
    incomplete = kind is not DiagnosticKind.SYNTAX_ERROR
    return Analysis((), (Diagnostic(kind, source.path, message, incomplete=incomplete),))


@lru_cache(maxsize=1)
def _parse(data: bytes) -> ast.Module:
    """The tree of a file, kept for the next rule that asks about the same file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # As text: a coding cookie speaks of the bytes on the disk, which were decoded already.
        return ast.parse(data.decode("utf-8", "replace"))


@cache
def _bandit() -> Any:  # noqa: ANN401 -- Bandit has no types
    """The parts of Bandit that are used, imported once."""
    format_warning = warnings.formatwarning
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Bandit and what it imports use deprecated calls
        from bandit.core import config, manager, metrics, node_visitor, test_set

    warnings.formatwarning = format_warning  # Bandit replaces it for the whole process
    logging.getLogger("bandit").setLevel(logging.CRITICAL)
    return config, manager, metrics, node_visitor, test_set


@cache
def _all_tests() -> dict[str, list[Any]]:
    """The functions of all tests, by the node type they look at.

    Built once: Bandit keeps what its lists forbid in a place that each further set overwrites.
    """
    config, _, _, _, test_set = _bandit()
    tests: dict[str, list[Any]] = test_set.BanditTestSet(config.BanditConfig()).tests
    return tests


class _Chosen:
    """What Bandit asks for the tests of a node type.

    Attributes:
        visited: the classes of nodes that it has to look at for these tests.
    """

    def __init__(self, tests: frozenset[str]) -> None:
        wanted = {*tests, _LISTS} if any(item[1] in "34" for item in tests) else tests
        self._tests = {
            node: [test for test in functions if test._test_id in wanted]
            for node, functions in _all_tests().items()
        }
        found = {node for node, functions in self._tests.items() if functions}
        if found & {"Str", "Bytes"}:
            found.add("Constant")
        self.visited = found | _REMEMBERED

    def get_tests(self, node: str) -> list[Any]:
        """The functions for a node type."""
        return self._tests.get(node, [])


# Bandit keeps names of imports, and of what surrounds a node, from these.
_REMEMBERED = frozenset({"Import", "ImportFrom", "ClassDef", "FunctionDef"})
# They hold nothing that Bandit looks at.
_LEAVES = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)


@cache
def _visitor() -> Any:  # noqa: ANN401 -- Bandit has no types
    """Bandit's visitor, which passes over the nodes that no chosen test looks at."""
    _, _, _, node_visitor, _ = _bandit()

    class Visitor(node_visitor.BanditNodeVisitor):  # type: ignore[misc, name-defined]
        def generic_visit(self, node: ast.AST) -> None:
            for field in node._fields:
                value = getattr(node, field, None)
                if isinstance(value, list):
                    for item, sibling in zip(value, (*value[1:], None), strict=False):
                        if isinstance(item, ast.AST):
                            self._visit_child(item, node, sibling)
                elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
                    self._visit_child(value, node, None)

        def _visit_child(self, node: Any, parent: ast.AST, sibling: object) -> None:  # noqa: ANN401
            node._bandit_sibling = sibling
            node._bandit_parent = parent
            if type(node).__name__ in self.testset.visited:
                self.pre_visit(node)
                self.visit(node)
                self.generic_visit(node)
                self.post_visit(node)
            else:
                self.generic_visit(node)

    return Visitor


_LISTS = "B001"  # the one function behind all of B3xx and B4xx but B324


@cache
def _chosen(tests: frozenset[str]) -> _Chosen:
    return _Chosen(tests)


def _run(data: bytes, tree: ast.Module, tests: frozenset[str]) -> tuple[list[Any], list[str]]:
    """The results of Bandit, and the tests that crashed."""
    _, _, metrics, _, _ = _bandit()
    counts = metrics.Metrics()
    counts.begin("file.py")
    visitor = _visitor()(
        "file.py", io.BytesIO(data), None, _chosen(tests), False, _nosec_lines(data), counts
    )
    crashed: list[str] = []
    visitor.tester.report_error = lambda test, _context, _error: crashed.append(str(test))
    visitor.generic_visit(tree)
    visitor.context = {
        "file_data": visitor.fdata,
        "filename": visitor.fname,
        "lineno": 0,
        "linerange": [0, 1],
        "col_offset": 0,
    }
    visitor.tester.run_tests(visitor.context, "File")
    return [item for item in visitor.tester.results if item.test_id in tests], crashed


def _nosec_lines(data: bytes) -> dict[int, set[str] | None]:
    """The tests to pass over by line, as Bandit reads its own comments; an empty set means all."""
    if b"nosec" not in data:
        return {}
    _, manager, _, _, _ = _bandit()
    found: dict[int, set[str] | None] = {}
    try:
        for token in tokenize.generate_tokens(
            io.StringIO(data.decode("utf-8", "replace")).readline
        ):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = manager._parse_nosec_comment(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass  # the comments up to here count, as in Bandit
    return found


def _is_given(tree: ast.Module, test: BanditTest, result: Any) -> bool:  # noqa: ANN401 -- no types
    """The call of a result has the argument after all, as an expression."""
    return bool(test.given) and any(
        keyword.arg == test.given
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (node.lineno, node.col_offset) == (result.lineno, result.col_offset)
        for keyword in node.keywords
    )


def _finding(source: SourceFile, test: BanditTest, result: Any) -> Finding:  # noqa: ANN401 -- no types
    confidence = _CONFIDENCES.get(result.confidence, test.confidence)
    return Finding(
        rule=test.name,
        location=Location(source.path, _region(source, result)),
        message=test.message,
        severity=_SEVERITIES.get(result.severity, test.severity),
        confidence=test.confidence if test.measured else confidence,
        engine=NAME,
    )


def _region(source: SourceFile, result: Any) -> Region:  # noqa: ANN401 -- Bandit has no types
    """The bytes of a result; Bandit counts lines from 1 and columns in UTF-8 bytes from 0."""
    lines = source.lines
    first = min(max(result.lineno, 1), len(lines))
    last = min(max([first, *result.linerange]), len(lines))
    whole = lines.line_region(first)
    text = source.data[whole.start : whole.end]
    start = whole.start + max(result.col_offset, 0)
    end = lines.line_region(last).start + result.end_col_offset
    if first > min([first, *result.linerange]) or start >= whole.end:
        # A line inside of the node, such as that of one argument; the columns are the node's.
        start, end = whole.end - len(text.lstrip()), whole.end
    elif not start < end <= lines.line_region(last).end:
        end = whole.end
    return Region(start, end)
