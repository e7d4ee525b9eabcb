"""What functions of the project fill with a request: helpers that read or bind a body."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_HEAD = """
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"

	"github.com/gin-gonic/gin"
)

type Input struct {
	Name string
	Size int
}

func run(w http.ResponseWriter, r *http.Request, c *gin.Context) {
	var in Input
	if err := read(w, r, c, &in); err != nil {
		return
	}
	exec.Command("sh", "-c", in.Name).Run()
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { run(w, r, nil) })
}
"""
_READ = "\nfunc read(w http.ResponseWriter, r *http.Request, c *gin.Context, to any) error {\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("\treturn c.ShouldBindJSON(to)\n}\n", True),
        ("\treturn json.NewDecoder(r.Body).Decode(to)\n}\n", True),
        ("\tbody, _ := io.ReadAll(r.Body)\n\treturn json.Unmarshal(body, to)\n}\n", True),
        (
            "\treturn bind(c, to)\n}\n\nfunc bind(c *gin.Context, to any) error {\n"
            "\treturn c.Bind(to)\n}\n",
            True,
        ),
        ('\treturn json.Unmarshal([]byte("{}"), to)\n}\n', False),
        ("\tvar other Input\n\treturn c.Bind(&other)\n}\n", False),
        ("\treturn nil\n}\n", False),
    ],
)
def test_a_helper(body: str, expected: bool) -> None:
    settings = Settings(select=("command-injection",))
    project = MemoryProject({"main.go": (_HEAD + _READ + body).encode()})
    assert bool(check(project, settings).findings) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("if in.Size > 100 {\n\t\tin.Size = 100\n\t}", False),
        ("if in.Size > 100 {\n\t\treturn\n\t}", False),
        ("if in.Size < 1 {\n\t\tin.Size = 1\n\t}", True),
        ('if in.Size > 100 {\n\t\tin.Name = ""\n\t}', True),
    ],
)
def test_a_check_of_a_field(lines: str, expected: bool) -> None:
    text = (
        _HEAD.replace(
            'exec.Command("sh", "-c", in.Name).Run()', f"{lines}\n\t_ = make([]int, in.Size)"
        )
        + _READ
        + "\treturn c.ShouldBindJSON(to)\n}\n"
    )
    settings = Settings(select=("unbounded-allocation",))
    found = check(MemoryProject({"main.go": text.encode()}), settings).findings
    assert bool(found) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("if size > 100 {\n\t\tsize = 100\n\t}", "", False),
        ("if size < 1 {\n\t\tsize = 1\n\t}", "", True),
        ("size = 7", "", False),
        ("", "size = 7", True),
    ],
)
def test_a_captured_variable(before: str, after: str, expected: bool) -> None:
    text = f"""
package main

import (
	"net/http"
	"strconv"
)

func make_(w http.ResponseWriter, r *http.Request) {{
	size, _ := strconv.Atoi(r.FormValue("size"))
	{before}
	give := func() []int {{
		return make([]int, size)
	}}
	{after}
	give()
}}

func main() {{
	http.HandleFunc("/", make_)
}}
"""
    settings = Settings(select=("unbounded-allocation",))
    found = check(MemoryProject({"main.go": text.encode()}), settings).findings
    assert bool(found) is expected
