"""What drives turns, deliveries and the clock: implementations of `storage.jobs.JobEngine`."""
