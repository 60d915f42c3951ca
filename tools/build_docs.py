"""Write the generated pages: `make docs`. A test compares them with the rules and tables they are made from."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "linter"))


def main() -> int:
    """Write every page; say which ones changed."""
    from surplus.docs import FUNCTIONS_PAGE, functions_page, markdown_pages
    from surplus.rules import bundled_rules

    for name, text in {**markdown_pages(bundled_rules()), FUNCTIONS_PAGE: functions_page()}.items():
        path = ROOT / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
