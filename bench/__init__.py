"""Measures our pages against two baselines on the same server: `make bench`."""
