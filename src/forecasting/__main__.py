"""``python -m forecasting`` is ``forecasting``."""

from forecasting.cli import main

main()
