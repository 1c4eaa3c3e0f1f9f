"""Speeds of the program, each beside its floor in the same run. `make bench`; never part of the tests."""
