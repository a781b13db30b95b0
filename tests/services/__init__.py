"""The real services that tests and benchmarks run against, started as child processes."""
