"""Start a program once the site answers: `python -m tools.after_site celery ...`.

Five programs that import at once on two cores keep the first page waiting longest.
"""

import os
import signal
import sys
import time
import urllib.request


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # it ends without a traceback
    try:
        wait_for(f"{os.environ['SITE_URL']}/", seconds=30)
    except OSError:
        print("The site does not answer; this starts without it.", flush=True)
    os.execvp(sys.argv[1], sys.argv[1:])


def wait_for(url: str, *, seconds: float) -> None:
    """Return when the address answers; raise OSError when it never does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=seconds).close()  # noqa: S310 - loopback
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
