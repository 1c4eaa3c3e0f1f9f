"""A conversation at the terminal for people who edit the words: the program's own decisions, and why they came."""
