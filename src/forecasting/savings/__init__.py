"""Savings of activation: persons who leave assistance, in euros, from gross to net."""
