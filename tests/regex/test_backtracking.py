"""Which patterns can take exponentially long."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lint.regex.backtracking import is_exponential
from backend_lint.regex.pattern import NotAnalysedError, complement, parse, union


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)+$",
        r"(a*)*b",
        r"^(a|a)*$",
        r"^(a|ab|b)*$",
        r"^(\w+\s?)*$",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"^([a-zA-Z0-9_.-])+@(([a-zA-Z0-9-])+.)+([a-zA-Z0-9]{2,4})+$",
        r"^(?:[\w.]+\.)*x$",
        r"(?P<name>(x+x+)+)y",
        r"(?<name>(x+x+)+)y",
        r"^(a?b?)*$",
        r"(.*)*=",
        r"^(\d+)*?$",
        r"([^\]]+)+]",
        r"^(?:a{1,30}){1,30}$",
    ],
)
def test_exponential(pattern: str) -> None:
    assert is_exponential(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z]+$",
        r"^(\w+\s+)*$",
        r"^([a-z]+\.)*[a-z]+$",
        r"^[^\s@]+@[^\s@]+\.[^\s@]+$",
        r"d(b+)d",
        r"(a+)+",  # nothing after it can fail
        r"(a+)+b*",
        r"^(ab|cd)*$",
        r"^(a|b)*$",
        r"^\s+|\s+$",
        r"^(\d{3}-)*\d{3}$",
        r"^(?>a+)+$",
        r"^(a++)+$",
        r"([",
        r"(?x) (a+) + $",
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        r"^(?:[^\"\\]|\\.)*$",
        r"(a+){3}$",
        r"^(?!-)[a-z-]{1,63}(?<!-)$",
        "",
    ],
)
def test_not_exponential(pattern: str) -> None:
    assert not is_exponential(pattern)


def test_a_match_of_the_whole_text_can_fail_at_its_end() -> None:
    assert not is_exponential("(a+)+")
    assert is_exponential("(a+)+", whole=True)


def test_sets() -> None:
    assert union([((97, 99),), ((100, 102), (97, 97))]) == ((97, 102),)
    assert complement(complement(((0, 3), (9, 9)))) == ((0, 3), (9, 9))


@given(st.text(string.ascii_letters + r"()[]{}|*+?\^$.,-0123456789dswb:<>=!"))
def test_any_text_is_read_or_refused(pattern: str) -> None:
    try:
        parse(pattern)
    except NotAnalysedError:
        return
    is_exponential(pattern)


@given(st.text("ab()|*+?", max_size=12))
def test_what_python_reads_is_read(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        return
    if "++" in pattern or "*+" in pattern or "?+" in pattern:
        return
    parse(pattern)
