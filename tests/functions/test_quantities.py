import pytest

from support import evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.quantities import cpu, gib
from surplus.functions.scope import RuleScope, World

ONE = resource("Deployment")
SCOPE = RuleScope(ONE, World(evaluated(ONE)))


def test_quantities() -> None:
    assert (cpu(SCOPE, "500m"), cpu(SCOPE, 2.0), cpu(SCOPE, None)) == (0.5, 2.0, None)
    assert (gib(SCOPE, "1Gi"), gib(SCOPE, "512Mi"), gib(SCOPE, None)) == (1.0, 0.5, None)


@pytest.mark.parametrize("read", [cpu, gib])
def test_what_is_no_quantity_is_undecided(read: object) -> None:
    with pytest.raises(UnknownValueError):
        read(SCOPE, "plenty")  # type: ignore[operator]
