import pytest
from django.contrib.flatpages.models import FlatPage
from django.core.management import call_command

from natcampus import pages


@pytest.mark.django_db
def test_a_new_site_gets_each_page_once_and_keeps_what_was_written(client, capsys):
    call_command("sync_pages")
    FlatPage.objects.filter(url="/about/").update(content="<p>Our words</p>")
    first = capsys.readouterr().out
    call_command("sync_pages")

    assert first.count("waits for its words") == len(pages.PAGES)
    assert capsys.readouterr().out == ""
    assert pages.unwritten_pages().count() == len(pages.PAGES) - 1
    assert "Our words" in client.get("/about/").content.decode()
    for address in pages.PAGES:
        assert client.get(f"/{address}/").status_code == 200, address
