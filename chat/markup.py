"""From what people type to HTML that a browser may be shown.

CommonMark without HTML, images, headings and rules; bare links; highlighted code; mentions. The renderer escapes, and
an allow-list goes over its result as a second wall. A text that needs none of it gets none: most need none.
"""

import html
import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from accounts.nicknames import EVERYONE, MAX_LENGTH, nickname_key

MAX_MENTIONS = 12
MAX_ROOM_NAME = 64
MAX_HIGHLIGHTED, MAX_LINES = 1500, 100
"""Characters and lines of a block of code past which it is shown plain: lexers take quadratic time on some texts."""
_FIRST_CJK = "\u2e80"
# Without those whose lexers are slow on short texts too: C#, Fortran, Julia, make, Matlab, Scala.
_LANGUAGES = frozenset(
    "bash c clojure cmake cpp css dart diff docker elixir elm erlang fsharp go graphql groovy haskell"  # noqa: SIM905
    " html http ini java javascript js json kotlin latex less lisp lua markdown nginx nim"
    " objc ocaml perl php powershell prolog py python r ruby rust scheme scss sh shell sql swift toml ts tsx"
    " typescript vim xml yaml zig".split()
)
_NEEDS_MARKUP = re.compile(r"#(?=\S)|[*_`~\[\]<>\\@]|://|mailto:|^ {0,3}(?:[-+]|\d{1,9}[.)])[ \t]", re.MULTILINE)
# Not within a word of a script with spaces, as in an e-mail address; Chinese runs on: 你好@小明.
_AT_SIGN = re.compile(r"(?<![0-9A-Za-z_\u00aa-\u2e7f@])@")
# Not within a word, an address or an entity: C#, page#top, &#39;.
_HASH_SIGN = re.compile(r"(?<![0-9A-Za-z_\u00aa-\u2e7f#&/])#(?=\S)")
_PLAIN_HTML = re.compile(r"\A<p>[^<]*(?:<br>[^<]*)*</p>\s*\Z")
_TAGS = {"a", "blockquote", "br", "code", "del", "div", "em", "li", "ol", "p", "pre", "s", "span", "strong", "ul"}
_ATTRIBUTES = {
    "a": {"href", "data-room"},
    "code": {"class"},
    "div": {"class"},
    "span": {"class", "data-user"},
    "ol": {"start"},
    "*": set(),
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_DEAD_LINK = re.compile(r"<a(?![^>]* href=)[^>]*>(.*?)</a>", re.DOTALL)
"""Of which the address was no address that may be gone to."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as it is shown: `html` ("" where it needs no markup), and whom it mentions."""

    html: str = ""
    mentions: tuple[int, ...] = ()
    mentions_all: bool = False


PLAIN = Rendered()


def mention_candidates(body: str) -> set[str]:
    """Return the nickname keys that the @ signs in `body` may stand before: look these up, then call `render`."""
    keys: set[str] = set()
    for match in _at_signs(body):
        keys.update(key for _end, key in _names_at(body, match.end()))
    return keys


def needs_markup(body: str) -> bool:
    """Tell whether a text has anything that `render` would look at; most have nothing."""
    return _NEEDS_MARKUP.search(body) is not None


def room_candidates(body: str) -> set[str]:
    """Return the room names that the # signs in `body` may stand before: look these up, then call `render`."""
    return {name for match in _hash_signs(body) for _end, name in _room_names_at(body, match.end())}


def render(
    body: str, people: Mapping[str, int], rooms: Mapping[str, int] | None = None, *, may_mention_all: bool = False
) -> Rendered:
    """Return `body` as it is shown.

    `people` maps nickname keys to user ids: those who can be mentioned here. `rooms` maps names to ids: those that
    everybody may see. Where names overlap the longest counts.
    """
    if not needs_markup(body):
        return PLAIN
    env: dict[str, Any] = {
        "people": people, "rooms": rooms or {}, "may_mention_all": may_mention_all, "mentions": {}, "all": False
    }  # fmt: skip
    rendered = _clean(_markdown.render(body, env))
    if _PLAIN_HTML.match(rendered) and html.unescape(_without_tags(rendered)) == body:
        rendered = ""
    return Rendered(rendered, tuple(env["mentions"]), env["all"])


def _without_tags(rendered: str) -> str:
    return rendered.strip().removeprefix("<p>").removesuffix("</p>").replace("<br>\n", "\n").replace("<br>", "\n")


def _clean(rendered: str) -> str:
    cleaned = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow ugc",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return _DEAD_LINK.sub(r"\1", cleaned).strip()


def _at_signs(text: str) -> list[re.Match[str]]:
    return [match for _number, match in zip(range(MAX_MENTIONS), _AT_SIGN.finditer(text), strict=False)]


def _hash_signs(text: str) -> list[re.Match[str]]:
    return [match for _number, match in zip(range(MAX_MENTIONS), _HASH_SIGN.finditer(text), strict=False)]


def _room_names_at(text: str, start: int) -> list[tuple[int, str]]:
    """Return (end, name) for each way to read a room's name at `start`, the longest first. It stands on one line."""
    line = text[start : start + MAX_ROOM_NAME].split("\n", 1)[0]
    ends = range(start + len(line), start, -1)
    return [(end, text[start:end]) for end in ends if not (text[end - 1].isspace() or _splits_word(text, end))]


def _names_at(text: str, start: int) -> list[tuple[int, str]]:
    """Return (end, key) for each way to read a nickname at `start`, the longest first."""
    names = []
    for end in range(min(len(text), start + MAX_LENGTH), start, -1):
        if text[end - 1].isspace() or _splits_word(text, end):
            continue
        names.append((end, nickname_key(text[start:end])))
    return names


def _splits_word(text: str, end: int) -> bool:
    # Scripts that put spaces between words: there "@anna" is not "@ann". Chinese runs on: "@小明你好" is 小明.
    return end < len(text) and _is_spaced(text[end - 1]) and _is_spaced(text[end])


def _is_spaced(character: str) -> bool:
    return character.isalnum() and character < _FIRST_CJK


def _mention_rule(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = _with_mentions(token.children, state.env)


def _with_mentions(tokens: Sequence[Token], env: MutableMapping[str, Any]) -> list[Token]:
    result: list[Token] = []
    link_depth = 0
    for token in tokens:
        link_depth += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not link_depth and ("@" in token.content or "#" in token.content):
            result.extend(_split_text(token, env))
        else:
            result.append(token)
    return result


def _split_text(token: Token, env: MutableMapping[str, Any]) -> list[Token]:
    text, done = token.content, 0
    parts: list[Token] = []
    for match in sorted([*_at_signs(text), *_hash_signs(text)], key=lambda sign: sign.start()):
        if match.start() < done:
            continue
        if found := _thing_at(text, match, env):
            end, thing = found
            parts += [_text(text[done : match.start()]), thing]
            done = end
    return [*parts, _text(text[done:])]


def _thing_at(text: str, sign: re.Match[str], env: MutableMapping[str, Any]) -> tuple[int, Token] | None:
    """Return where the name behind a sign ends, and the token of the person or room that it names."""
    if sign[0] == "#":
        for end, name in _room_names_at(text, sign.end()):
            if room := env["rooms"].get(name):
                return end, Token("room", "a", 0, content=text[sign.start() : end], meta={"room": room})
        return None
    for end, key in _names_at(text, sign.end()):
        if mention := _mention(text[sign.start() : end], key, env):
            return end, mention
    return None


def _mention(shown: str, key: str, env: MutableMapping[str, Any]) -> Token | None:
    user_id = env["people"].get(key)
    if user_id is not None:
        env["mentions"][user_id] = None
    elif key in EVERYONE and env["may_mention_all"]:
        env["all"] = True
    else:
        return None
    return Token("mention", "span", 0, content=shown, meta={"user": user_id})


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _render_mention(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    user = token.meta["user"]
    attribute = f' data-user="{user}"' if user else ""
    kind = "mention" if user else "mention mention-all"
    return f'<span class="{kind}"{attribute}>{html.escape(token.content)}</span>'


def _render_room(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    room = token.meta["room"]
    return f'<a href="/rooms/{room}/" data-room="{room}">{html.escape(token.content)}</a>'


def _render_code(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    language = token.info.split()[0].lower() if token.info.strip() else ""
    if language not in _LANGUAGES:
        return f'<div class="highlight"><pre><code>{html.escape(token.content)}</code></pre></div>\n'
    code = _highlight(token.content, language)
    return f'<div class="highlight"><pre><code class="language-{language}">{code}</code></pre></div>\n'


def _highlight(code: str, language: str) -> str:
    if len(code) > MAX_HIGHLIGHTED or code.count("\n") > MAX_LINES:
        return html.escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return html.escape(code)
    return highlight(code, lexer, HtmlFormatter(nowrap=True))


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": True, "maxNesting": 20})
    markdown.enable(["strikethrough", "linkify"])
    markdown.disable(["code", "heading", "lheading", "hr", "html_block", "html_inline", "image", "reference", "entity"])
    assert markdown.linkify is not None
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "//"):
        markdown.linkify.add(schema, None)
    markdown.core.ruler.push("mention", _mention_rule)
    markdown.add_render_rule("mention", _render_mention)
    markdown.add_render_rule("room", _render_room)
    markdown.add_render_rule("fence", _render_code)
    return markdown


_markdown = _build()
