"""Label selectors, as Services, budgets and spread constraints write them.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from collections.abc import Mapping
from typing import Any


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a label selector (matchLabels and matchExpressions) matches; an empty one matches everything.

    A selector that is not well-formed matches nothing.
    """
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(expressions, list):
        return False
    if any(key not in labels or str(labels[key]) != str(value) for key, value in wanted.items()):
        return False
    return all(_expression_matches(expression, labels) for expression in expressions)


def _expression_matches(expression: Any, labels: Mapping[str, Any]) -> bool:
    if not isinstance(expression, dict) or not isinstance(expression.get("key"), str):
        return False
    key = expression["key"]
    listed = expression.get("values")
    values = [str(value) for value in listed] if isinstance(listed, list) else []
    match expression.get("operator"):
        case "In":
            return key in labels and str(labels[key]) in values
        case "NotIn":
            return key not in labels or str(labels[key]) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
