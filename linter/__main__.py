"""Run the linter from a clone: `python linter …`."""

from surplus.__main__ import main

raise SystemExit(main())
