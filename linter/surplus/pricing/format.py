"""Money and quantities as text."""

from surplus.pricing.book import Price


def unit_price(usd: float) -> str:
    """A unit price with all its digits, two decimals at least: $0.10, $0.0000166667."""
    text = f"{usd:.6g}"
    if "e" in text:
        text = f"{usd:.12f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"${whole}.{decimals.ljust(2, '0')}"


def amount(quantity: float) -> str:
    """A quantity without needless digits."""
    return f"{quantity:,.6g}" if quantity < 1e6 else f"{quantity:,.0f}"


def notes(price: Price) -> str:
    """Where and when a price holds, and how it was made: `us-east-1, 2026-07-20`."""
    parts = [price.region, price.as_of]
    if price.basis:
        parts.append(price.basis)
    if price.discount:
        parts.append(f"less {price.discount:.4g} discount")
    return ", ".join(part for part in parts if part != "global")
