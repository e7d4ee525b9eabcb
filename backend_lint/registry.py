"""The rules that exist: found by their files, checked when loaded, chosen by selectors.

There is no list to register in. A module `rules/<family>/<rule_name>.py` whose name does not start
with an underscore holds a `RULE` value and has `<rule_name>.md` beside it. Listing the names reads
only directories; a rule is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.errors import InstallationError, UnknownRuleError
from backend_lint.rule import Family, Profile, Rule, RuleCard, RuleDeclaration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backend_lint.report import RulePage

ALL = "ALL"
"""The selector for every rule there is."""

_PACKAGE = "backend_lint.rules"


class Registry:
    """The rules of one package of rules.

    Args:
        package: its dotted name; tests pass their own.

    Raises:
        InstallationError: the package is not there.
    """

    def __init__(self, package: str = _PACKAGE) -> None:
        self._package = package
        self._root = _package_root(package)
        self._families: dict[str, str] = {}
        for family in sorted(path for path in self._root.iterdir() if path.is_dir()):
            for module in sorted(family.glob("[!_]*.py")):
                name = module.stem.replace("_", "-")
                if name in self._families:
                    raise InstallationError(f"rule {name} exists twice, once in {family.name}")
                self._families[name] = family.name
        self._engine_names: frozenset[str] = frozenset()
        if package == _PACKAGE:
            self._add_engine_rules()
        self._rules: dict[str, Rule] = {}

    def _add_engine_rules(self) -> None:
        from backend_lint.engines.bandit_table import bandit_tests

        self._engine_names = frozenset(bandit_tests())
        for name in self._engine_names:
            if name in self._families:
                raise InstallationError(f"rule {name} exists twice, once as a test of Bandit")
            self._families[name] = Family.PYTHON.value

    @property
    def engine_names(self) -> frozenset[str]:
        """The names of the rules that engines other than our own look after."""
        return self._engine_names

    @property
    def root(self) -> Path:
        """The directory that holds the families."""
        return self._root

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all rules, sorted."""
        return tuple(sorted(self._families))

    @property
    def families(self) -> tuple[str, ...]:
        """The families that hold a rule, sorted."""
        return tuple(sorted(set(self._families.values())))

    def family_of(self, name: str) -> str:
        """The family of a rule, without importing it."""
        self._known(name)
        return self._families[name]

    def rule(self, name: str) -> Rule:
        """The rule of a name.

        Raises:
            UnknownRuleError: there is no such rule.
            InstallationError: its module does not hold what it should.
        """
        self._known(name)
        if name not in self._rules:
            self._rules[name] = self._load(name)
        return self._rules[name]

    def rules(self) -> tuple[Rule, ...]:
        """All rules, by name."""
        return tuple(self.rule(name) for name in self.names)

    def cards(self) -> tuple[RuleCard, ...]:
        """The rules that were loaded so far, without their functions."""
        return tuple(
            RuleCard(_declaration(rule), rule.check is not None, rule.judge is not None)
            for _, rule in sorted(self._rules.items())
        )

    def prime(self, cards: Iterable[RuleCard]) -> None:
        """Take over rules that an earlier run of the same installation loaded.

        Their modules are imported when their functions are called. Rules that are loaded stay.
        """
        for card in cards:
            name = card.declaration.name
            if name in self._families and name not in self._rules:
                self._rules[name] = Rule(
                    **msgspec.structs.asdict(card.declaration),
                    check=self._late(name, "check") if card.checks else None,
                    judge=self._late(name, "judge") if card.judges else None,
                )

    def _late(self, name: str, function: str) -> Callable[[Any], Any]:
        def call(subject: object) -> Any:  # noqa: ANN401 - whatever the rule yields
            return getattr(self._load(name), function)(subject)

        return call

    def page_path(self, name: str) -> Path:
        """Where the page of a rule of our own stands."""
        self._known(name)
        return self._root / self._families[name] / f"{name.replace('-', '_')}.md"

    def page(self, name: str) -> RulePage:
        """The page of a rule.

        Raises:
            UnknownRuleError: there is no such rule.
            InstallationError: the page is missing or not in its fixed form.
        """
        from backend_lint.page import parse_page

        if name in self._engine_names:
            from backend_lint.engines.bandit_table import bandit_tests

            return bandit_tests()[name].page()
        return parse_page(name, self.page_text(name))

    def page_text(self, name: str) -> str:
        """The page of a rule as it is written, with its expectations."""
        if name in self._engine_names:
            return self.page(name).markdown
        try:
            return self.page_path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise InstallationError(f"rule {name} has no page: {error}") from error

    def select(
        self,
        *,
        select: Sequence[str] = (),
        extend_select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        profile: Profile = Profile.DEFAULT,
        bandit: str = "default",
    ) -> tuple[Rule, ...]:
        """The chosen rules, by name.

        `bandit` is how much that engine runs: `default` as any rule, `all` of its tests, or `off`.

        A selector is the name of a rule, of a family, or `ALL`. The more specific one wins, and
        `ignore` wins among equals. Without `select` the profile chooses.

        Raises:
            UnknownRuleError: a selector names nothing.
        """
        self.check_selectors((*select, *extend_select, *ignore))
        chosen: list[Rule] = []
        for name in self.names:
            wanted = self._specificity(name, (*select, *extend_select))
            unwanted = self._specificity(name, ignore)
            if not select and wanted == _NO_MATCH and unwanted == _NO_MATCH:
                rule = self.rule(name)
                wanted = 0 if profile is Profile.STRICT or rule.profile is profile else _NO_MATCH
            if name in self._engine_names:
                if bandit == "off":
                    continue
                if bandit == "all":
                    wanted = max(wanted, 0)
            if wanted > unwanted:
                chosen.append(self.rule(name))
        return tuple(chosen)

    def _specificity(self, name: str, selectors: Iterable[str]) -> int:
        """How closely the closest selector names a rule: 2 itself, 1 its family, 0 all."""
        ranks = {name: 2, self._families[name]: 1, ALL: 0}
        return max((ranks.get(selector, _NO_MATCH) for selector in selectors), default=_NO_MATCH)

    def _known(self, name: str) -> None:
        if name not in self._families:
            raise _unknown(name, self.names, "rule")

    def check_selectors(self, selectors: Iterable[str]) -> None:
        """Raise UnknownRuleError where a selector names neither a rule nor a family nor `ALL`."""
        known = {*self.names, *(family.value for family in Family), ALL}
        for selector in selectors:
            if selector not in known:
                raise _unknown(selector, sorted(known), "rule or family")

    def _load(self, name: str) -> Rule:
        if name in self._engine_names:
            from backend_lint.engines.bandit_table import bandit_tests
            from backend_lint.engines.checking import bandit_check

            declared = bandit_tests()[name].rule(Family.PYTHON)
            return msgspec.structs.replace(declared, check=bandit_check(name))
        module_name = f"{self._package}.{self._families[name]}.{name.replace('-', '_')}"
        rule = getattr(importlib.import_module(module_name), "RULE", None)
        if not isinstance(rule, Rule):
            raise InstallationError(f"module {module_name} holds no RULE")
        problem = self._problem(name, rule)
        if problem:
            raise InstallationError(f"module {module_name}: {problem}")
        return rule

    def _problem(self, name: str, rule: Rule) -> str:
        """What is wrong with the declaration of a rule, or an empty text."""
        if rule.name != name:
            return f"its rule is named {rule.name!r}, not {name!r}"
        if rule.family.value != self._families[name]:
            return f"its family is {rule.family.value!r}"
        if rule.security and not 0 < rule.security_severity <= 10:
            return "a security rule needs a security_severity above 0 and at most 10"
        if not rule.security and rule.security_severity:
            return "only a security rule has a security_severity"
        if rule.check is not None and rule.judge is not None:
            return "a rule has check or judge, not both"
        return ""


_NO_MATCH = -1


def _declaration(rule: Rule) -> RuleDeclaration:
    fields = RuleDeclaration.__struct_fields__
    return RuleDeclaration(**{name: getattr(rule, name) for name in fields})


class PageLibrary(Mapping[str, "RulePage"]):
    """The pages of some rules, each read when it is first asked for."""

    def __init__(self, registry: Registry, names: Iterable[str]) -> None:
        self._registry = registry
        self._names = tuple(names)
        self._pages: dict[str, RulePage] = {}

    def __getitem__(self, name: str) -> RulePage:
        """The page of a rule. Raises KeyError for rules that are not among ours."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._pages:
            self._pages[name] = self._registry.page(name)
        return self._pages[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def default_registry() -> Registry:
    """The rules that ship with the linter."""
    return Registry()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or an empty text."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def _unknown(word: str, known: Iterable[str], what: str) -> UnknownRuleError:
    hint = did_you_mean(word, known) or "`backend-lint rules` lists them"
    return UnknownRuleError(f"no {what} is named {word!r}", hint=hint)


def _package_root(package: str) -> Path:
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise InstallationError(
            "the rules are not installed",
            hint="in a checkout, run: python -m pip install --editable .",
        ) from error
    return Path(next(iter(module.__path__)))
