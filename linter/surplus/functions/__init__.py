"""What CEL may call in rules: one explicit table of functions, each with its overloads."""

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
