"""The list of rules, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from backend_lint.errors import UnknownRuleError
from backend_lint.registry import did_you_mean

if TYPE_CHECKING:
    from backend_lint.registry import Registry
    from backend_lint.rule import Rule


def as_text(registry: Registry, family: str | None) -> str:
    """One line a rule, under its family."""
    lines: list[str] = []
    chosen = _chosen(registry, family)
    width = max((len(rule.name) for rule in chosen), default=0)
    heading = ""
    for rule in chosen:
        if rule.family.value != heading:
            lines += ["", rule.family.value] if lines else [rule.family.value]
            heading = rule.family.value
        summary = registry.page(rule.name).summary
        lines.append(f"  {rule.name:<{width}}  {rule.severity.label:<7}  {summary}")
    return "".join(f"{line}\n" for line in lines)


def as_json(registry: Registry, family: str | None) -> str:
    """A list of objects, by family and name; see docs/json-schema.md."""
    entries = [
        {
            "name": rule.name,
            "family": rule.family.value,
            "summary": registry.page(rule.name).summary,
            "severity": rule.severity.label,
            "confidence": rule.confidence.label,
            "profile": rule.profile.value,
            "security": rule.security,
            "security_severity": rule.security_severity or None,
            "cwe": list(rule.cwe),
            "owasp": list(rule.owasp),
            "checklist": list(rule.checklist),
            "languages": list(rule.languages),
        }
        for rule in _chosen(registry, family)
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _chosen(registry: Registry, family: str | None) -> list[Rule]:
    if family is not None and family not in registry.families:
        hint = did_you_mean(family, registry.families) or (
            f"the families are {', '.join(registry.families)}"
        )
        raise UnknownRuleError(f"no family is named {family!r}", hint=hint)
    chosen = [rule for rule in registry.rules() if family in (None, rule.family.value)]
    return sorted(chosen, key=lambda rule: (rule.family.value, rule.name))
