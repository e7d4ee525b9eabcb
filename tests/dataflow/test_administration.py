"""Requests of administrators, by what their routes and guards say."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.finding import Confidence
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_APP = """
from functools import wraps
from flask import Flask, abort, g, request

app = Flask(__name__)

def admin_required(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if not g.user.is_admin:
            abort(403)
        return view(*args, **kwargs)
    return inner

def login_required(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if not g.user:
            abort(401)
        return view(*args, **kwargs)
    return inner

{decorators}
def show():
    return read(request.args["name"])

def read(name):
    return {{"text": open("/srv/" + name).read()}}
"""


@pytest.mark.parametrize(
    ("decorators", "confidence"),
    [
        ('@app.get("/files")', Confidence.HIGH),
        ('@app.get("/files")\n@login_required', Confidence.HIGH),
        ('@app.get("/files")\n@admin_required', Confidence.MEDIUM),
        ('@app.get("/api/admin/files")', Confidence.MEDIUM),
        ('@app.get("/admin/login")', Confidence.HIGH),
        ('@app.get("/administrative-districts")', Confidence.HIGH),
        ('@app.get("/admin/files")\n@app.get("/files")', Confidence.HIGH),
    ],
)
def test_confidence(decorators: str, confidence: Confidence) -> None:
    project = MemoryProject({"app.py": _APP.format(decorators=decorators).encode()})
    report = check(project, Settings(select=("path-traversal",)))
    assert [item.confidence for item in report.findings] == [confidence]
