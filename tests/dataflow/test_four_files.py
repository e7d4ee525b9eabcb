"""One flow through four files in each language: source, two functions, a field, sink.

The twins are sanitised in the third file, or guarded in the first.
"""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_PYTHON = {
    "app/routes.py": """
from flask import Flask, abort, request

from .search import start

app = Flask(__name__)
ALLOWED = {"jpg", "png"}


@app.get("/convert")
def convert():
    kind = request.args["kind"]
    {guard}
    return start(kind)
""",
    "app/search.py": """
from .jobs import Job


def start(kind):
    job = Job(kind, 3)
    return job.run()
""",
    "app/jobs.py": """
import shlex

from .shell import execute


class Job:
    def __init__(self, kind, tries):
        self.kind = {clean}
        self.tries = tries

    def run(self):
        return execute("convert --to " + self.kind)
""",
    "app/shell.py": """
import os


def execute(command):
    return os.popen(command).read()
""",
}
_JAVASCRIPT = {
    "src/routes.js": """
const express = require("express");
const { start } = require("./search");

const router = express.Router();
const ALLOWED = ["jpg", "png"];

router.get("/convert", async (req, res) => {
  const kind = req.query.kind;
  {guard}
  res.json(await start(kind));
});

module.exports = router;
""",
    "src/search.js": """
const { Job } = require("./jobs");

exports.start = async (kind) => {
  const job = new Job(kind, 3);
  return job.run();
};
""",
    "src/jobs.js": """
const { quote } = require("shell-quote");
const { execute } = require("./shell");

class Job {
  constructor(kind, tries) {
    this.kind = {clean};
    this.tries = tries;
  }

  run() {
    return execute(`convert --to ${this.kind}`);
  }
}

module.exports = { Job };
""",
    "src/shell.js": """
const { execSync } = require("child_process");

exports.execute = (command) => execSync(command).toString();
""",
}
_GO = {
    "go.mod": "module example.com/app\n",
    "main.go": """
package main

import (
	"net/http"

	"example.com/app/search"
)

var allowed = map[string]bool{"jpg": true, "png": true}

func convert(w http.ResponseWriter, r *http.Request) {
	kind := r.FormValue("kind")
	{guard}
	search.Start(kind)
}

func main() {
	http.HandleFunc("/convert", convert)
}
""",
    "search/search.go": """
package search

import "example.com/app/jobs"

func Start(kind string) error {
	job := jobs.New(kind, 3)
	return job.Run()
}
""",
    "jobs/jobs.go": """
package jobs

import (
	"strconv"

	"example.com/app/shell"
)

type Job struct {
	Kind  string
	Tries int
}

func New(kind string, tries int) *Job {
	_ = strconv.Itoa(tries)
	return &Job{Kind: {clean}, Tries: tries}
}

func (j *Job) Run() error {
	return shell.Execute("convert --to " + j.Kind)
}
""",
    "shell/shell.go": """
package shell

import "os/exec"

func Execute(command string) error {
	return exec.Command("sh", "-c", command).Run()
}
""",
}
_PROJECTS = {
    "python": (
        _PYTHON,
        "if kind not in ALLOWED:\n        abort(400)",
        ("kind", "shlex.quote(kind)"),
        "app/shell.py",
    ),
    "javascript": (
        _JAVASCRIPT,
        "if (!ALLOWED.includes(kind)) {\n    return res.sendStatus(400);\n  }",
        ("kind", "quote([kind])"),
        "src/shell.js",
    ),
    "go": (
        _GO,
        'if !allowed[kind] {\n\t\thttp.Error(w, "kind", 400)\n\t\treturn\n\t}',
        ("kind", "strconv.Quote(strconv.Itoa(len(kind)))"),
        "shell/shell.go",
    ),
}


def _findings(files: dict[str, str], *, guard: str, clean: str) -> list[tuple[str, list[str]]]:
    """Where command-injection is found, with the files that its flow goes through."""
    project = {
        path: text.replace("{guard}", guard).replace("{clean}", clean).encode()
        for path, text in files.items()
    }
    report = check(MemoryProject(project), Settings(select=("command-injection",)))
    assert not [item for item in report.diagnostics if item.incomplete]
    return [
        (
            item.finding.location.path,
            list(dict.fromkeys(step.location.path for step in item.finding.flow)),
        )
        for item in report.findings
    ]


@pytest.mark.parametrize("language", sorted(_PROJECTS))
def test_a_flow_through_four_files_is_found(language: str) -> None:
    files, _, (plain, _), sink = _PROJECTS[language]
    found = _findings(files, guard="", clean=plain)
    assert [path for path, _ in found] == [sink]
    passed = [path for path in files if path != "go.mod"]
    assert found[0][1][0] == passed[0], "the flow begins at the source"
    assert found[0][1][-1] == sink, "and ends at the sink"


@pytest.mark.parametrize("language", sorted(_PROJECTS))
def test_sanitised_in_the_third_file(language: str) -> None:
    files, _, (_, clean), _ = _PROJECTS[language]
    assert _findings(files, guard="", clean=clean) == []


@pytest.mark.parametrize("language", sorted(_PROJECTS))
def test_guarded_in_the_first_file(language: str) -> None:
    files, guard, (plain, _), _ = _PROJECTS[language]
    assert _findings(files, guard=guard, clean=plain) == []


@pytest.mark.parametrize("language", sorted(_PROJECTS))
def test_a_thousand_files_beside_it_change_nothing(language: str) -> None:
    files, _, (plain, _), _ = _PROJECTS[language]
    last = next(reversed(files))
    folder, _, suffix = last.rpartition("/")[0], "", last.rpartition(".")[2]
    text = {
        "py": "import os\n\n\ndef tidy_{n}(name):\n    return os.path.basename(name)\n",
        "js": "exports.tidy{n} = (name) => name.trim();\n",
        "go": "package other{n}\n\nfunc Tidy(name string) string {\n\treturn name\n}\n",
    }[suffix]
    others = {
        f"{folder}/other{n}/part{n}.{suffix}": text.replace("{n}", str(n)) for n in range(1000)
    }
    alone = _findings(files, guard="", clean=plain)
    assert len(alone) == 1
    assert _findings(files | others, guard="", clean=plain) == alone
