"""Which calls are sinks: conditions on arguments, on what made them, and on what becomes of them."""

from __future__ import annotations

import pytest

from backend_lint.dataflow.sinks import sinks
from tests.linked import linked


def found(text: str, kind: str) -> list[str]:
    """The texts of the sinks of a kind."""
    index = linked({"app.py": text})
    return [text.encode()[s.region.start : s.region.end].decode() for s in sinks(index, kind)]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("subprocess.run(x, shell=True)", ["x"]),
        ("subprocess.run(x, shell=y)", ["x"]),
        ("getattr(a, x)()", ["x"]),
        ("getattr(a, x)", []),
        ("globals()[x]", ["globals()[x]"]),
        ("g = globals()\ng[x]()", ["g[x]"]),
        ("vars(a)[x]", []),
    ],
)
def test_conditions(call: str, expected: list[str]) -> None:
    kind = "command" if "subprocess" in call else "code"
    assert found(f"import subprocess\n{call}\n", kind) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("etree.fromstring(x, etree.XMLParser(resolve_entities=True))", ["x"]),
        ("p = etree.XMLParser(resolve_entities=True)\netree.fromstring(x, parser=p)", ["x"]),
        ("etree.fromstring(x, etree.XMLParser(resolve_entities=False))", []),
        ("p = xml.sax.make_parser()\np.setFeature(feature_external_ges, True)\np.parse(x)", ["x"]),
        ("p = xml.sax.make_parser()\np.setFeature(feature_external_ges, False)\np.parse(x)", []),
        ("p = xml.sax.make_parser()\np.parse(x)", []),
    ],
)
def test_conditions_on_what_made_or_prepared_an_object(setting: str, expected: list[str]) -> None:
    head = (
        "import xml.sax\nfrom lxml import etree\nfrom xml.sax.handler import feature_external_ges\n"
    )
    assert found(f"{head}{setting}\n", "xml-entities") == expected


def test_a_command_that_grows_under_many_conditions() -> None:
    grown = "".join(f"    if flags[{n}]:\n        command.extend(['-{n}'])\n" for n in range(60))
    text = f"import subprocess\ndef run(flags, x):\n    command = [x]\n{grown}    "
    assert found(f"{text}subprocess.run(command)\n", "command") == ["command"]
