"""The operators' command line: what a person or a script does to running services, beside their APIs."""
