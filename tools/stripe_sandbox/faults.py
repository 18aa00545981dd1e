import threading
from dataclasses import dataclass

from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json

KINDS = {429: "invalid_request_error", 409: "idempotency_error"}
CODES = {429: "rate_limit", 409: "idempotency_key_in_use"}


@dataclass
class Fault:
    """What should go wrong, and how many more times."""

    path_prefix: str
    times: int = 1
    method: str = ""
    status: int = 0
    delay_seconds: float = 0
    timeout_after_commit: bool = False
    status_after_commit: int = 0
    reset: bool = False

    def problem(self) -> StripeProblem | None:
        """Return the error to answer before anything happens, if that is the fault."""
        return _asked_for(self.status) if self.status else None

    def problem_after_commit(self) -> StripeProblem | None:
        """Return the error to answer, and to repeat, although all has happened."""
        status = self.status_after_commit
        return _asked_for(status) if status else None


def _asked_for(status: int) -> StripeProblem:
    return StripeProblem(
        "The sandbox was asked to fail.",
        status=status,
        kind=KINDS.get(status, "api_error"),
        code=CODES.get(status),
    )


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, values: Json) -> None:
        fault = Fault(
            path_prefix=str(values.get("path_prefix", "/v1/")),
            times=int(values.get("times", 1)),
            method=str(values.get("method", "")),
            status=int(values.get("status", 0)),
            delay_seconds=float(values.get("delay_seconds", 0)),
            timeout_after_commit=bool(values.get("timeout_after_commit", False)),
            status_after_commit=int(values.get("status_after_commit", 0)),
            reset=bool(values.get("reset", False)),
        )
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def armed(self) -> int:
        """Return how many requests are still to fail."""
        with self._lock:
            return sum(fault.times for fault in self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first fault for this request and count it down."""
        with self._lock:
            for fault in self._faults:
                if not path.startswith(fault.path_prefix):
                    continue
                if fault.method in ("", method):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None
