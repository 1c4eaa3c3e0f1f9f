"""A sheet as paper and files: PDF, xlsx and JSON, all made from one `Printed`, which is made from a `View`."""
