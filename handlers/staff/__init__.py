"""The door of the staff: the web console."""
