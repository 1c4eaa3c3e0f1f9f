"""The commands of `tsunagu`, a module for each subject."""
