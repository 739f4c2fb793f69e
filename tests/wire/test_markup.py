"""What a message's html may contain, whatever somebody wrote."""

import re
from html.parser import HTMLParser

import pytest

from tests.client import Person

TAGS = {"a", "blockquote", "br", "code", "del", "div", "em", "li", "ol", "p", "pre", "s", "span", "strong", "ul"}
ATTRIBUTES = {"href", "title", "rel", "target", "class", "data-user", "start"}
SCHEMES = {"http", "https", "mailto", ""}
ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "![x](x onerror=alert(1))",
    "![tracker](https://evil.example/pixel.png)",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x](https://a.example 'title\" onmouseover=\"alert(1)')",
    "https://a.example/\"onmouseover=\"alert(1)",
    "https://a.example/'><script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```\"><script>alert(1)</script>\nx\n```",
    "```js onload=alert(1)\nx\n```",
    "[[x](javascript:alert(1))](https://a.example)",
    "**[x**](javascript:alert(1))",
    "> [x](javascript:alert(1))\n> <script>alert(1)</script>",
    "[ref]: javascript:alert(1)\n\n[ref]",
    "&lt;script&gt;alert(1)&lt;/script&gt; *x*",
    "*\x00<script>alert(1)</script>*",
    "<style>*{display:none}</style>",
    "<div style=position:fixed class=x>x</div>",
    "<form action=//evil.example><input type=submit></form>",
    "<!-- --><script>alert(1)</script>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<span data-user=1>@ann</span>",
    "@<script>alert(1)</script>",
    "*" * 3000,
    "[" * 3000,
    "> " * 1500 + "deep",
    "- " * 1500 + "deep",
    "`" * 2999,
    "[a](" * 900,
    "<" * 4000,
]  # fmt: skip


def scheme_of(url: str) -> str:
    """Return the scheme that a browser sees in a URL, "" for a relative one (WHATWG URL, "basic URL parser")."""
    seen = re.sub(r"[\t\n\r]", "", url.lstrip("".join(map(chr, range(33))))).lower()
    match = re.match(r"([a-z][a-z0-9+.-]*):", seen)
    return match[1] if match else ""


class Auditor(HTMLParser):
    """Notes what in a piece of HTML should not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"<{tag} {name}>")
            if name == "href" and scheme_of(value or "") not in SCHEMES:
                self.faults.append(f"href={value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}>")


def faults_of(html: str) -> list[str]:
    """Return what in a piece of HTML should not be there."""
    auditor = Auditor()
    auditor.feed(html)
    auditor.close()
    return auditor.faults


def test_the_auditor_finds_what_is_forbidden():
    assert faults_of("<p onclick=x>") == ["<p onclick>"]
    assert faults_of("<a href='\x01 JAVA\tscript:x'>") == ["href=\x01 JAVA\tscript:x"]
    assert faults_of("<script>") == ["<script>"]


async def test_no_text_becomes_anything_that_runs_or_loads(ann: Person, bob: Person, room: int):
    sender, reader = await ann.connect(), await bob.connect()
    for attack in ATTACKS:
        ack = await sender.send(attack, room)
        assert ack["type"] == "ack", (attack, ack)
        message = (await reader.wait_for("message.created"))["message"]
        assert message["id"] == ack["id"]
        assert message["body"] == attack.replace("\x00", "")
        assert faults_of(message.get("html", "")) == [], (attack, message["html"])


async def test_an_edit_is_sanitised_too(ann: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send("harmless", room)
    for attack in ATTACKS[:15]:
        await socket.command("message.edit", id=sent["id"], body=attack)
        message = (await socket.wait_for("message.updated"))["message"]
        assert faults_of(message.get("html", "")) == []


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("*a* **b** ~~c~~", ["<em>a</em>", "<strong>b</strong>", "<s>c</s>"]),
        ("> quoted", ["<blockquote>"]),
        ("- one\n- two", ["<ul>", "<li>one</li>"]),
        ("`x < y`", ["<code>x &lt; y</code>"]),
        ("see https://example.org/a?b=c&d", ['href="https://example.org/a?b=c&amp;d"', "noopener", "nofollow"]),
        ("[words](https://example.org)", [">words</a>"]),
        ("```python\nimport this\n```", ["<pre>", "<span class="]),
        ("*one\ntwo*", ["<br>"]),
    ],
)
async def test_markdown_is_rendered(ann: Person, room: int, body: str, parts: list[str]):
    socket = await ann.connect()
    await socket.send(body, room)
    html = (await socket.wait_for("message.created"))["message"]["html"]
    assert [part for part in parts if part not in html] == [], html


async def test_html_that_is_typed_is_shown_as_it_was_typed(ann: Person, room: int):
    socket = await ann.connect()
    await socket.send("*x* <b>bold</b>", room)
    assert "&lt;b&gt;bold&lt;/b&gt;" in (await socket.wait_for("message.created"))["message"]["html"]
