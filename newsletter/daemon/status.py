"""How the process is, for a machine that watches it: /healthz in a line, /metrics for Prometheus.

What is counted is asked of the database when somebody looks, so that it is true over restarts; only the
steps and mails of this process are counted here. No value names a reader. It listens where the settings
say, as a rule for this machine only.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate

from prometheus_client import CollectorRegistry, exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from newsletter import listening, store
from newsletter.daemon.keeping import Daemon
from newsletter.daemon.vitals import BUCKETS
from newsletter.errors import StoreError
from newsletter.store import gauges

# Seconds after which a step is missed; there is one every half a minute.
STALE_S = 300.0
# Seconds for which a count holds: of a million mails it takes about one, while they are being sent.
_COUNTED_S = 15.0
# Seconds that a watcher has to ask, and to take the answer.
_PATIENCE_S = 5.0


def health(daemon: Daemon) -> tuple[int, str]:
    """A status of HTTP, 200 where all is well, else 503, and why in a line."""
    age = daemon.even() - daemon.vitals.stepped_at
    if age > STALE_S:
        return 503, f"the last step ended {age:,.0f} s ago; the log says why"
    try:
        with store.reading(daemon.rooms.database) as tx:
            gauges.answers(tx)
    except StoreError:
        return 503, "the database does not answer"
    return 200, "ok"


class Metrics(Collector):
    """What Prometheus reads of a daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._found: gauges.Gauges | None = None
        self._counted_at = 0.0
        self._lock = threading.Lock()

    def describe(self) -> list[Metric]:
        """Nothing: the database is not asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric; where the database does not answer, those of the process only."""
        yield from self._of_process()
        try:
            found = self._of_database()
        except StoreError:
            yield GaugeMetricFamily("newsletter_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("newsletter_database_up", "Whether the database answers.", 1)
        yield from _of_rows(found)

    def _of_database(self) -> gauges.Gauges:
        """How many there are now, or some seconds ago. Raises: StoreError where it does not answer now."""
        with self._lock, store.reading(self._daemon.rooms.database) as tx:
            gauges.answers(tx)
            now = self._daemon.even()
            if self._found is None or now - self._counted_at > _COUNTED_S:
                self._found, self._counted_at = gauges.read(tx), now
            return self._found

    def _of_process(self) -> Iterator[Metric]:
        vitals = self._daemon.vitals
        steps, seconds = vitals.durations()
        names = [*(str(most) for most in BUCKETS), "+Inf"]
        yield HistogramMetricFamily(
            "newsletter_step_duration_seconds",
            "How long the steps of this process took.",
            buckets=[*zip(names, accumulate(steps), strict=True)],
            sum_value=seconds,
        )
        yield CounterMetricFamily("newsletter_mails_sent", "Mails that servers took.", vitals.mails)
        gauge = GaugeMetricFamily
        age = self._daemon.even() - vitals.stepped_at
        yield gauge("newsletter_last_step_age_seconds", "Since the last step that ended well.", age)
        held, refused = bool(vitals.held), vitals.config_refused
        yield gauge("newsletter_leads", "Whether this process keeps the schedule.", vitals.leads)
        yield gauge("newsletter_held", "Whether nothing goes before an operator's word.", held)
        yield gauge("newsletter_config_refused", "Whether the configuration read last was wrong.", refused)


def _of_rows(found: gauges.Gauges) -> Iterator[Metric]:
    issues = GaugeMetricFamily("newsletter_issues", "Issues.", labels=["list", "state"])
    for (slug, state), count in found.issues.items():
        issues.add_metric([slug, state], count)
    yield issues
    missed = CounterMetricFamily("newsletter_periods_missed", "Periods without an issue.", labels=["list"])
    for slug, count in found.missed.items():
        missed.add_metric([slug], count)
    yield missed
    mails = GaugeMetricFamily("newsletter_deliveries", "Of issues on their way.", labels=["issue", "status"])
    states = GaugeMetricFamily("newsletter_sending", "Issues on their way.", labels=["issue", "state"])
    for name, (state, counts) in found.under_way.items():
        states.add_metric([name, state], 1)
        for status, count in counts.items():
            mails.add_metric([name, status], count)
    yield mails
    yield states
    yield GaugeMetricFamily("newsletter_notices_waiting", "Notices that have not gone.", found.notices)
    yield GaugeMetricFamily("newsletter_letters_waiting", "Letters that have not gone.", found.letters)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a watcher who went away."""


class Status:
    """Answers at a place of this machine. port: 0 for any that is free.

    Raises: ConfigError for a place that cannot be had.
    """

    def __init__(self, daemon: Daemon, *, host: str, port: int) -> None:
        self._open = ExitStack()
        step = "set run.status_host and run.status_port, or end what listens there"
        place = self._open.enter_context(listening.at(host, port, step=step))
        self.address = listening.address(host, place)
        registry = CollectorRegistry()
        registry.register(Metrics(daemon))
        self._server = _Server(place.getsockname()[:2], _handler(daemon, registry), bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = place
        self._thread = threading.Thread(target=self._server.serve_forever, name="status", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.ident:
            self._server.shutdown()
        self._open.close()


def _handler(daemon: Daemon, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {
        "/healthz": lambda: _in_a_line(*health(daemon)),
        "/metrics": lambda: (200, exposition.CONTENT_TYPE_LATEST, exposition.generate_latest(registry)),
    }

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S
        server_version = "newsletter"
        sys_version = ""

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0], lambda: _in_a_line(404, "see /healthz or /metrics"))
            self._answer(*page())

        def do_HEAD(self) -> None:
            self.do_GET()

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing of who asked."""

    return Handler


def _in_a_line(status: int, text: str) -> tuple[int, str, bytes]:
    return status, "text/plain; charset=utf-8", f"{text}\n".encode()
