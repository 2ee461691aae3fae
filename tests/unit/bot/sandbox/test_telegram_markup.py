"""parse_mode HTML and what Telegram finds by itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram import utf16
from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.telegram.formatted import format_text
from bot.sandbox.telegram.markup import parse_html


def kinds(source: str) -> list[tuple[str, str]]:
    formatted = format_text(source, "HTML")
    return [(e["type"], utf16.cut(formatted.text, e["offset"], e["length"])) for e in formatted.entities]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b>bold</b> and <i>italic</i>", [("bold", "bold"), ("italic", "italic")]),
        ("<STRONG>a</STRONG><em>b</em><ins>c</ins>", [("bold", "a"), ("italic", "b"), ("underline", "c")]),
        ("<s>a</s><del>b</del><strike>c</strike>", [("strikethrough", one) for one in "abc"]),
        ("<b>one <i>two</i></b>", [("bold", "one two"), ("italic", "two")]),
        ("<tg-spoiler>x</tg-spoiler> <span class='tg-spoiler'>y</span>", [("spoiler", "x"), ("spoiler", "y")]),
        ("<blockquote>q</blockquote>", [("blockquote", "q")]),
        ("<blockquote expandable>q</blockquote>", [("expandable_blockquote", "q")]),
        ("😀<code>/start@x</code>", [("code", "/start@x")]),
        ("<b></b>empty", []),
        ("<b>5</b> &lt; 6 &amp;&quot;&#65;&#x42; &nope;", [("bold", "5")]),
    ],
)
def test_markup_becomes_entities(source: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(source) == expected


def test_characters_are_decoded_and_the_rest_is_left_alone() -> None:
    assert parse_html("&lt;&gt;&amp;&quot;&#65;&#x42;&nope;&")[0] == '<>&"AB&nope;&'


def test_links_name_their_address() -> None:
    entities = format_text('<a href="https://example.org/?a=1&amp;b=2">x</a>', "HTML").entities
    assert entities == [{"type": "text_link", "url": "https://example.org/?a=1&b=2", "offset": 0, "length": 1}]


def test_a_link_to_a_person_is_a_mention() -> None:
    assert format_text('<a href="tg://user?id=7">x</a>', "HTML").entities[0]["user"] == {"id": 7}


def test_a_preformatted_block_knows_its_language() -> None:
    entities = format_text('<pre><code class="language-python">x = 1</code></pre>', "HTML").entities
    assert entities == [{"type": "pre", "language": "python", "offset": 0, "length": 5}]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("é<b>x</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ],
)
def test_bad_markup_is_refused_as_telegram_refuses_it(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start abc", [("bot_command", "/start")]),
        ("now /send@wallet_bot 5 @ben_1", [("bot_command", "/send@wallet_bot"), ("mention", "@ben_1")]),
        ("see https://example.org/a?b=c.", [("url", "https://example.org/a?b=c")]),
        ("t.me/bot?start=x", [("url", "t.me/bot?start=x")]),
        ("mail a.b@example.org", [("email", "a.b@example.org")]),
        ("#tag $USD", [("hashtag", "#tag"), ("cashtag", "$USD")]),
        ("12/34 a/b 5.00", []),
    ],
)
def test_plain_text_is_searched(text: str, expected: list[tuple[str, str]]) -> None:
    formatted = format_text(text, None)
    assert [(e["type"], utf16.cut(formatted.text, e["offset"], e["length"])) for e in formatted.entities] == expected


def test_trimming_moves_the_entities() -> None:
    formatted = format_text("  \n <b> x </b>  ", "HTML")
    assert (formatted.text, formatted.entities) == ("x", [{"type": "bold", "offset": 0, "length": 1}])


def test_given_entities_are_kept_when_they_mean_something() -> None:
    given_entities: list[dict[str, Any]] = [
        {"type": "bold", "offset": 0, "length": 1},
        {"type": "url", "offset": 0, "length": 1},
        {"type": "text_link", "offset": 1, "length": 1, "url": "https://example.org"},
    ]
    assert [e["type"] for e in format_text("ab", None, given_entities).entities] == ["bold", "text_link"]
    with pytest.raises(ApiError):
        format_text("ab", None, [{"type": "text_link", "offset": 0, "length": 1}])


@given(st.text())
def test_any_text_is_parsed_or_refused(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except ApiError:
        return
    for entity in entities:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= utf16.length(text)


@given(st.text())
def test_escaped_text_comes_back_whole(source: str) -> None:
    escaped = source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (source, [])
