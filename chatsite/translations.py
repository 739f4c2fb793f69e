"""The texts of the site and their translations: finds them, merges them into catalogs, and says what is wrong there.

Needs Babel, which only developers have: import this from `manage.py messages` and from tests alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import islice, pairwise
from pathlib import Path
from tokenize import TokenError
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.utils.translation.template import templatize

LOCALE = "zh_Hans"
DOMAINS = ("django", "djangojs")
PACKAGES = ("chatsite", "accounts", "audit", "chat", "live", "moderation", "push")
_SKIPPED_FOLDERS = {".venv", "var", "tests", "migrations", "vendor", "__pycache__"}
_COMMENT_TAG = "Translators"

_GETTEXT, _NGETTEXT, _PGETTEXT, _NPGETTEXT = (1,), (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
_PYTHON_FUNCTIONS: dict[str, tuple[int | tuple[int, str], ...]] = {
    "_": _GETTEXT,
    "gettext": _GETTEXT,
    "gettext_lazy": _GETTEXT,
    "gettext_noop": _GETTEXT,
    "ngettext": _NGETTEXT,
    "ngettext_lazy": _NGETTEXT,
    "pgettext": _PGETTEXT,
    "pgettext_lazy": _PGETTEXT,
    "npgettext": _NPGETTEXT,
    "npgettext_lazy": _NPGETTEXT,
}
# How many of the first arguments are contexts, and how many after them are texts.
_JAVASCRIPT_FUNCTIONS = {
    "gettext": (0, 1),
    "gettext_noop": (0, 1),
    "ngettext": (0, 2),
    "pgettext": (1, 1),
    "npgettext": (1, 2),
}
_HEADER = (
    f"Language: {LOCALE}\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=1; plural=0;\n"
)


class ExtractionError(Exception):
    """A file could not be understood; the message names the file and the reason."""


class Found(NamedTuple):
    """One text that is to be translated, as a source has it."""

    ids: str | tuple[str, str]  # a pair where there is a plural
    context: str | None = None
    comments: tuple[str, ...] = ()


class Summary(NamedTuple):
    """What an update did: the number of texts, of those that still lack a translation, and the unused fill lines."""

    texts: int
    untranslated: int
    unused: tuple[str, ...]


class SiteCatalog(Catalog):
    """A catalog whose header holds nothing that changes from run to run."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(locale=LOCALE, header_comment="# Written by `manage.py messages`.", fuzzy=False)

    def __iter__(self) -> Iterator[Message]:
        """Yield the header, then the messages."""
        yield Message("", _HEADER)
        yield from islice(super().__iter__(), 1, None)


# What the sources say.


def extract_domain(root: Path, domain: str) -> SiteCatalog:
    """Return every text of `domain` ("django" or "djangojs") under `root`, untranslated, with the files it is in."""
    catalog = SiteCatalog()
    for path in _sources(root, domain):
        name = path.relative_to(root).as_posix()
        for found in _read(path, name):
            catalog.add(found.ids, locations=[(name, 0)], auto_comments=found.comments, context=found.context)
    return catalog


def _sources(root: Path, domain: str) -> list[Path]:
    """Return the files of `domain` under `root`, in order."""
    if domain == "djangojs":
        return _files(root, "static/js", "*.js")
    found = _files(root, "templates", "*")
    for package in PACKAGES:
        found += _files(root, package, "*.py") + _files(root, f"{package}/templates", "*")
    return found


def _files(root: Path, folder: str, pattern: str) -> list[Path]:
    """Return the files under `root`/`folder` that match `pattern`, without hidden and skipped ones."""
    return [
        path
        for path in sorted((root / folder).rglob(pattern))
        if path.is_file()
        and not path.name.startswith(".")
        and not _SKIPPED_FOLDERS.intersection(path.relative_to(root).parts)
    ]


def _read(path: Path, name: str) -> list[Found]:
    """Return the texts of one file; `name` is what errors call it."""
    try:
        source = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".py":
            return list(python_texts(source))
        if name.startswith("static/"):
            return list(javascript_texts(source))
        return list(template_texts(source))
    except (ExtractionError, SyntaxError, TokenError, ValueError) as error:
        raise ExtractionError(f"{name}: {error}") from error


def python_texts(source: str) -> Iterator[Found]:
    """Yield the texts in Python `source`."""
    for _line, ids, comments, context in extract("python", BytesIO(source.encode()), _PYTHON_FUNCTIONS, [_COMMENT_TAG]):
        yield Found(ids if isinstance(ids, str) else (ids[0], ids[1]), context, tuple(comments))


def template_texts(source: str) -> Iterator[Found]:
    """Yield the texts in a Django template.

    What templatize makes is Python only loosely: its indentation and its exotic white space would stop a tokenizer.
    """
    loose = templatize(source)
    plain = "".join(" " if char.isspace() and char != "\n" else char for char in loose)
    yield from python_texts("\n".join(line.strip() for line in plain.split("\n")) + "\n")


# JavaScript. Babel's own lexer loses its way in nested template literals and some regular expressions.


class Token(NamedTuple):
    """A piece of JavaScript. Kinds: name, string (its text is the value), template, value, punctuation."""

    kind: str
    text: str
    position: int


_REGEX = r"(?P<regex>/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*)"
_LEXEME = r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|\A\#![^\n]*)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?)
    |(?P<name>\#?[\w$]+)
    |%s(?P<punctuation>=>|\?\.(?!\d)|\+\+|--|\.\.\.|.)
"""
_LEXEMES = {
    True: re.compile(_LEXEME % f"{_REGEX}|", re.VERBOSE | re.DOTALL),
    False: re.compile(_LEXEME % "", re.VERBOSE | re.DOTALL),
}
_TEMPLATE_PART = re.compile(r"((?:\\.|\$(?!\{)|[^`\\$])*)(`|\$\{)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "${": "}"}
_BEFORE_OPERAND = frozenset(
    "await case default delete do else extends in instanceof new of return throw typeof void yield".split()  # noqa: SIM905
)
_BEFORE_BLOCK = {"do", "else", "default"}
_BEFORE_CONDITION = {"if", "while", "for", "with"}


class _Scanner:
    """Splits JavaScript into tokens, inside the substitutions of template literals too."""

    def __init__(self, source: str) -> None:
        """Begin at the start of `source`."""
        self.source = source
        self.position = 0
        self.tokens: list[Token] = []
        self.regex_follows = True
        # What is open: how it was opened, and whether a regular expression can follow its end.
        self.open: list[tuple[str, bool]] = []

    def scan(self) -> list[Token]:
        """Return the tokens; raise ExtractionError where brackets do not match."""
        while self.position < len(self.source):
            match = _LEXEMES[self.regex_follows].match(self.source, self.position)
            if match is None:
                raise self._unbalanced("this is not JavaScript")
            self.position = match.end()
            self._take(match.lastgroup or "skip", match[0], match.start())
        if self.open:
            raise self._unbalanced(f"“{self.open[-1][0]}” is never closed")
        return self.tokens

    def _take(self, kind: str, text: str, start: int) -> None:
        """Note one lexeme."""
        if kind == "string":
            self._add("string", unescape(text[1:-1]), start, regex_follows=False)
        elif kind == "name":
            self._add("name", text, start, regex_follows=text in _BEFORE_OPERAND and not self._after(".", "?."))
        elif kind in ("number", "regex"):
            self._add("value", text, start, regex_follows=False)
        elif text == "`":
            self._template(start, first=True)
        elif kind == "punctuation":
            self._punctuation(text, start)

    def _punctuation(self, text: str, start: int) -> None:
        """Note a bracket or an operator."""
        if text in _CLOSED_BY:
            self.open.append((text, self._regex_follows_end(text)))
            self._add("punctuation", text, start, regex_follows=True)
        elif text in _CLOSED_BY.values():
            opening, regex_follows = self._close(text)
            self._add("punctuation", text, start, regex_follows)
            if opening == "${":
                self._template(start, first=False)
        else:
            self._add("punctuation", text, start, regex_follows=text not in ("++", "--"))

    def _close(self, text: str) -> tuple[str, bool]:
        """Return what `text` closes."""
        opening, regex_follows = self.open.pop() if self.open else ("", False)
        if _CLOSED_BY.get(opening) != text:
            raise self._unbalanced(f"“{text}” closes nothing")
        return opening, regex_follows

    def _regex_follows_end(self, opening: str) -> bool:
        """Return whether a slash after the end of this bracket begins a regular expression (as after a block)."""
        if opening == "(":
            return self._after(*_BEFORE_CONDITION) and not self._after(".", "?.", back=2)
        if opening == "[":
            return False
        if not self.tokens or self.tokens[-1].kind != "name":
            return not self.tokens or self._after(";", "{", "}", ")", "=>")
        return self._after(*_BEFORE_BLOCK) or not self._after(*_BEFORE_OPERAND)

    def _template(self, start: int, *, first: bool) -> None:
        """Take a part of a template literal: up to its end, or up to its next substitution."""
        match = _TEMPLATE_PART.match(self.source, self.position)
        if match is None:
            raise self._unbalanced("a template literal is never closed")
        self.position = match.end()
        whole = first and match[2] == "`"
        if first:
            self._add("string" if whole else "template", unescape(match[1]), start, regex_follows=False)
        if match[2] == "${":
            self._punctuation("${", match.start(2))
        elif not first:
            self._add("value", "`", match.start(2), regex_follows=False)

    def _add(self, kind: str, text: str, start: int, regex_follows: bool) -> None:
        self.tokens.append(Token(kind, text, start))
        self.regex_follows = regex_follows

    def _after(self, *texts: str, back: int = 1) -> bool:
        """Return whether the token `back` places ago is a name or sign among `texts`."""
        if len(self.tokens) < back:
            return False
        token = self.tokens[-back]
        return token.kind in ("name", "punctuation") and token.text in texts

    def _unbalanced(self, reason: str) -> ExtractionError:
        return ExtractionError(f"line {_line(self.source, self.position)}: {reason}")


def javascript_texts(source: str) -> Iterator[Found]:
    """Yield the texts in the JavaScript module `source`; raise ExtractionError where a text has a substitution."""
    tokens = _Scanner(source).scan()
    for index, (token, following) in enumerate(pairwise(tokens)):
        called = (following.kind, following.text) == ("punctuation", "(")
        if not called or token.kind != "name" or token.text not in _JAVASCRIPT_FUNCTIONS:
            continue
        contexts, texts = _JAVASCRIPT_FUNCTIONS[token.text]
        arguments = _arguments(tokens, index + 2)[: contexts + texts]
        if any(argument[0].kind == "template" for argument in arguments):
            line = _line(source, token.position)
            raise ExtractionError(f"line {line}: {token.text}() cannot take a template literal with ${{…}}")
        values = [value for value in map(_literal, arguments) if value is not None]
        if len(values) == contexts + texts:
            yield Found(values[-1] if texts == 1 else (values[-2], values[-1]), values[0] if contexts else None)


def _arguments(tokens: list[Token], start: int) -> list[list[Token]]:
    """Return the tokens of each argument of the call whose first argument begins at `start`."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in islice(tokens, start, None):
        sign = token.text if token.kind == "punctuation" else ""
        if sign == "," and depth == 0:
            arguments.append([])
            continue
        depth += (sign in _CLOSED_BY) - (sign in _CLOSED_BY.values())
        if depth < 0:
            break
        arguments[-1].append(token)
    return [argument for argument in arguments if argument]


def _literal(argument: list[Token]) -> str | None:
    """Return the value of one string, or of several with + between them; None for anything else."""
    strings, signs = argument[::2], argument[1::2]
    plain = all(token.kind == "string" for token in strings) and all(token.text == "+" for token in signs)
    return "".join(token.text for token in strings) if plain and len(strings) > len(signs) else None


def unescape(text: str) -> str:
    """Return the value of the inside of a JavaScript string literal."""

    def value(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        return chr(int(code, 16)) if code else _ESCAPED.get(match[4], match[4])

    return _ESCAPE.sub(value, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


# The catalogs.


def catalog_path(root: Path, domain: str, suffix: str) -> Path:
    """Return where the catalog of `domain` is; `suffix` is ".po" or ".mo"."""
    return root / "locale" / LOCALE / "LC_MESSAGES" / f"{domain}{suffix}"


def read_catalog(root: Path, domain: str) -> Catalog:
    """Return the .po catalog of `domain`, an empty one if there is none."""
    path = catalog_path(root, domain, ".po")
    if not path.exists():
        return SiteCatalog()
    try:
        return read_po(BytesIO(path.read_bytes()), locale=LOCALE, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise ExtractionError(f"{path.relative_to(root)}: {error}") from error


def update(root: Path, fill: dict[str, str] | None = None) -> dict[str, Summary]:
    """Bring both catalogs (.po and .mo) in line with the sources, and return what was done for each domain.

    `fill` gives translations for the texts that have none: from what label() returns to the translation.
    """
    summaries = {}
    for domain in DOMAINS:
        catalog = merge(extract_domain(root, domain), read_catalog(root, domain))
        unused = _fill(catalog, fill or {})
        path = catalog_path(root, domain, ".po")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalog))
        untranslated = sum(not translation(message) for message in messages(catalog))
        summaries[domain] = Summary(len(catalog), untranslated, unused)
    return summaries


def merge(extracted: SiteCatalog, old: Catalog) -> SiteCatalog:
    """Return `extracted` with the translations, fuzzy marks and translators' comments that `old` has for its texts."""
    for message in messages(extracted):
        before = old.get(message.id, message.context)
        text = translation(before) if before else ""
        message.string = (text,) if message.pluralizable else text
        if before and text:
            message.flags |= before.flags & {"fuzzy"}
            message.user_comments = list(before.user_comments)
    return extracted


def _fill(catalog: Catalog, fill: dict[str, str]) -> tuple[str, ...]:
    """Give the untranslated texts of `catalog` their translation; return the labels in `fill` of no text here."""
    unused = dict(fill)
    for message in messages(catalog):
        text = unused.pop(label(message), "")
        if text and not translation(message):
            message.string = (text,) if message.pluralizable else text
    return tuple(unused)


def po_bytes(catalog: Catalog) -> bytes:
    """Return `catalog` as a .po file: sorted, with file names but no line numbers."""
    out = BytesIO()
    write_po(out, catalog, width=0, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return out.getvalue().rstrip(b"\n") + b"\n"


def mo_bytes(catalog: Catalog) -> bytes:
    """Return the translations of `catalog` that are done as a .mo file."""
    done = SiteCatalog()
    for message in messages(catalog):
        text = translation(message)
        if text and not message.fuzzy:
            done.add(message.id, (text,) if message.pluralizable else text, context=message.context)
    out = BytesIO()
    write_mo(out, done)
    return out.getvalue()


def messages(catalog: Catalog) -> list[Message]:
    """Return the messages of `catalog` without its header."""
    return sorted(message for message in catalog if message.id)


def translation(message: Message) -> str:
    """Return the one form that Chinese has, empty if there is none yet."""
    string = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
    return string or ""


def label(message: Message) -> str:
    r"""Return what a fill file calls `message`: [context<TAB>]msgid[|plural], with \n, \t and \\ escaped."""
    text = "|".join(map(_escape, _ids(message)))
    return f"{_escape(message.context)}\t{text}" if message.context else text


def read_fill(text: str) -> dict[str, str]:
    """Return the translations in a fill file by label(); raise ExtractionError for a line without a tab.

    A line is msgid<TAB>translation, singular|plural<TAB>translation, or one of these after context<TAB>.
    Blank lines, and lines that begin with # and have no tab, say nothing.
    """
    fill = {}
    for number, line in enumerate(text.split("\n"), start=1):
        left, tab, right = line.rpartition("\t")
        if tab and left:
            fill[left] = re.sub(r"\\([nt\\])", lambda match: {"n": "\n", "t": "\t"}.get(match[1], "\\"), right)
        elif tab or (line.strip() and not line.startswith("#")):
            raise ExtractionError(f"line {number} is not msgid<TAB>translation: {line}")
    return fill


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _ids(message: Message) -> tuple[str, ...]:
    """Return the msgid, and the plural msgid after it if there is one."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


# What is wrong.


def problems(root: Path) -> list[str]:
    """Return a line for each thing that `manage.py messages` or a translator has to put right; writes nothing."""
    found = []
    for domain in DOMAINS:
        catalog = read_catalog(root, domain)
        for message in messages(extract_domain(root, domain)):
            problem = _problem(message, catalog.get(message.id, message.context))
            if problem:
                files = ", ".join(sorted({name for name, _ in message.locations}))
                found.append(f"{domain}: {problem}: {label(message)} ({files})")
        compiled = catalog_path(root, domain, ".mo")
        if not compiled.exists() or compiled.read_bytes() != mo_bytes(catalog):
            found.append(f"{domain}: {compiled.name} is not what {domain}.po compiles to")
    return found


def _problem(message: Message, translated: Message | None) -> str:
    """Return what is wrong with the translation of `message`, nothing if it is good."""
    if translated is None or (message.pluralizable and _ids(translated) != _ids(message)):
        return "missing"
    text = translation(translated)
    if not text:
        return "untranslated"
    if translated.fuzzy:
        return "fuzzy"
    wanted = placeholders(_ids(message)[-1])
    allowed = wanted | placeholders(_ids(message)[0])
    dropped, unknown = wanted - placeholders(text), placeholders(text) - allowed
    if dropped:
        return f"without {' '.join(dropped.elements())}"
    return f"with unknown {' '.join(unknown.elements())}" if unknown else ""


_PLACEHOLDER = re.compile(
    r"%%|\{\{|\}\}"
    r"|%(?P<name>\(\w+\))?[-+0#]*\d*(?:\.\d+)?(?P<type>[sdifrgx])"
    r"|\{(?P<field>\w*)(?:[!:][^{}]*)?\}"
)


def placeholders(text: str) -> Counter[str]:
    """Return the places in `text` where values go: named ones once each, others as often as they are there."""
    found: Counter[str] = Counter()
    for match in _PLACEHOLDER.finditer(text):
        name, kind, field = match["name"], match["type"], match["field"]
        if kind or field is not None:
            key = f"%{name or ''}{kind}" if kind else f"{{{field}}}"
            found[key] = 1 if name or field else found[key] + 1
    return found
