"""Whose data is believed: applications and libraries."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.finding import Confidence, SourceKind
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings, Trust

_PYTHON = """
import os

def convert(name):
    os.system("convert " + name)

def _convert(name):
    os.system("convert " + name)

class Tool:
    def run(self, name):
        os.system("convert " + name)

    def _run(self, name):
        os.system("convert " + name)

def outer():
    def inner(name):
        os.system("convert " + name)
    return inner

def configured():
    os.system("convert " + os.environ["NAME"])
"""
_LISTED = """
import { exec } from "node:child_process";

export function convert(name) {
  exec("convert " + name);
}

function hidden(name) {
  exec("convert " + name);
}

export class Tool {
  run(name) {
    exec("convert " + name);
  }
}

class Hidden {
  run(name) {
    exec("convert " + name);
  }
}
"""
_WHOLE = """
const { exec } = require("child_process");

function convert(name) {
  exec("convert " + name);
}

function hidden(name) {
  exec("convert " + name);
}

module.exports = { convert };
"""
_GO = """
package tools

import "os/exec"

func Convert(name string) {
	exec.Command("sh", "-c", "convert "+name).Run()
}

func convert(name string) {
	exec.Command("sh", "-c", "convert "+name).Run()
}

type Tool struct{}

func (t *Tool) Run(name string) {
	exec.Command("sh", "-c", "convert "+name).Run()
}

func (t *Tool) run(name string) {
	exec.Command("sh", "-c", "convert "+name).Run()
}
"""


def _reported(
    path: str, text: str, trust: Trust, confidence: Confidence | None = None
) -> list[tuple[int, SourceKind | None, Confidence]]:
    settings = Settings(select=("command-injection",), trust=trust, confidence=confidence)
    report = check(MemoryProject({path: text.encode()}), settings)
    return [
        (
            report.sources[path].lines.line_at(item.finding.location.region.start),
            item.finding.decided_by,
            item.confidence,
        )
        for item in report.findings
    ]


@pytest.mark.parametrize(
    ("path", "text", "public"),
    [
        ("tools.py", _PYTHON, [5, 12]),
        ("tools.js", _LISTED, [5, 14]),
        ("tools.ts", _LISTED, [5, 14]),
        ("tools.cjs", _WHOLE, [5]),
        ("tools.go", _GO, [7, 17]),
        ("main.go", _GO.replace("package tools", "package main"), []),
    ],
)
def test_callers_of_public_functions(path: str, text: str, public: list[int]) -> None:
    assert _reported(path, text, Trust.REMOTE) == []
    assert _reported(path, text, Trust.LIBRARY) == [
        (line, SourceKind.CALLER, Confidence.MEDIUM) for line in public
    ]


def test_other_sources_stay_what_they_are() -> None:
    low = _reported("tools.py", _PYTHON, Trust.LIBRARY, Confidence.LOW)
    assert [item for item in low if item[2] is Confidence.LOW] == [
        (8, SourceKind.UNKNOWN, Confidence.LOW),
        (15, SourceKind.UNKNOWN, Confidence.LOW),
        (19, SourceKind.UNKNOWN, Confidence.LOW),
        (23, SourceKind.CONFIGURATION, Confidence.LOW),
    ]


def test_requests_are_never_believed() -> None:
    text = (
        "import os\n\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n\n"
        "@app.get('/x')\ndef show():\n    os.system(request.args['x'])\n    return ''\n"
    )
    for trust in Trust:
        assert _reported("app.py", text, trust) == [(10, SourceKind.REQUEST, Confidence.HIGH)]
