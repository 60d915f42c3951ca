"""Rules as pages: one text for the terminal and for the repository's `rules/README.md`."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from surplus.definitions import Example, Rule
from surplus.model import ConfigError
from surplus.policies import active_rules, shipped_names, shipped_policy
from surplus.rules import USAGE_KEY, USAGE_NEEDED, source_of

WIDTH = 80
MIN_TITLE = 30
"""A title in fewer columns than that tells nothing."""

SOURCES = {"terraform": "Terraform", "kubernetes": "Kubernetes"}
FENCES = {"tf": "hcl", "tfvars": "hcl", "yaml": "yaml", "yml": "yaml", "json": "json"}


def find(rules: Mapping[str, Rule], rule_id: str) -> Rule:
    """The rule with this id; raises `ConfigError` with the nearest one."""
    from surplus.schemas import did_you_mean

    if rule_id not in rules:
        raise ConfigError(f"there is no rule `{rule_id}`{did_you_mean(rule_id, rules)}")
    return rules[rule_id]


def source(rule: Rule) -> str:
    """`terraform` or `kubernetes`."""
    return source_of({"resources": rule.targets[0].resources})


def resource_types(rule: Rule) -> list[str]:
    """The resource types a rule looks at, once each; all kinds with a pod template are `Workload`."""
    from surplus.sources.kubernetes.types import WORKLOADS

    found = dict.fromkeys(type_ for target in rule.targets for type_ in target.resources)
    if found.keys() >= set(WORKLOADS):
        return ["Workload", *(type_ for type_ in found if type_ not in WORKLOADS)]
    return list(found)


def facts(rule: Rule) -> list[tuple[str, str]]:
    """The short facts at the head of a page."""
    found = [
        ("Severity", rule.severity.value),
        ("Confidence", rule.confidence),
        ("Category", rule.category),
        ("Looks at", ", ".join(resource_types(rule))),
        ("Lever", rule.lever),
        ("Saving", _saving(rule)),
        ("Fix", _fix(rule)),
        ("Since", rule.since),
    ]
    if rule.conflicts:
        found.append(("Demand the opposite", ", ".join(rule.conflicts)))
    return found


def _fix(rule: Rule) -> str:
    """Whether the fix is safe, and what applying it does."""
    return "by hand" if rule.fix is None else f"{'safe' if rule.fix.safe else 'unsafe'}, {rule.fix.impact}"


def _saving(rule: Rule) -> str:
    """What the saving of a rule's findings rests on."""
    keys = ", ".join(dict.fromkeys(USAGE_KEY.findall(rule.saving or "")))
    if USAGE_NEEDED.search(rule.saving or ""):
        return f"with {keys} of a usage file or profile"
    if keys:
        return f"by the price book, and {keys} of a usage file or profile where it is given"
    priced = rule.saving is not None or (rule.lever != "none" and rule.better is not None and rule.better.add is None)
    return "by the price book" if priced else "not priced"


def terminal_catalogue(rules: Mapping[str, Rule], width: int = WIDTH) -> str:
    """One line a rule, by source and category: id, severity, what the saving rests on, fix; titles where the terminal
    is wide enough.
    """
    lines: list[str] = []
    longest = max((len(rule) for rule in rules), default=0)
    groups: dict[tuple[str, str], list[Rule]] = {}
    for rule in sorted(rules.values(), key=lambda rule: rule.id):
        groups.setdefault((source(rule), rule.category), []).append(rule)
    for (name, category), group in sorted(groups.items(), key=lambda one: (list(SOURCES).index(one[0][0]), one[0][1])):
        lines += [f"{SOURCES[name]}, {category}", *(_catalogue_line(rule, longest, width) for rule in group), ""]
    lines.append(f"{len(rules)} rules; `surplus rule ID` explains one")
    return "\n".join(lines) + "\n"


def _catalogue_line(rule: Rule, longest: int, width: int) -> str:
    fix = "by hand" if rule.fix is None else f"{'safe' if rule.fix.safe else 'unsafe'} fix"
    line = f"  {rule.id.ljust(longest)}  {rule.severity.value.ljust(7)}  {_saving_kind(rule).ljust(8)}  {fix.ljust(10)}"
    room = width - len(line) - 2
    if room < MIN_TITLE:
        return line.rstrip()
    return f"{line}  {rule.title if len(rule.title) <= room else rule.title[: room - 1].rstrip() + '…'}"


def _saving_kind(rule: Rule) -> str:
    """`priced` by the book, by `usage` figures, or `unpriced`."""
    if USAGE_NEEDED.search(rule.saving or ""):
        return "usage"
    return "unpriced" if _saving(rule) == "not priced" else "priced"


def terminal_page(rule: Rule) -> str:
    """A rule's page for a terminal of 80 columns."""
    lines = [rule.id, "=" * len(rule.id), *_wrap(rule.title), ""]
    width = max(len(name) for name, _ in facts(rule))
    for name, value in facts(rule):
        lines += _filled(value, f"{name.ljust(width)}  ", " " * (width + 2))
    for title, text in _sections(rule):
        lines += ["", title, *_wrap(text, "  ")]
    if rule.parameters:
        lines += ["", "Parameters", *_parameter_lines(rule)]
    if rule.better is not None and rule.better.add:
        lines += ["", "To add", *_indented(rule.better.add)]
    for title, example in _shown_examples(rule):
        lines += ["", *_wrap(f"{title}: {example.name}"), *_example_lines(example)]
    if rule.docs.references:
        lines += ["", "References", *(f"  {reference}" for reference in rule.docs.references)]
    return "\n".join(lines) + "\n"


def _sections(rule: Rule) -> list[tuple[str, str]]:
    sections = [("Why", rule.docs.why), ("How to fix", rule.docs.how_to_fix)]
    return sections + ([("Fine to ignore", rule.docs.ignore_when)] if rule.docs.ignore_when else [])


def _wrap(text: str, indent: str = "") -> list[str]:
    """Paragraphs filled to the width, apart by a blank line."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        lines += ["", *_filled(paragraph, indent, indent)]
    return lines[1:]


def _filled(text: str, first: str, then: str) -> list[str]:
    """Text filled to the width; ids and addresses stay in one piece."""
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words="://" not in text,  # an address is to be copied, a pattern is to be read
        break_on_hyphens=False,
    )
    return [line.rstrip() for line in lines]


def _parameter_lines(rule: Rule) -> Iterator[str]:
    for name, parameter in rule.parameters.items():
        yield from _filled(f"{name} ({parameter.type}, default {_shown(parameter.default)})", "  ", "    ")
        yield from _filled(parameter.description, "    ", "    ")


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown_examples(rule: Rule) -> Iterator[tuple[str, Example]]:
    """The first example of each sort, with what it is shown as: `Flagged`, or `Accepted, in prod`."""
    for title, fails in (("Flagged", True), ("Accepted", False)):
        example = next((one for one in rule.examples if one.fails == fails), None)
        if example is not None:
            yield f"{title}, in {example.environment}" if example.environment else title, example


def _example_lines(example: Example) -> Iterator[str]:
    for path, text in example.files.items():
        if len(example.files) > 1:
            yield f"  # {path}"
        yield from _indented(text)


def _indented(text: str) -> Iterator[str]:
    for line in text.rstrip("\n").split("\n"):
        yield f"  {line}".rstrip()


def markdown_page(rule: Rule) -> str:
    """A rule's section of the repository's page."""
    parts = [f"## {rule.id}", rule.title + ".", "| | |\n| --- | --- |"]
    parts[-1] += "".join(f"\n| {name} | {_cell(value)} |" for name, value in facts(rule))
    parts += [f"**{title}.** {text}" for title, text in _sections(rule)]
    if rule.parameters:
        rows = "".join(
            f"\n| `{name}` | {parameter.type} | {_cell(_shown(parameter.default))} | {_cell(parameter.description)} |"
            for name, parameter in rule.parameters.items()
        )
        parts.append(f"| Parameter | Type | Default | Meaning |\n| --- | --- | --- | --- |{rows}")
    if rule.better is not None and rule.better.add:
        fence = "hcl" if source(rule) == "terraform" else "yaml"
        parts.append(f"To add:\n\n```{fence}\n{rule.better.add.rstrip()}\n```")
    parts += [f"{title}: {example.name}\n\n{_fenced(example)}" for title, example in _shown_examples(rule)]
    if rule.docs.references:
        parts.append("References: " + ", ".join(f"<{reference}>" for reference in rule.docs.references))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    """Text as one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def _fenced(example: Example) -> str:
    blocks = []
    for path, text in example.files.items():
        heading = f"`{path}`\n\n" if len(example.files) > 1 else ""
        blocks.append(f"{heading}```{FENCES.get(path.rsplit('.', 1)[-1], '')}\n{text.rstrip()}\n```")
    return "\n\n".join(blocks)


def markdown_pages(rules: Mapping[str, Rule]) -> dict[str, str]:
    """The generated pages by their path in the repository: the catalogue and one page for each source."""
    note = "<!-- Generated by `make docs`; edit the rule files instead. -->"
    table = [
        "| Rule | Severity | Category | Lever | Saving | Fix | What it says |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    pages: dict[str, str] = {}
    for name, title in SOURCES.items():
        group = sorted((rule for rule in rules.values() if source(rule) == name), key=lambda rule: rule.id)
        sections = "\n".join(markdown_page(rule) for rule in group)
        pages[f"rules/{name}/README.md"] = f"{note}\n\n# {title} rules\n\n{sections}"
        table += [
            f"| [{one.id}]({name}/README.md#{one.id}) | {one.severity.value} | {one.category} | {one.lever} "
            f"| {_saving_kind(one)} | {_fix(one)} | {_cell(one.title)} |"
            for one in group
        ]
    intro = f"{len(rules)} rules. A rule is one YAML file; CONTRIBUTING.md shows how to write one."
    pages["policies/README.md"] = f"{note}\n\n# Policies\n\n{_policies(rules)}"
    pages["rules/README.md"] = f"{note}\n\n# Rules\n\n{intro}\n\n" + "\n".join(table) + "\n"
    return pages


def _policies(rules: Mapping[str, Rule]) -> str:
    """What each shipped policy is for, and the list of what it turns on."""
    parts = ["`--config NAME`, or `extends: [NAME]` in a surplus.yaml, takes one.\n"]
    for name in sorted(shipped_names()):
        policy = shipped_policy(name)
        active = active_rules(policy, rules)
        parts.append(
            f"## {name}\n\n{policy.title}. {' '.join(policy.description.split())}\n\n"
            f"{len(active)} of {len(rules)} rules, fails on {policy.fail_on}: "
            + ", ".join(f"[{one.rule.id}](../rules/{source(one.rule)}/README.md#{one.rule.id})" for one in active)
            + ".\n"
        )
    return "\n".join(parts)


FUNCTIONS_PAGE = "linter/surplus/sources/terraform/functions/README.md"


def functions_page() -> str:
    """The table of Terraform's and OpenTofu's functions: what is computed, and what is unknown on purpose."""
    from surplus.sources.terraform.functions import LANGUAGE_FUNCTIONS

    rows = "\n".join(f"| `{name}` | {_cell(state)} |" for name, state in LANGUAGE_FUNCTIONS)
    return (
        "<!-- Generated by `make docs` from the table in `__init__.py`. -->\n\n# Functions of the language\n\n"
        f"{len(LANGUAGE_FUNCTIONS)} functions of Terraform and OpenTofu, and what surplus does about each. A function "
        "of a provider (`provider::…`) is unknown, except the Kubernetes "
        "provider's `manifest_decode` and `manifest_decode_multi`.\n\n| Function | Here |\n| --- | --- |\n"
        f"{rows}\n"
    )
