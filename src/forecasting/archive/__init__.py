"""The archive: forecasts and targets of every run, kept as they were made, queried over all runs.

Each run leaves a Parquet file of its forecasts and one of its targets under ``store/archive``
(`record`); nothing is overwritten or deleted there. Forecasts are held against what was counted
since (`scores`, `former`), targets against each other (`targets`).
"""
