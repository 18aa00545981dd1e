"""The broker of files that development uses, with messages that appear whole."""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override] # the stubs of its two bases disagree
        """Write beside the queue, then rename: no worker ever reads half a message.

        kombu's own method opens the file under its last name and fills it afterwards;
        a worker that is quicker reads nothing, and ends.
        """
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        whole = Path(self.data_folder_out) / name
        part = whole.with_suffix(".part")
        part.write_text(dumps(payload))
        part.rename(whole)


class Transport(filesystem.Transport):
    Channel = Channel
