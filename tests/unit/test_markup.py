"""From what people type to HTML: what it may contain, who is mentioned, and what is left plain."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.markup import MAX_MENTIONS, mention_candidates, render, room_candidates

ALLOWED = {
    "a": {"href", "rel", "target", "data-room"}, "blockquote": set(), "br": set(), "code": {"class"}, "del": set(),
    "div": {"class"}, "em": set(), "li": set(), "ol": {"start"}, "p": set(), "pre": set(), "s": set(),
    "span": {"class", "data-user"}, "strong": set(), "ul": set(),
}  # fmt: skip
PEOPLE = {"ann": 1, "ann lee": 2, "小明": 3, "bob_1": 4, "o'neil": 5, "小": 6, "straße".casefold(): 7, "c++": 8}


class Reader(HTMLParser):
    """Reads HTML as a browser would, and notes what is in it that may not be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.mentions: list[tuple[str | None, str]] = []
        self.text = ""
        self._in_mention = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check a tag, its attributes, and where it leads."""
        self.tags.append(tag)
        attributes = dict(attrs)
        strange = attributes.keys() - ALLOWED.get(tag, set())
        if tag not in ALLOWED or strange:
            self.faults.append(f"{tag} {strange}")
        if tag == "a":
            self._check_link(attributes)
        if tag == "span" and "mention" in (attributes.get("class") or "").split():
            self.mentions.append((attributes.get("data-user"), ""))
            self._in_mention = True

    def _check_link(self, attributes: dict[str, str | None]) -> None:
        address = attributes.get("href") or ""
        self.links.append(address)
        if urlsplit(address).scheme not in ("http", "https", "mailto", "tel", ""):
            self.faults.append(address)
        if attributes.get("target") != "_blank" or "noopener" not in (attributes.get("rel") or ""):
            self.faults.append(f"unsafe link {attributes}")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a mention."""
        self._in_mention = False

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data
        if self._in_mention:
            self.mentions[-1] = (self.mentions[-1][0], self.mentions[-1][1] + data)

    def handle_comment(self, data: str) -> None:
        """There are none."""
        self.faults.append(f"comment {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(rendered: str) -> Reader:
    """Return what a browser finds in a piece of HTML."""
    reader = Reader()
    reader.feed(rendered)
    reader.close()
    return reader


def shown(body: str) -> str:
    """Return the HTML of a text in a room of PEOPLE."""
    return render(body, PEOPLE).html


def mentioned(body: str) -> list[str]:
    """Return the shown names of those whom a text mentions."""
    rendered = render(body, PEOPLE)
    found = read(rendered.html).mentions
    assert {int(user) for user, _name in found if user} == set(rendered.mentions)
    return [name for _user, name in found]


# What may be in it.

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "*x*<b onclick=x>y</b>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>", "<data:text/html,x>", "![x](http://x/y.png)", "![x](javascript:alert(1))",
    '[x](http://a" onmouseover="alert(1))', "[x](http://a 'onmouseover=alert(1)')", "[x](<http://a> \"title\")",
    'http://a.example/"onmouseover="alert(1)', "http://a.example/<script>", "[x]: javascript:alert(1)\n[x]",
    "`<script>`", "```html\n<script>alert(1)</script>\n```", '```"><script>alert(1)</script>\nx\n```',
    '```py" onclick="x\nx\n```', "<a href='javascript:x'>*x*</a>", "<!-- *x* -->", "<![CDATA[*x*]]>", "<?php *x* ?>",
    "</p></div>*x*", "&lt;script&gt;*x*", "&#60;script&#62;*x*", "*<style>*{}</style>*",
    "<math><mi//xlink:href=data:x>*",
    "@ann<script>", "@<b>ann</b>", "[@ann](javascript:x)", "\\<script>*x*", "<iframe srcdoc='*x*'>",
    "[x](//evil.example)",
    "<form action=//x><input name=*a*>", "*x*\u2028<script>", "**\x00**<x>", "[a](http://x/\u202egpj.exe)",
    "ftp://x.example/ *a*", "[x](blob:http://a)", "[x](http://user:pw@evil.example)", "[x](\\javascript:alert(1))",
]  # fmt: skip


@pytest.mark.parametrize("body", ATTACKS)
def test_nothing_that_is_typed_becomes_a_tag_attribute_or_scheme_beyond_the_list(body: str) -> None:
    assert read(shown(body)).faults == []


@pytest.mark.parametrize(
    "body",
    ["<script>x</script> *y*", "<b onclick=x>*y*</b>", "<!-- *x* -->", "&lt;b&gt;*y*", "*<style>*", "`<b>` &amp; <i>"],
)
def test_what_looks_like_html_is_shown_as_it_was_typed(body: str) -> None:
    assert read(shown(body)).text == re.sub(r"[*`]", "", body)


_pieces = st.sampled_from(
    ["*", "**", "_", "~~", "`", "```", "\n", "\n\n", " ", "  \n", "- ", "1. ", "> ", "[", "]", "(", ")", "](",
    "<", ">", "!",
     "\\", "&", "&lt;", "\"", "'", "@ann", "@", "@小明", "@all", "http://a.example/", "javascript:",
     "https://", "mailto:a@b.c",
     "<script>", "<b ", "onclick=", "x", "word", "你好", "#", "---", "===", "|", "\t", "    ", "```py\n",
     "~~~", "\u200b", "é"]
)  # fmt: skip


@settings(max_examples=300)
@given(body=st.one_of(st.lists(_pieces, max_size=25).map("".join), st.text(max_size=80)))
def test_no_text_whatever_raises_or_leaves_the_list(body: str) -> None:
    body = body.encode("utf-8", "ignore").decode()
    rendered = render(body, PEOPLE | {"all": 9}, may_mention_all=True)
    assert read(rendered.html).faults == []


@settings(max_examples=150)
@given(body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#*_`~[]<>\\@:-+.)"), max_size=60))
def test_a_text_without_signs_needs_no_html(body: str) -> None:
    assert render(body, PEOPLE).html == ""


def test_the_reader_notices_what_may_not_be_there() -> None:
    for bad in (
        "<script>",
        "<p onclick=x>",
        '<a href="javascript:x" target=_blank rel=noopener>',
        "<a href=//x>",
        "<!-- -->",
    ):
        assert read(bad).faults


# What is made of it.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("*one*\ntwo", "<p><em>one</em><br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("# *a*", "<p># <em>a</em></p>"),
        ("*a*\n---", "<p><em>a</em><br>\n---</p>"),
        ("*a* &amp; &copy;", "<p><em>a</em> &amp;amp; &amp;copy;</p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
    ],
)
def test_markdown_becomes_html(body: str, expected: str) -> None:
    assert shown(body) == expected


PLAIN = [
    "hello", "a & b < c", "5 > 3", "two\nlines", "snake_case_name", "2*3=6", "me@example.org", "[not a link]", "1.5",
    "-5", "# title", "---", "C:\\dir", "~", "&lt;", "https", "@nobody", "你好，世界", "<3", ":-) [x]",
]  # fmt: skip


@pytest.mark.parametrize("body", PLAIN)
def test_most_texts_need_no_html(body: str) -> None:
    assert shown(body) == ""


@pytest.mark.parametrize(
    ("body", "address"),
    [
        ("see https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&z=2"),
        ("(http://a.example)", "http://a.example"),
        ("[x](https://a.example)", "https://a.example"),
        ("看https://a.example/小明", "https://a.example/%E5%B0%8F%E6%98%8E"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("[call](tel:+49123)", "tel:+49123"),
    ],
)
def test_an_address_becomes_a_link(body: str, address: str) -> None:
    assert read(shown(body)).links == [address]


@pytest.mark.parametrize(
    "body", ["[f](ftp://x.y)", "[x](https://exa\u200bmple.com:99999999/a)", "[y](sms:1)", "[z](foo:bar)"]
)
def test_what_leads_nowhere_looks_like_no_link(body: str) -> None:
    assert "<a" not in shown(f"{body} *x*")


@pytest.mark.parametrize(
    "body", ["www.example.org", "example.org", "ftp://a.example", "//a.example", "a@b.example", "1.2.3.4"]
)
def test_only_what_has_a_scheme_that_may_be_becomes_a_link(body: str) -> None:
    assert "<a" not in shown(f"{body} *x*")


def test_fenced_code_is_highlighted_in_a_language_that_is_known() -> None:
    rendered = shown("```python\ndef f():\n    return '<b>'\n```")
    assert '<code class="language-python">' in rendered
    assert '<span class="k">def</span>' in rendered
    assert read(rendered).text.strip() == "def f():\n    return '<b>'"


@pytest.mark.parametrize("info", ["", "klingon", "python3 title=x", "../../etc", "PYTHON"])
def test_fenced_code_keeps_its_text_whatever_its_language(info: str) -> None:
    rendered = shown(f"```{info}\n a <b> & @ann\n\n  c\n```")
    assert read(rendered).text.strip("\n") == " a <b> & @ann\n\n  c"
    assert "<pre>" in rendered


# Mentions.


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("@ann", ["@ann"]),
        ("@Ann Lee, @ANN!", ["@Ann Lee", "@ANN"]),
        ("@ann leeway", ["@ann"]),
        ("@anna @annn", []),
        ("me@ann.example x@ann @@ann", []),
        ("(@ann) @ann's @ann. **@ann**", ["@ann"] * 4),
        ("@小明你好", ["@小明"]),
        ("你好@小明你好", ["@小明"]),
        ("@小红", ["@小"]),
        ("@小明和@ann说", ["@小明", "@ann"]),
        ("@ａｎｎ", ["@ａｎｎ"]),
        ("@bob_1 @bob_12 @o'neil", ["@bob_1", "@o'neil"]),
        ("@STRASSE", ["@STRASSE"]),
        ("@c++ @c+", ["@c++"]),
        ("> @ann\n- @ann lee", ["@ann", "@ann lee"]),
        ("@ann\nlee", ["@ann"]),
    ],
)
def test_whom_a_text_mentions(body: str, names: list[str]) -> None:
    assert mentioned(body) == names


@pytest.mark.parametrize(
    "body",
    ["`@ann`", "```\n@ann\n```", "[@ann](http://a.example)", "https://a.example/@ann", "<https://a.example/@ann>"],
)
def test_neither_code_nor_a_link_mentions(body: str) -> None:
    assert mentioned(body) == []
    assert render(body, PEOPLE).mentions == ()


def test_someone_named_twice_is_mentioned_once() -> None:
    assert render("@ann @bob_1 @ann", PEOPLE).mentions == (1, 4)


@pytest.mark.parametrize("name", ["@all", "@ALL", "@所有人"])
def test_everyone_is_mentioned_only_by_those_who_may(name: str) -> None:
    assert render(f"{name} hi", PEOPLE, may_mention_all=True).mentions_all
    refused = render(f"{name} hi", PEOPLE)
    assert (refused.mentions_all, refused.html) == (False, "")


def test_the_candidates_are_enough_to_find_everyone_who_is_mentioned() -> None:
    body = "@Ann Lee and @小明你好, 你好@小明 @bob_1."
    wanted = mention_candidates(body)
    assert {"ann lee", "ann", "小明", "bob_1"} <= wanted
    assert render(body, {key: pk for key, pk in PEOPLE.items() if key in wanted}) == render(body, PEOPLE)


def test_no_text_asks_for_more_names_than_can_be_looked_up() -> None:
    assert len(mention_candidates("@" + "a b" * 1300)) <= 64
    assert len(mention_candidates("@a bcdefg " * 400)) <= 40 * MAX_MENTIONS
    people = {f"p{number}": number + 1 for number in range(100)}
    assert len(render(" ".join(f"@{name}" for name in people), people).mentions) == MAX_MENTIONS


def chinese(count: int, start: int = 0) -> str:
    """Return so many Chinese characters, each another."""
    return "".join(chr(0x4E00 + start + number) for number in range(count))


def test_chinese_that_runs_on_behind_each_sign_asks_for_few_names() -> None:
    body = "".join("@" + chinese(31, 31 * number) for number in range(30))
    assert len(mention_candidates(body)) <= 400
    assert render(body, PEOPLE).mentions == ()


def test_names_are_found_in_chinese_that_runs_on_and_the_longest_counts() -> None:
    people = {"小": 1, "小明": 2, "小明你": 3}
    body = "你好@小明你好" + "".join("@" + chinese(31, 31 * number) for number in range(29))
    keys = mention_candidates(body)
    assert people.keys() <= keys
    assert len(keys) <= 400
    assert render(body, people).mentions == (3,)
    assert render(body, {"小": 1, "小明": 2}).mentions == (2,)
    assert render("你好@小明你好", {"小": 1, "小明": 2}).mentions == (2,)


def test_a_mention_shows_the_name_as_it_was_typed_and_escaped() -> None:
    assert shown("@O'Neil") == '<p><span class="mention" data-user="5">@O\'Neil</span></p>'
    hostile = "<i>x&"
    rendered = render(f"@{hostile}", {hostile: 1}).html
    assert html.unescape(read(rendered).text) == "@<i>x&"
    assert read(rendered).faults == []


ROOMS = {"Kitchen": 5, "Kitchen garden": 6, "大厅": 1, "a&b": 7}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("see #Kitchen", [(5, "#Kitchen")]),
        ("#Kitchen garden, #Kitchen!", [(6, "#Kitchen garden"), (5, "#Kitchen")]),
        ("在#大厅见", [(1, "#大厅")]),
        ("#a&b", [(7, "#a&b")]),
        ("(#Kitchen)", [(5, "#Kitchen")]),
        ("@ann in #Kitchen", [(5, "#Kitchen")]),
        ("#Kitchens", []),
        ("#kitchen", []),
        ("C#Kitchen", []),
        ("##Kitchen", []),
        ("# Kitchen", []),
        ("`#Kitchen`", []),
        ("https://example.org/#Kitchen", []),
        ("#Kitchen\ngarden", [(5, "#Kitchen")]),
        ("#nowhere", []),
    ],
)
def test_a_hash_before_the_name_of_a_room_leads_there(body: str, found: list[tuple[int, str]]) -> None:
    rendered = render(body, PEOPLE, ROOMS).html
    links = re.findall(r'<a href="/rooms/(\d+)/" data-room="\1"[^>]*>(.*?)</a>', rendered)
    assert [(int(room), html.unescape(text)) for room, text in links] == found
    assert read(rendered).faults == []


def test_only_what_stands_behind_a_hash_is_looked_up() -> None:
    assert room_candidates("a plain text, C# and # that") == set()
    assert room_candidates("to #the den") == {"the", "the den"}
    assert len(room_candidates("#x" * 1000 + " #y" * 1000)) <= MAX_MENTIONS * 64
