"""Flags of a container's command line."""

from typing import Any

import pytest

from support import evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.flags import flag
from surplus.functions.scope import RuleScope, World
from surplus.model import Unknown


def of(item: Any, name: str = "scale-down") -> str | None:
    one = resource("Pod", "Pod/a")
    return flag(RuleScope(one, World(evaluated(one)), item=item), name)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ({}, None),
        ({"command": ["./ca", "--scale-down=false"]}, "false"),
        ({"command": ["./ca"], "args": ["--v=4", "--scale-down", "10m", "--other"]}, "10m"),
        ({"args": ["-scale-down=0.3"]}, "0.3"),
        ({"args": ["--scale-down", "--v=4"]}, "true"),
        ({"args": ["--scale-down"]}, "true"),
        ({"args": ["--scale-down="]}, ""),
        ({"args": ["--scale-down-delay=10m", "scale-down=1"]}, None),
        ({"args": ["--scale-down=a", "--scale-down=b"]}, "b"),
        ({"args": ["--scale-down", 5]}, "5"),
        ({"command": ["/bin/sh", "-ec", "./ca --v=4 --scale-down='10 m' 2>&1 | tee /var/log/ca.log"]}, "10 m"),
        ({"command": ["sh", "-c"], "args": ["exec ./ca \\\n  --scale-down=1 # --scale-down=2"]}, "1"),
        ({"command": ["sh", "-c", "./ca --scale-down=2 'open"]}, "2"),
        ({"command": ["./ca", "a b --scale-down=2"]}, None),
        ({"command": "not a list"}, None),
    ],
)
def test_the_value_of_a_flag(item: Any, value: str | None) -> None:
    assert of(item) == value


def test_what_is_not_known() -> None:
    with pytest.raises(UnknownValueError, match=r"\$\(DELAY\) is filled in"):
        of({"args": ["--scale-down=$(DELAY)"]})
    for item in ({"args": Unknown("no value")}, {"args": ["--v=4", Unknown("no value")]}):
        with pytest.raises(UnknownValueError, match="no value"):
            of(item)
    assert of({"args": ["--v=$(LEVEL)", "--scale-down=1"]}) == "1"
