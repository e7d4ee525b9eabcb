"""Errors of the user: wrong arguments, wrong configuration, missing paths.

A broken source file is no error but a `Diagnostic`; a defect in the reviewed code is a `Finding`.
"""

from __future__ import annotations


class UserError(Exception):
    """Something the user gave us cannot be used; ends the run with `exit_code`.

    Attributes:
        exit_code: the status of the process, 2 for every wrong use.
        hint: what the user can do about it, or an empty string.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigurationError(UserError):
    """A configuration file holds something we do not understand."""


class UnknownRuleError(UserError):
    """A selector names neither a rule nor a family."""


class InstallationError(UserError):
    """The installation is incomplete, such as a checkout that was never installed."""
