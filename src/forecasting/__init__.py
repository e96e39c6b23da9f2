"""Forecasting and target-setting suite for public administrations."""
