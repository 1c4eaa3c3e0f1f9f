"""The private room: the same talk on a page of our own, and the private page for what must not be said in a talk."""
