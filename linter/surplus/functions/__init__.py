"""What CEL may call in rules: one explicit table of functions, each with its overloads."""

import re

from surplus.expressions import FunctionTable
from surplus.functions import capacity, catalogue, context, databases, kubernetes, quantities, relations, vpc

TABLE: FunctionTable = {
    **capacity.FUNCTIONS,
    **catalogue.FUNCTIONS,
    **context.FUNCTIONS,
    **databases.FUNCTIONS,
    **kubernetes.FUNCTIONS,
    **quantities.FUNCTIONS,
    **relations.FUNCTIONS,
    **vpc.FUNCTIONS,
}
"""Every function by name."""

_AROUND = (capacity, databases, kubernetes, relations, vpc)
LOOKS_AROUND = re.compile(rf"\b(?:{'|'.join(name for module in _AROUND for name in module.FUNCTIONS)})\(")
"""A call of a function whose outcome depends on other resources."""
