"""The control interface under `/_control`: what tests and people steer the simulated world with."""
