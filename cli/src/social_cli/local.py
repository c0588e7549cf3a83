"""The settings of a running `make run`, as its own processes were started with; only where the stack is installed."""

from collections.abc import Mapping

from social_cli.command import Refused, WrongUsage


def local_environment(service: str) -> Mapping[str, str]:
    """A service's environment in the local stack that SOCIAL_DATA_DIR and SOCIAL_PORT_BASE name."""
    try:
        from social_stack.config import BadSetting, StackConfig
        from social_stack.up import Stack
    except ImportError as error:
        raise WrongUsage("--local needs the project's own virtual environment, where the local stack is") from error
    try:
        config = StackConfig.from_environment()
    except BadSetting as error:
        raise WrongUsage(str(error).rstrip(".")) from error
    if not (config.data_dir / "secrets").is_dir():
        raise Refused(f"there is no local stack in {config.data_dir.name}; start one with `make run`")
    return Stack(config, say=lambda _: None).environment.service(service)
