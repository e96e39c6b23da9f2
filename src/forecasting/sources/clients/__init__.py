"""Clients: one module for each publisher's interface, ``fetch(source, ...) -> Fetched``."""
