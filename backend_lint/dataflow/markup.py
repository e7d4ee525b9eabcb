"""Whether what is sent can be read as markup: by its text, its form, and its declared type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.texts import TextForm, TextHole, texts
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.dataflow.sinks import Sink
    from backend_lint.dataflow.trace import Flow
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_MARKUP = re.compile(r"<[!/A-Za-z]")
_OTHER_TYPES = re.compile(
    r"(?i)json|text/plain|javascript|csv|image/|octet-stream|pdf|zip|calendar"
)
# Names under which the type of a response is kept, without hyphens and the like.
_TYPE_NAMES = frozenset({"contenttype", "mimetype", "mediatype"})
# Results of calling a function per element that are lists.
_LISTS = frozenset({"mapped", "joined", "kept"})
# What is what it stands for.
_SAME = (v.Merge, v.Captured, v.Imported, v.Global, v.Parameter)


def is_markup(index: ProjectIndex, sink: Sink, flow: Flow) -> bool:
    """The text can be read as markup: it holds some, or the client decides all of it."""
    forms = texts(index, sink.function, sink.value)
    if sink.row.attributes.get("sniffed"):
        return any(_sniffs_as_markup(index, form) for form in forms)
    if any(_MARKUP.search(form.filled("")) for form in forms):
        return True
    is_object = flow.row is not None and flow.row.attributes.get("fields") and not flow.fields
    return not is_object and not _is_list(index, flow)


def _is_list(index: ProjectIndex, flow: Flow) -> bool:
    """What is sent is a list and no text, which frameworks answer as JSON."""
    for state in reversed(list(flow.states())):
        value = state.value
        if type(value) is v.Listing:
            return True
        if type(value) is v.Invoke:
            if any(
                match.row.concept == "iteration" and match.attributes.get("result") in _LISTS
                for match in index.concepts_of(state.function, state.at)
            ):
                return True
            if not index.targets(state.function, value):
                return False
        elif not isinstance(value, _SAME):
            return False
    return False


def _sniffs_as_markup(index: ProjectIndex, form: TextForm) -> bool:
    leading = form.leading().lstrip()
    if leading or not form.pieces:
        return leading.startswith("<")
    first = form.pieces[0]
    # A format that nobody knows begins with something, but not with what fills it.
    return not isinstance(first, TextHole) or not any(
        match.row.attributes.get("format")
        for match in index.concepts_of(first.function, first.value)
    )


def is_other_content(index: ProjectIndex, function: FunctionNode) -> bool:
    """The function says that its answer is of a type in which a browser runs nothing."""
    for at, value in enumerate(function.fact.values):
        if type(value) is not v.Invoke:
            continue
        for match in index.concepts_of(function, at):
            if match.row.concept != "response-type" or not applies(index, match):
                continue
            for given in match.values("type"):
                for form in texts(index, function, given):
                    if _OTHER_TYPES.search(form.filled("")):
                        return True
    for write in function.fact.writes:  # `response.mimetype = "text/plain"`
        if write.name.lower().replace("_", "").replace("-", "") in _TYPE_NAMES:
            for form in texts(index, function, write.value):
                if _OTHER_TYPES.search(form.filled("")):
                    return True
    return False
