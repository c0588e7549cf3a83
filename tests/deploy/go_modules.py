"""Files of other projects that come as Go modules, read where they lie: nothing of them is copied into this one."""

import functools
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class GoModule:
    """One version of a module, known by what it holds."""

    path: str
    version: str
    digest: str


KEDA = GoModule("github.com/kedacore/keda/v2", "v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=")
GATEWAY_API = GoModule("sigs.k8s.io/gateway-api", "v1.6.3", "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=")
EXTERNAL_SECRETS = GoModule(
    "github.com/external-secrets/external-secrets", "v1.3.2", "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ="
)
PROMETHEUS_OPERATOR = GoModule(
    "github.com/prometheus-operator/prometheus-operator", "v0.85.0", "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s="
)
# The types of Strimzi 1.1 as its maintainer generates them for Go; the operator's own CRDs are in no package.
STRIMZI = GoModule("github.com/scholzj/strimzi-go", "v0.10.0", "h1:rMNIYSKQ363ClqH9uAgNUc3hNzBZ5x8ymaW3/8gRwYY=")


@functools.cache
def brought(module: GoModule) -> Path:
    """Its folder; the test is skipped where there is no Go to bring it."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go here: custom resources are not validated")
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"{module.path}@{module.version}"],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        timeout=90,
    )
    assert done.returncode == 0, f"{module.path} did not come: {done.stdout[-500:]}{done.stderr[-500:]}"
    told = json.loads(done.stdout)
    assert told["Sum"] == module.digest, f"{module.path} {module.version} holds something else than it did"
    return Path(told["Dir"])
