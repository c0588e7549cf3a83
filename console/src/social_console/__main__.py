"""`python -m social_console`: serves the console until it is told to stop."""

import argparse
import sys
from collections.abc import Sequence

from social_common.app import serve_app
from social_common.logging import configure_logging, get_logger
from social_common.runner import StopEvent, run_process
from social_common.settings import describe_settings, load_settings
from social_common.telemetry import configure_telemetry
from social_console.main import create_console
from social_console.settings import UNREAD, ConsoleSettings


def main(argv: Sequence[str] | None = None) -> None:
    """Carries out what the arguments ask for; a wrong setting ends it with one plain sentence."""
    line = argparse.ArgumentParser(
        prog="python -m social_console",
        description="The console's server: the screens, the browser's session, one origin for the three APIs.",
        epilog="Everything else is a setting of the environment; --settings lists them.",
    )
    line.add_argument("--settings", action="store_true", help="print every setting and end")
    if line.parse_args(argv).settings:
        for name, default, description in describe_settings(ConsoleSettings):
            if name.lower() not in UNREAD:
                sys.stdout.write(f"{name}={default}  # {description}\n")
        return
    settings = load_settings(ConsoleSettings)
    configure_logging(service=settings.service, role="server", level=settings.log_level, fmt=settings.log_format)
    configure_telemetry(settings, "server")

    async def serve(stop: StopEvent) -> None:
        app = create_console(settings)
        await serve_app(
            app,
            host=settings.api_host,
            port=settings.api_port,
            metrics_port=settings.metrics_port,
            stop=stop,
            leaving=app.state.leaving,
        )

    try:
        run_process(serve)
    except Exception as error:
        # As one event of the log, redacted like all of them; Python itself would write past our format.
        get_logger().exception("process_failed")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
