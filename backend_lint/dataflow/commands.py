"""Which arguments of a call that starts a program decide what is run.

The program itself does, and so does the code that an interpreter among the arguments is given
(`sh -c`), or the script it is to run. Other arguments reach the program as they are and do not,
unless they begin like an option and the program has some that start others (`git clone`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.texts import texts
from backend_lint.facts import values as v
from backend_lint.facts.expressions import MUTATORS
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.trace import Flow
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_INTERPRETERS = frozenset(
    {"sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh"}
    | {"python", "python2", "python3", "node", "perl", "ruby", "php", "osascript"}
)
_CODE_FLAGS = frozenset(
    {"-c", "-lc", "-ec", "-ic", "-xc", "/c", "/C", "/k", "-e", "-r", "--eval"}
    | {"-Command", "-command"}
)
# Programs whose arguments are another program with its arguments.
_WRAPPERS = frozenset({"env", "sudo", "nohup", "nice", "timeout", "xargs", "time", "setsid"})
# Programs with options that start others, or read and write any file.
_WITH_STRONG_OPTIONS = frozenset(
    {
        "7z", "ansible-playbook", "aria2c", "awk", "chrome", "chromium", "curl", "dig", "docker",
        "ffmpeg", "find", "gawk", "git", "google-chrome", "gs", "helm", "hg", "kubectl", "latex",
        "less", "lualatex", "make", "man", "mysql", "mysqldump", "nmap", "npm", "npx", "openssl",
        "pandoc", "pdflatex", "pip", "pip3", "psql", "rsync", "scp", "sed", "sendmail", "sftp",
        "sort", "ssh", "svn", "tar", "tcpdump", "terraform", "wget", "wkhtmltoimage",
        "wkhtmltopdf", "xelatex", "youtube-dl", "yt-dlp", "zip",
    }
)  # fmt: skip
# Words behind which nothing is an option.
_ENDS_OPTIONS = frozenset({"--", "--end-of-options"})
# Methods that put their arguments in front.
_PREPENDS = frozenset({"insert", "unshift"})
# Methods that make the words of a command of its text.
_SPLITS = frozenset({"split", "Fields"})


def started(index: ProjectIndex, match: Match) -> Iterator[tuple[int, Region]]:
    """The arguments that decide what runs, with where they are written."""
    function = match.function
    programs = match.located("program")
    if not programs:
        return
    command = match.located("arguments")
    words: list[tuple[int, Region]] = []
    for value, region in programs[:1] if command else programs:
        words.extend(_elements(function, value, region))
    for value, region in command:
        words.extend(_elements(function, value, region))
    if not words:
        return
    if not _names_its_program(index, function, words[0][0]):
        yield words[0]
    yield from _interpreted(index, function, words)


def mistaken(index: ProjectIndex, match: Match) -> Iterator[tuple[int, Region]]:
    """The arguments that a program may take for options of its own, with where they are written."""
    function = match.function
    words: list[tuple[int, Region]] = []
    for role in ("program", "arguments"):
        for value, region in match.located(role):
            words.extend(_elements(function, value, region))
    first = next(
        (
            position
            for position, (value, _) in enumerate(words[:2])
            if _programs(index, function, value) & _WITH_STRONG_OPTIONS
        ),
        -1,
    )
    if first < 0:
        return
    before: set[str] = set()
    for value, region in words[first + 1 :]:
        constants = _constants(index, function, value)
        if constants & _ENDS_OPTIONS:
            return
        # What stands behind an option may well be its value.
        if not constants and not any(word.startswith("-") and "=" not in word for word in before):
            yield value, region
        before = constants


def is_plain_argument(flow: Flow) -> bool:
    """The data comes as a word of a list that names another program in front, and no interpreter.

    The list is written by a caller of the function that starts the program.
    """
    for state in flow.states():
        following = state.previous
        if following is None or following.function is not state.function:
            continue
        listed = following.value
        if type(listed) is v.Listing and state.at in listed.elements[1:]:
            first = state.function.fact.values[listed.elements[0]]
            name = first.value if type(first) is v.Constant else None
            program = name.rsplit("/", 1)[-1] if isinstance(name, str) else ""
            return bool(program) and program not in _INTERPRETERS | _WRAPPERS
    return False


def _interpreted(
    index: ProjectIndex, function: FunctionNode, words: list[tuple[int, Region]]
) -> Iterator[tuple[int, Region]]:
    start = _interpreter(index, function, words)
    if start < 0:
        return
    arguments = words[start + 1 :]
    has_code = False
    for position, (value, _) in enumerate(arguments):
        if _CODE_FLAGS & _constants(index, function, value):
            has_code = True
            yield from arguments[position + 1 : position + 2]
    if not has_code:
        yield from arguments[:1]  # the script


def _interpreter(
    index: ProjectIndex, function: FunctionNode, words: list[tuple[int, Region]]
) -> int:
    """The position of the interpreter that is started, -1 for none."""
    first = _programs(index, function, words[0][0])
    if first & _INTERPRETERS:
        return 0
    if first & _WRAPPERS:
        for position, (value, _) in enumerate(words[1:], 1):
            if _programs(index, function, value) & _INTERPRETERS:
                return position
    return -1


def _programs(index: ProjectIndex, function: FunctionNode, at: int) -> set[str]:
    return {text.rsplit("/", 1)[-1] for text in _constants(index, function, at)}


def _constants(index: ProjectIndex, function: FunctionNode, at: int) -> set[str]:
    value = function.fact.values[at]
    if type(value) is v.Item and type(function.fact.values[value.base]) is v.Invoke:
        key = function.fact.values[value.key]
        if type(key) is v.Constant and key.value == 0:
            at = value.base  # the first of several results
    return {form.constant for form in texts(index, function, at) if form.constant is not None}


def _names_its_program(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """The words come from a text whose first word is constant: `f"ping {host}".split()`."""
    value = function.fact.values[at]
    if type(value) is not v.Invoke:
        return False
    callee = function.fact.values[value.callee]
    if type(callee) is not v.Member or callee.name not in _SPLITS:
        return False
    sources = [callee.base, *value.args[:1]]
    return any(
        forms
        and all(
            len(form.leading().split(maxsplit=1)) == 2 or _ends_a_word(form.leading())
            for form in forms
        )
        for forms in (texts(index, function, source) for source in sources)
    )


def _ends_a_word(text: str) -> bool:
    return bool(text.strip()) and text[-1:].isspace()


def _elements(
    function: FunctionNode,
    at: int,
    region: Region,
    known: dict[int, list[tuple[int, Region]]] | None = None,
) -> list[tuple[int, Region]]:
    """The elements of a list that is written, extended and filled in the function.

    What is no such list is one element: itself. Of a list that is filled in a loop, what the loop
    adds comes last. A list that grows under one condition after another is looked at once, as
    `known` keeps what its states hold.
    """
    if known is None:
        known = {}
    found = known.get(at)
    if found is None:
        known[at] = []  # what a loop leads back to
        found = known[at] = _held(function, at, region, known)
    return found


def _held(
    function: FunctionNode, at: int, region: Region, known: dict[int, list[tuple[int, Region]]]
) -> list[tuple[int, Region]]:
    values = function.fact.values
    value = values[at]
    match value:
        case v.Listing(elements=elements):
            return [
                word for element in elements for word in _element(function, element, region, known)
            ]
        case v.Updated(base=base, by=by) if type(call := values[by]) is v.Invoke:
            callee = values[call.callee]
            if type(callee) is not v.Member or callee.name not in MUTATORS:
                return [(at, region)]  # filled as a whole
            added = [word for arg in call.args for word in _elements(function, arg, region, known)]
            before = _elements(function, base, region, known)
            if callee.name in _PREPENDS:
                return [*added, *before]
            return [*before, *added]
        case v.Compute(operator="+", operands=parts):
            found = [_elements(function, part, region, known) for part in parts]
            if all(words[0][0] == part for words, part in zip(found, parts, strict=True) if words):
                return [(at, region)]  # no part is known to be a list, so it may be a text
            return [word for words in found for word in words]
        case v.Compute() | v.Merge() if options := v.alternatives(value):
            words = [_elements(function, option, region, known) for option in options]
            longest = max(words, key=len)
            return longest if len(longest) > 1 else [(at, region)]
        case v.Invoke(args=args) if args and _is_append(values[value.callee]):
            return [word for arg in args for word in _elements(function, arg, region, known)]
    return [(at, region)]


def _element(
    function: FunctionNode, at: int, region: Region, known: dict[int, list[tuple[int, Region]]]
) -> list[tuple[int, Region]]:
    value = function.fact.values[at]
    if type(value) is v.Element:  # `*others`
        return _elements(function, value.base, region, known)
    place = Region(value.start, value.end)
    return [(at, place if region.start <= place.start < region.end else region)]


def _is_append(callee: v.Value) -> bool:
    return type(callee) is v.Global and callee.name == "append"
