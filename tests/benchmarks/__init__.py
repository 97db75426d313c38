"""Benchmarks: ratios beside a control in the same run. Run with `hub bench NAME`."""
