"""What the benchmarks run in processes of their own: the program, its floors, and LINE."""
