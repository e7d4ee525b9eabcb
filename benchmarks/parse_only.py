"""The yardstick, as a program of its own: read files and parse them with tree-sitter.

Arguments: a JSON file with pairs of language and path; `walk` to visit all named nodes as well.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter


def _parser(language: str) -> tree_sitter.Parser:
    from tree_sitter import Language, Parser

    if language == "python":
        import tree_sitter_python

        return Parser(Language(tree_sitter_python.language()))
    if language == "javascript":
        import tree_sitter_javascript

        return Parser(Language(tree_sitter_javascript.language()))
    if language == "go":
        import tree_sitter_go

        return Parser(Language(tree_sitter_go.language()))
    import tree_sitter_typescript

    if language == "tsx":
        return Parser(Language(tree_sitter_typescript.language_tsx()))
    return Parser(Language(tree_sitter_typescript.language_typescript()))


def _walk(root: tree_sitter.Node) -> int:
    """A stack over the named children, the kind of each looked at."""
    kinds = 0
    stack = [root]
    while stack:
        node = stack.pop()
        kinds += node.kind_id
        stack.extend(node.named_children)
    return kinds


def main(listing: str, *, walk: bool) -> None:
    parsers: dict[str, tree_sitter.Parser] = {}
    for language, path in json.loads(Path(listing).read_text(encoding="utf-8")):
        if language not in parsers:
            parsers[language] = _parser(language)
        tree = parsers[language].parse(Path(path).read_bytes())
        if walk:
            _walk(tree.root_node)


if __name__ == "__main__":
    main(sys.argv[1], walk="walk" in sys.argv[2:])
