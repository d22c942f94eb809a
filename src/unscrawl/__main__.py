"""``python -m unscrawl``."""

from unscrawl.cli import main

main()
