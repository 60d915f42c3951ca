"""`python -m surplus`, and the command's entry point."""

import sys


def main() -> int:
    """Run the command; the exit code is the result."""
    try:
        from surplus.cli import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were being imported
        return 130


if __name__ == "__main__":
    sys.exit(main())
