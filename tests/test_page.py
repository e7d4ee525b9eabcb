"""Rule pages: their fixed form and their examples."""

from __future__ import annotations

import pytest

from backend_lint.errors import InstallationError
from backend_lint.page import Expectation, parse_examples, parse_page

_PAGE = """# n-plus-one-query

A query runs `once` per [element](https://x.org) of a loop.

## Why it matters

It is slow.
Very.

More.

## Examples

### Python

```python title="app/models.py"
class User: ...
```

and beside it

```python title="app/views.py"
# a comment
for user in users:
    user.posts.all()  # expect[n-plus-one-query]
```

```python
x = 1
```

### JavaScript

```js
// expect[n-plus-one-query]
db.query(`
  text`);
f();  // expect-missing[n-plus-one-query]
g();  /* expect-spurious[n-plus-one-query] */
```

```console
$ backend-lint check
```

## How to fix

Load all at once.

```sql
SELECT 1; -- expect[n-plus-one-query]
```

## When to ignore

Never.

## Known limits

None.
"""


def test_page() -> None:
    page = parse_page("n-plus-one-query", _PAGE)
    assert page.summary == "A query runs once per element of a loop."
    assert page.why == "It is slow.\nVery.\n\nMore."
    assert page.fix.startswith("Load all at once.\n\n```sql\nSELECT 1;\n```")
    assert "expect" not in page.markdown
    assert "# a comment" in page.markdown


def test_titled_fences_form_a_project() -> None:
    first, second, *_ = parse_examples(_PAGE)
    assert first.heading == "Python"
    assert list(first.files) == ["app/models.py", "app/views.py"]
    assert first.files["app/views.py"].endswith("    user.posts.all()\n")
    assert first.reported("n-plus-one-query") == {("app/views.py", 3)}
    assert second.files == {"example.py": "x = 1\n"}
    assert second.expected == ()


def test_a_path_that_comes_again_starts_a_project() -> None:
    fence = '```python title="a.py"\nx\n```\n'
    assert len(parse_examples(f"## A\n{fence}{fence}")) == 2
    assert len(parse_examples(f"## A\n{fence}## B\n{fence.replace('a.py', 'b.py')}")) == 2


def test_expectations() -> None:
    script = parse_examples(_PAGE)[2]
    assert script.files == {"example.js": "db.query(`\n  text`);\nf();\ng();\n"}
    assert [(item.line, item.kind) for item in script.expected] == [
        (1, Expectation.FOUND),
        (3, Expectation.MISSING),
        (4, Expectation.SPURIOUS),
    ]
    assert script.reported("n-plus-one-query") == {("example.js", 1), ("example.js", 4)}


def test_other_languages_are_no_examples() -> None:
    assert [example.heading for example in parse_examples(_PAGE)] == [
        "Python",
        "Python",
        "JavaScript",
        "How to fix",
    ]


def test_several_expectations_on_a_line() -> None:
    (example,) = parse_examples("```go\nf() // expect[a, b] // expect-missing[c]\n```\n")
    assert sorted((item.rule, item.kind.value) for item in example.expected) == [
        ("a", "expect"),
        ("b", "expect"),
        ("c", "expect-missing"),
    ]
    assert example.files == {"example.go": "f()\n"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# n-plus-one-query", "# other", "its title is 'other'"),
        ("A query runs `once` per [element](https://x.org) of a loop.\n", "", "no summary"),
        ("## When to ignore", "## When to skip", "its sections are"),
        ("## Known limits\n\nNone.\n", "", "its sections are"),
    ],
)
def test_wrong_form(old: str, new: str, message: str) -> None:
    assert old in _PAGE
    with pytest.raises(InstallationError, match=message):
        parse_page("n-plus-one-query", _PAGE.replace(old, new))
