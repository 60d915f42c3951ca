from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from support import evaluated, rule
from surplus.definitions import ActiveRule, Rule
from surplus.engine import Hit
from surplus.findings import findings_of, order, without_keys
from surplus.functions.databases import ENGINE_TYPES
from surplus.functions.scope import EnvironmentVerdict
from surplus.model import Cause, Location, Resource, Root, Route, Severity, Span, Trace, Unknown
from surplus.results import Edit, Finding
from surplus.savings import Saving
from surplus.sources.evaluated import Evaluated

ROOT = Root("stacks/db", "terraform", key="stacks/db")
RULE = rule(rest="better: {set: {resource.type: gp3}}\nfix: {safe: true, impact: in-place}")


def place(line: int, path: str = "main.tf") -> Location:
    return Location(path, Span(line, 1, line, 5))


def volume(address: str, line: int = 1, **more: Any) -> Resource:
    values = more.pop("values", {"type": "gp2"})
    return Resource("terraform", "aws_ebs_volume", address, place(line), values, **more)


def hit(one: Resource, route: Route = ("type",), message: str = "a message", rule_: Rule = RULE, **more: Any) -> Hit:
    parts: dict[str, Any] = {"item_route": (), "better": {("type",): "gp3"}, "unset": (), "read": (route,), **more}
    parts.setdefault("fix", rule_.fix)
    active = ActiveRule(rule_, rule_.severity, {})
    return Hit(active, rule_.targets[0], one, route, message=message, environment=EnvironmentVerdict(), **parts)


def findings(evaluated: Evaluated, hits: Iterable[Hit]) -> list[Finding]:
    return findings_of(evaluated, {one: Saving() for one in hits})


def root(*resources: Resource, **more: Any) -> Evaluated:
    return replace(evaluated(*resources, root=ROOT), **more)


def test_the_place_is_the_end_of_the_cause() -> None:
    one = volume("aws_ebs_volume.a", 3)
    causes = (Cause(place(9, "prod.tfvars"), "prod.tfvars"), Cause(place(2, "variables.tf"), "var.type"))
    found = findings(root(one, trace=lambda _, __: Trace(place(5), causes)), [hit(one)])[0]
    assert found.location == place(2, "variables.tf")
    assert found.related == ((place(5), "used here, by aws_ebs_volume.a"),)
    assert found.cause == causes


def test_instances_of_one_block_are_one_finding() -> None:
    many = [volume(f"aws_ebs_volume.a[{number}]", 3) for number in range(25)]
    (found,) = findings(root(*many), [hit(one) for one in many])
    assert (found.instances, len(found.addresses), found.addresses[0]) == (25, 20, "aws_ebs_volume.a[0]")


def test_instances_that_are_not_known() -> None:
    one = volume("aws_ebs_volume.a[*]", instances=None)
    assert findings(root(one), [hit(one)])[0].instances is None


def test_two_items_of_one_resource_at_one_place_are_one_instance() -> None:
    one = volume("aws_instance.a")
    (found,) = findings(root(one), [hit(one, ("disk", 0)), hit(one, ("disk", 1))])
    assert (found.instances, found.addresses) == (1, ("aws_instance.a",))


@pytest.mark.parametrize("messages", [("20 GiB", "30 GiB")])
def test_other_messages_are_other_findings_with_other_fingerprints(messages: tuple[str, str]) -> None:
    many = [volume(f"aws_ebs_volume.a[{number}]", 3) for number in range(2)]
    found = findings(root(*many), [hit(one, message=text) for one, text in zip(many, messages, strict=True)])
    assert [one.message for one in found] == list(messages)
    assert len({one.fingerprint for one in found}) == 2


def test_the_order_of_hits_does_not_matter() -> None:
    many = [volume(f"aws_ebs_volume.v{number}", number + 1) for number in range(5)]
    hits = [hit(one) for one in many]
    forwards, backwards = findings(root(*many), hits), findings(root(*many), reversed(hits))
    assert [(one.resource, one.fingerprint) for one in forwards] == [
        (one.resource, one.fingerprint) for one in backwards
    ]
    assert forwards == sorted(forwards, key=order)


def fingerprint(one: Resource, route: Route = ("type",), **more: Any) -> str:
    return findings(root(one, **more), [hit(one, route)])[0].fingerprint


def test_fingerprints_outlive_moved_lines_and_instance_keys() -> None:
    first = fingerprint(volume("aws_ebs_volume.a"))
    assert fingerprint(volume("aws_ebs_volume.a", 99)) == first
    assert fingerprint(volume('aws_ebs_volume.a["x"]')) == first
    assert fingerprint(volume("aws_ebs_volume.b")) != first
    assert fingerprint(volume("aws_ebs_volume.a"), ("size",)) != first


def test_fingerprints_name_list_items_by_their_key() -> None:
    disks = [{"device": "sda"}, {"device": "sdb"}]
    names = {"item_key": lambda _, route: "device" if route == ("disk",) else None}
    before = fingerprint(volume("a.b", values={"disk": disks}), ("disk", 0, "type"), **names)
    after = fingerprint(volume("a.b", values={"disk": disks[::-1]}), ("disk", 1, "type"), **names)
    assert before == after
    assert fingerprint(volume("a.b", values={"disk": disks}), ("disk", 0, "type")) != before


@pytest.mark.parametrize("key", [Unknown("no value"), None, 5])
def test_an_item_without_a_usable_key_goes_by_its_index(key: Any) -> None:
    names = {"item_key": lambda _, __: "device"}
    one = volume("a.b", values={"disk": [{"device": key}]})
    assert fingerprint(one, ("disk", 0), **names) == fingerprint(one, ("disk", 0))


def test_fingerprints_go_by_the_roots_key_not_its_place() -> None:
    one = volume("aws_ebs_volume.a")
    here = fingerprint(one, root=Root("a", "terraform", key="s3:bucket:state"))
    moved = fingerprint(one, root=Root("b/c", "terraform", key="s3:bucket:state"))
    prod = fingerprint(one, root=Root("a", "terraform", ("prod.tfvars",), key="s3:bucket:state"))
    assert here == moved != prod


def test_equal_findings_are_told_apart_by_their_order() -> None:
    one, copy = volume("Deployment/api", 1), volume("Deployment/api", 9)
    first, second = findings(root(one, copy, trace=lambda x, _: Trace(x.location)), [hit(copy), hit(one)])
    assert (first.location, second.location) == (place(1), place(9))
    assert first.fingerprint != second.fingerprint == findings(root(one, copy), [hit(one), hit(copy)])[1].fingerprint


LIBRARY = Root("modules/db", "terraform", library=True, key="modules/db")


def test_a_default_in_a_library_module_is_only_information() -> None:
    one = volume("aws_ebs_volume.a")
    (found,) = findings(root(one, root=LIBRARY, default_behind=lambda *_: "var.type"), [hit(one)])
    assert (found.severity, found.may_fail) == (Severity.INFO, False)
    assert found.message == "a message (a caller may override var.type)"


def test_a_default_in_a_deployment_counts_fully() -> None:
    one = volume("aws_ebs_volume.a")
    (found,) = findings(root(one, default_behind=lambda *_: "var.type"), [hit(one)])
    assert (found.severity, found.may_fail, found.message) == (Severity.ERROR, True, "a message")


@pytest.mark.parametrize(
    ("when", "types"),
    [
        ("resource.size == 1.0", set()),
        ("rds_gp3(resource.type, resource.size).max_iops > 1.0", set()),
        ("closed() && resource.size == 1.0", None),
        ('linked("aws_eip", "volume").size() == 0 && of_type( "aws_vpc").size() == 0', {"aws_eip", "aws_vpc"}),
        ('["aws_eip"].exists(t, linked(t, "volume").size() == 0)', None),
        ('same("size").size() == 0 && same("aws_eip", "size").size() == 0', {"aws_ebs_volume", "aws_eip"}),
        ('engine().name == "redis"', ENGINE_TYPES),
    ],
)
def test_rules_ask_for_the_counts_of_what_they_look_at(when: str, types: set[str] | None) -> None:
    asked: list[frozenset[str] | None] = []
    one = volume("aws_ebs_volume.a")

    def behind(_: Resource, __: Iterable[Route], around: frozenset[str] | None) -> str:
        asked.append(around)
        return ""

    findings(root(one, root=LIBRARY, default_behind=behind), [hit(one, rule_=rule(when=when))])
    assert asked == [types]


@pytest.mark.parametrize(("when", "asked"), [("nonprod && resource.size > 1.0", True), ("resource.size > 1.0", False)])
def test_tags_that_told_the_environment_are_asked_for(when: str, asked: bool) -> None:
    routes: list[Route] = []

    def behind(_: Resource, asked_for: Iterable[Route], __: frozenset[str] | None) -> str:
        routes.extend(asked_for)
        return ""

    one = volume("aws_ebs_volume.a")
    told = EnvironmentVerdict("dev", False, "tag env is dev")
    asking = replace(hit(one, rule_=rule(when=when)), environment=told)
    findings(root(one, root=LIBRARY, default_behind=behind), [asking])
    assert (("tags",) in routes) is asked


def test_a_literal_in_a_library_module_counts_fully() -> None:
    one = volume("aws_ebs_volume.a")
    (found,) = findings(root(one, root=LIBRARY), [hit(one)])
    assert (found.severity, found.may_fail) == (Severity.ERROR, True)


EDIT = Edit(place(5), '"gp3"')


def test_a_fix_has_all_its_edits_or_none() -> None:
    one = volume("aws_ebs_volume.a")
    both = hit(one, better={("type",): "gp3", ("iops",): 3000.0})
    whole = findings(root(one, edit=lambda *_: EDIT), [both])[0].fix
    half = findings(root(one, edit=lambda _, route, __: EDIT if route == ("type",) else None), [both])[0].fix
    assert whole and whole.edits == (EDIT, EDIT) and whole.hint == 'type = "gp3", iops = 3000'
    assert half and half.edits == ()


def test_a_fix_leaves_alone_what_is_so_already() -> None:
    one = volume("aws_ebs_volume.a", values={"iops": 3000.0, "type": "io1"})
    asked: list[Route] = []

    def edit(_: Resource, route: Route, __: Any) -> Edit:
        asked.append(route)
        return EDIT

    better = {("type",): "gp3", ("iops",): 3000.0, ("throughput",): None}
    fix = findings(root(one, edit=edit), [hit(one, better=better)])[0].fix
    assert fix and fix.edits == (EDIT,) and asked == [("type",)]


def test_what_is_not_known_is_neither_written_nor_shown() -> None:
    one = volume("aws_ebs_volume.a")
    secret = hit(one, better={("type",): Unknown("it is sensitive")})
    fix = findings(root(one, edit=lambda *_: EDIT), [secret])[0].fix
    assert fix and fix.edits == () and fix.hint == ""


@pytest.mark.parametrize(
    ("better", "item", "hint"),
    [
        ("{remove: true}", (), "remove aws_ebs_volume.a"),
        ("{remove: true}", ("disk", 0), "remove the item"),
        ('{add: \'resource "x" "y" {\'}', (), 'add resource "x" "y"'),
        ("{add: 'subnet_ids = [aws_subnet.ONE.id]'}", (), "add subnet_ids = [aws_subnet.ONE.id]"),
        ('{add: "# why\\ntaint {\\n  key = 1\\n}"}', (), "add taint, as `surplus rule my-rule` shows"),
        ('{add: "affinity:\\n  nodeAffinity: {}"}', (), "add affinity, as `surplus rule my-rule` shows"),
        ('{add: "# why\\napiVersion: v1\\nkind: Ingress"}', (), "add an Ingress, as `surplus rule my-rule` shows"),
        ('{add: "apiVersion: v1\\nkind: SleepInfo"}', (), "add a SleepInfo, as `surplus rule my-rule` shows"),
        ("{hours_per_week: 60}", (), "run it 60 hours a week"),
    ],
)
def test_hints(better: str, item: Route, hint: str) -> None:
    one = volume("aws_ebs_volume.a[0]")
    rule_ = rule(rest=f"better: {better}\nfix: {{safe: false, impact: replace}}")
    fix = findings(root(one), [hit(one, rule_=rule_, better={}, item_route=item)])[0].fix
    assert fix and fix.hint == hint


def test_kubernetes_hints_read_as_yaml() -> None:
    one = Resource("kubernetes", "Deployment", "Deployment/api", place(1), {})
    fix = findings(root(one), [hit(one, unset=(("spec", "replicas"),))])[0].fix
    assert fix and fix.hint == "type: gp3, leave out replicas"


def test_addresses_without_keys() -> None:
    addresses = ["a.b", "a.b[0]", 'module.m["x]y"].a.b["z"]', "module.m[*].a.b[*]", r'a.b["q\"]"]']
    assert [without_keys(one) for one in addresses] == ["a.b", "a.b", "module.m.a.b", "module.m.a.b", "a.b"]


@pytest.mark.parametrize(
    ("removed", "hint"),
    [
        ((0, 1, 2), "remove aws_ebs_volume.a"),
        ((1,), "remove aws_ebs_volume.a[1]"),
        ((1, 2), "remove aws_ebs_volume.a[1] and 1 more"),
    ],
)
def test_only_a_block_whose_instances_all_go_is_removed(removed: tuple[int, ...], hint: str) -> None:
    every = [volume(f"aws_ebs_volume.a[{number}]") for number in range(3)]
    going = rule(rest="better: {remove: true}\nfix: {safe: false, impact: replace}")
    (found,) = findings(root(*every), [hit(every[number], rule_=going, better={}) for number in removed])
    assert found.fix is not None and found.fix.hint == hint
