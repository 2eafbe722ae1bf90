"""The parts of bench/run: docs/benchmarks.md says what each row means."""
