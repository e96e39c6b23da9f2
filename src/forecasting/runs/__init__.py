"""Strict execution of notebooks into an output directory that is whole or not there."""
