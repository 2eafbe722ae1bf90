"""What tests, benchmarks and the demo share: real servers and a Venturi home, each in a folder that the caller names."""
