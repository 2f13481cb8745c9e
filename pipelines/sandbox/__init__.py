"""A Racing API on this machine: the vendor's HTTP behaviour over a made-up world.

from pipelines.sandbox import SandboxOptions, running

with running(SandboxOptions(scale=0.1)) as sandbox:
    requests.get(f"{sandbox.url}/v1/courses", auth=("sandbox", "sandbox"))
"""

from pipelines.sandbox.clock import Clock
from pipelines.sandbox.options import SandboxOptions
from pipelines.sandbox.running import Running, running, serve
from pipelines.sandbox.server import Call

__all__ = ["Call", "Clock", "Running", "SandboxOptions", "running", "serve"]
