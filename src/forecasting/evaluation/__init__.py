"""Forecasts held against outcomes: scores, and skill against named benchmarks."""
