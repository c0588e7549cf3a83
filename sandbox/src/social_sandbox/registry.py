"""The platforms this sandbox simulates."""

from collections.abc import Sequence

from social_sandbox.github.simulator import GitHubSimulator
from social_sandbox.platform import PlatformSimulator

SIMULATORS: Sequence[type[PlatformSimulator]] = (GitHubSimulator,)
