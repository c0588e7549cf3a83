"""The platforms this sandbox simulates."""

from collections.abc import Sequence

from social_sandbox.facebook.simulator import FacebookSimulator
from social_sandbox.github.simulator import GitHubSimulator
from social_sandbox.google.simulator import GoogleSimulator
from social_sandbox.instagram.simulator import InstagramSimulator
from social_sandbox.linkedin.simulator import LinkedInSimulator
from social_sandbox.platform import PlatformSimulator
from social_sandbox.x.simulator import XSimulator
from social_sandbox.youtube.simulator import YouTubeSimulator

SIMULATORS: Sequence[type[PlatformSimulator]] = (
    XSimulator,
    InstagramSimulator,
    GitHubSimulator,
    LinkedInSimulator,
    YouTubeSimulator,
    GoogleSimulator,
    FacebookSimulator,
)
