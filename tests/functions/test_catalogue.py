from support import PLACE, evaluated, resource
from surplus.functions.catalogue import FUNCTIONS, machine, newer, smaller
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource

ONE = Resource("terraform", "aws_instance", "a.b", PLACE, {}, region="us-east-1")
SCOPE = RuleScope(ONE, World(evaluated(ONE)))


def test_a_machine_is_a_record() -> None:
    assert machine(SCOPE, "m5.xlarge")["vcpus"] == 4.0
    assert machine(SCOPE, "db.m5.xlarge")["gib"] == 16.0


def test_a_machine_nobody_knows_has_null_fields() -> None:
    assert set(machine(SCOPE, "m99.huge").values()) == {None}
    assert machine(SCOPE, "m99.huge").keys() == machine(SCOPE, "m5.xlarge").keys()


def test_nothing_comes_of_null() -> None:
    for name in ("newer", "smaller"):
        null = next(one for one in FUNCTIONS[name] if one.parameters == ("null",))
        assert null.call(SCOPE, None) is None


def test_newer_and_smaller() -> None:
    assert newer(SCOPE, "m3.xlarge")
    assert newer(SCOPE, "m99.huge") is None
    assert smaller(SCOPE, "m5.2xlarge") == "m5.xlarge"
    assert resource("a").region is None
