"""The benchmarks: what the product does on this machine, beside what the bare parts under it do in the same run."""
