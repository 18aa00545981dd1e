from functools import partial

import pytest
from kombu import Connection

from tests.support import together

MESSAGES = 50


@pytest.fixture
def queue(tmp_path):
    options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path / "control"),
    }

    def connect():
        return Connection(
            "filesystem://",
            transport="core.broker:Transport",
            transport_options=options,
        ).SimpleQueue("celery")

    return connect


def test_every_message_arrives_whole_while_others_are_written(queue):
    source, *targets = queue(), queue(), queue()

    def write(target):
        for number in range(MESSAGES):
            target.put({"number": number})

    def read():
        found = []
        for _ in range(2 * MESSAGES):
            message = source.get(timeout=10)
            found.append(message.payload["number"])
            message.ack()
        return found

    *_, found = together([*(partial(write, one) for one in targets), read])

    assert sorted(found) == sorted([*range(MESSAGES), *range(MESSAGES)])


def test_a_message_that_is_still_being_written_is_not_read(queue, tmp_path):
    source = queue()
    (tmp_path / "1_2.celery.part").write_text("")

    with pytest.raises(source.Empty):
        source.get(block=False)
