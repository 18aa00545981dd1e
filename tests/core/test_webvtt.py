"""Transcripts are read from WebVTT captions, however they were written."""

from core.webvtt import Cue, parse


def test_parse_reads_times_with_and_without_hours():
    cues = parse(
        "WEBVTT\n\n00:01.500 --> 00:04.000\nFirst.\n\n"
        "01:00:02.000 --> 01:00:05.000 align:start\nSecond\nline.\n"
    )

    assert cues == [Cue(1.5, "First."), Cue(3602.0, "Second line.")]


def test_parse_leaves_out_headers_notes_and_styles():
    cues = parse(
        "\ufeffWEBVTT - Title\nKind: captions\n\nNOTE a remark\n\n"
        "STYLE\n::cue { color: red }\n\n1\n00:00.000 --> 00:01.000\nHello.\n"
    )

    assert cues == [Cue(0.0, "Hello.")]


def test_parse_drops_markup_and_reads_entities():
    cues = parse(
        "WEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\n<v Ada>Press &amp; <b>hold</b></v>"
    )

    assert cues == [Cue(0.0, "Press & hold")]


def test_parse_of_what_is_no_captions_gives_nothing():
    assert parse("") == parse("<html>\n\n<body>") == []
