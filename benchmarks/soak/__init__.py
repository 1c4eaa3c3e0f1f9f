"""A long run with everything going wrong: processes killed at random, a LINE that fails, replays, late events."""
