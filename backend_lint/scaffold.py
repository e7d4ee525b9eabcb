"""The two files of a new rule, written into a checkout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.errors import UserError
from backend_lint.registry import did_you_mean
from backend_lint.rule import Family

if TYPE_CHECKING:
    from pathlib import Path

    from backend_lint.registry import Registry


_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_MODULE = '''"""FILL IN: the defect in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.finding import Confidence, Finding, Severity
from backend_lint.rule import Family, Profile, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.unit import Unit


def check(unit: Unit) -> Iterator[Finding]:
    """One finding for each FILL IN."""
    del unit
    yield from ()


RULE = Rule(
    name="{name}",
    family=Family.{family},
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    profile=Profile.STRICT,
    languages=("python",),
    check=check,
)
'''

_PAGE = """# {name}

FILL IN: the defect in one sentence.

## Why it matters

FILL IN: what happens in production, to whom, and when.

## Examples

### Python

```python
bad = True  # expect[{name}]
```

```python
good = True
```

## How to fix

FILL IN: what to write instead.

## When to ignore

FILL IN: where the finding is right and nothing needs to be done.

## Known limits

FILL IN: what the rule misses (`expect-missing`) and where it is wrong (`expect-spurious`).
"""


def write_rule(name: str, family: str, registry: Registry) -> tuple[Path, Path]:
    """Write the module and the page of a rule; their paths.

    The page fails its tests until the rule is written.

    Raises:
        UserError: the name or family is unusable, the rule exists, or this is no checkout.
    """
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no name for a rule", hint="use kebab-case: sql-injection")
    families = [item.value for item in Family]
    if family not in families:
        hint = did_you_mean(family, families) or f"the families are {', '.join(families)}"
        raise UserError(f"no family is named {family!r}", hint=hint)
    if name in registry.names:
        raise UserError(f"the rule {name} exists: {registry.page_path(name)}")
    root = registry.root
    if root.name != "rules" or not (root.parent / "pyproject.toml").is_file():
        raise UserError(
            "new rules are written in a checkout of backend-lint",
            hint="clone it and run: python -m pip install --editable .",
        )
    folder = root / family
    folder.mkdir(exist_ok=True)
    if not (folder / "__init__.py").exists():
        (folder / "__init__.py").write_text(f'"""Rules about {family}."""\n', encoding="utf-8")
    stem = name.replace("-", "_")
    module, page = folder / f"{stem}.py", folder / f"{stem}.md"
    module.write_text(_MODULE.format(name=name, family=family.upper()), encoding="utf-8")
    page.write_text(_PAGE.format(name=name), encoding="utf-8")
    return module, page
