"""Write the table of Terraform's grammar that ships with the package. Run it when python-hcl2 changes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.sources.terraform import grammar


def main() -> None:
    """Compile the installed python-hcl2's grammar and write the shipped file."""
    table = grammar.build_table()
    grammar.SHIPPED.write_text(grammar.table_text(table), encoding="utf-8", newline="\n")
    print(f"{grammar.SHIPPED.name}: {len(table['states'])} states, {len(table['rules'])} rules")


if __name__ == "__main__":
    main()
