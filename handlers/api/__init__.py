"""The door for programs of other organisations: what was handed to them, read and answered at `/api/v1`."""
