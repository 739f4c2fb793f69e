"""The texts of the site: what is found in the sources, what the catalogs keep, what the check refuses."""

import gettext
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

import chatsite
from chatsite import translations
from chatsite.translations import ExtractionError, Found, javascript_texts, python_texts, template_texts

MODULE = r"""
#!/usr/bin/env node
import { gettext, ngettext as plural, pgettext } from "./i18n.js";
import data from './data.json' with { type: "json" };
export * as names from "./names.js";

const QUOTES = /["'`]/g, PATH = /^\/[^/`"]+\/(?<id>\d+)$/u, half = (a + b) / 2 / c, CLASS = /[\]/`]/v;
const ratio = list[0] / total, text = `a / ${half / 2} " ' \` ${"`"} b`, key = a.return / 2 / 1e-3;
if (text) /'/.test(text) && show(gettext("after a regex after a condition"));
for (const x of y) { run(x) } /`/.exec(text);

export class Box extends EventTarget {
  #open = false;
  static { Box.label = gettext('in a static block'); }
  get #title() { return this.#open ? gettext("It's \"open\"") : gettext(`closed \`box\``); }
  async *pages(signal) {
    for await (const { next, ...rest } of this.#fetch?.(signal) ?? []) {
      yield* rest?.items?.map((item) => html`<li title="${gettext("in a template")}">${
        item.name ? `<b>${item.name} ${interpolate(gettext("by %s"), [item.author ?? gettext("nobody")])}</b>`
          : `${{ a: `${gettext("four deep")}` }.a}`
      }</li> gettext("only text")`);
      await this.show(`${next}`.replace(/\//g, "/"), i18n.gettext("as a method"), /* gettext("comment") */);
    }
  }
}
// gettext("line comment") and a lone `
const count = interpolate(ngettext("%(n)s message", "%(n)s messages", list.length), { n }, true);
const where = npgettext("room", "%s seat", "%s seats", seats);
const may = pgettext("month", "May"), joined = gettext("a long " + "text"), face = gettext("\u4f60\x41\u{1F600}\n");
const unknown = gettext(name), mixed = gettext("a" + name), big = 1_000n / 2n;
export function gettext(message = "default") { return catalog.get(message) || message; }
"""


@pytest.fixture
def tree(tmp_path: Path, settings: Settings) -> Path:
    """Return the root of a small site with a text in each kind of source, which the settings point to."""
    write(tmp_path, "chat/names.py", 'from x import gettext as _\nTITLE = _("Room")\nHELLO = _("Hello, {name}!")\n')
    write(tmp_path, "chat/migrations/0001.py", '_("in a migration")\n')
    write(tmp_path, "tests/test_x.py", '_("in a test")\n')
    write(tmp_path, "templates/home.html", '{% load i18n %}{% translate "Welcome" %}')
    write(tmp_path, "static/js/parts/app.js", 'ngettext("%s new", "%s new ones", n); gettext("Room");')
    settings.BASE_DIR = tmp_path
    return tmp_path


def write(root: Path, name: str, text: str) -> Path:
    """Write `text` to the file `name` under `root`, and return its path."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def fill(root: Path, *lines: str) -> None:
    """Run the command with these fill lines."""
    call_command("messages", fill=str(write(root, "fill.txt", "\n".join(lines))))


def translate_all(root: Path) -> None:
    """Translate everything in the tree."""
    fill(root, "Room\t房间", "Hello, {name}!\t你好，{name}！", "Welcome\t欢迎", "%s new|%s new ones\t%s 条新消息")


def po(root: Path, domain: str = "django") -> str:
    """Return the .po catalog of the tree."""
    return translations.catalog_path(root, domain, ".po").read_text(encoding="utf-8")


def snapshot(root: Path) -> dict[Path, bytes]:
    """Return every file of the tree."""
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_site_is_translated() -> None:
    """The check finds nothing to do in our own tree."""
    call_command("messages", check=True)


def test_texts_of_python() -> None:
    """Every function of gettext counts, with its plural and its context."""
    source = """
    # Translators: on the door
    a = _("plain") + gettext_lazy("in " "two") % {"n": 1}
    b = ngettext_lazy("%(n)d day", "%(n)d days", "n"), npgettext("c", "one", "many", len(a))
    c = [pgettext_lazy("month", "May") for _ in range(3)], gettext(variable)
    def gettext(text="default"): ...
    """
    assert set(python_texts(source)) == {
        Found("plain", comments=("Translators: on the door",)),
        Found("in two"),
        Found(("%(n)d day", "%(n)d days")),
        Found(("one", "many"), "c"),
        Found("May", "month"),
    }


def test_texts_of_templates() -> None:
    """Both tags count, with plurals, contexts, filters, and whatever indentation and characters are around them."""
    source = """{% load i18n %}<!doctype html>
        <p class='x"y' title="{% translate "x" context "y" %}">100% (\u00a0{% translate 'It is "so"' as so %}
      {{ so }}
          {% blocktranslate count n=list|length trimmed %}
            {{ n }} room
          {% plural %}
            {{ n }} rooms
          {% endblocktranslate %}
    {% blocktranslate with who=user.name context "door" %}Hi {{ who }}, 5%\u00a0off{% endblocktranslate %}
  {# Translators: above the list #}
   {% translate "Rooms" %}
  {% include "part.html" with title=_("Part") %} {{ name|default:_("Nobody") }} it's {% comment %}'{% endcomment %}
    """
    assert set(template_texts(source)) == {
        Found("x", "y"),
        Found('It is "so"'),
        Found(("%(n)s room", "%(n)s rooms")),
        Found("Hi %(who)s, 5%%\u00a0off", "door"),
        Found("Rooms", comments=("Translators: above the list",)),
        Found("Part"),
        Found("Nobody"),
    }


def test_texts_of_javascript() -> None:
    """Modern syntax around the calls hides none of them, and what only looks like a call is none."""
    assert list(javascript_texts(MODULE.lstrip())) == [
        Found("after a regex after a condition"),
        Found("in a static block"),
        Found('It\'s "open"'),
        Found("closed `box`"),
        Found("in a template"),
        Found("by %s"),
        Found("nobody"),
        Found("four deep"),
        Found("as a method"),
        Found(("%(n)s message", "%(n)s messages")),
        Found(("%s seat", "%s seats"), "room"),
        Found("May", "month"),
        Found("a long text"),
        Found("你A😀\n"),
    ]


@pytest.mark.parametrize(
    "source",
    ["gettext(`Hello ${name}`)", "f(`open ${a", "f(a]", "}", 'f("open', "pgettext('c', `a${b}`)"],
)
def test_javascript_that_cannot_be_read_is_refused(source: str) -> None:
    """A text with a substitution and a source that is cut off are errors with a line number."""
    with pytest.raises(ExtractionError, match="line 2"):
        list(javascript_texts("\n" + source))


def test_an_update_writes_catalogs_that_gettext_can_use(tree: Path) -> None:
    """The texts of each domain are in its catalog, and the compiled one translates them."""
    translate_all(tree)
    catalog = po(tree)
    assert "#: chat/names.py\n" in catalog
    assert "migration" not in catalog
    assert "in a test" not in catalog
    assert "nplurals=1" in catalog
    assert "20" not in catalog.partition('msgid "Hello')[0], "a date would change from run to run"
    with translations.catalog_path(tree, "djangojs", ".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Room") == "房间"
    assert compiled.ngettext("%s new", "%s new ones", 2) == "%s 条新消息"
    call_command("messages", check=True)


def test_an_update_keeps_translations_and_drops_removed_texts(tree: Path) -> None:
    """A second run changes nothing; after a change of the sources old translations stay and new ones are empty."""
    translate_all(tree)
    before = snapshot(tree)
    call_command("messages")
    assert snapshot(tree) == before
    write(tree, "templates/home.html", '{% load i18n %}{% translate "Welcomes" %}')
    call_command("messages")
    assert 'msgid "Room"\nmsgstr "房间"' in po(tree)
    assert 'msgid "Welcomes"\nmsgstr ""' in po(tree)
    assert '"Welcome"' not in po(tree)
    assert "fuzzy" not in po(tree)


def test_a_fill_leaves_translations_alone_and_names_unknown_texts(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only empty translations are filled; contexts have a column of their own; a line without a tab is an error."""
    write(tree, "chat/more.py", '_("two\\nlines"); pgettext("month", "May")\n')
    translate_all(tree)
    fill(tree, "# a comment", "", "Room\t屋子", "two\\nlines\t两\\n行", "month\tMay\t五月", "Nothing\t无")
    assert 'msgid "Room"\nmsgstr "房间"' in po(tree)
    assert 'msgctxt "month"\nmsgid "May"\nmsgstr "五月"' in po(tree)
    assert capsys.readouterr().err == "no such text: Nothing\n"
    call_command("messages", check=True)
    with pytest.raises(CommandError, match="line 1"):
        fill(tree, "Room 房间")


def test_the_check_names_what_is_not_translated(tree: Path) -> None:
    """Missing and untranslated texts are listed with their files, and nothing is written."""
    before = snapshot(tree)
    with pytest.raises(CommandError, match=r"django: missing: Welcome \(templates/home\.html\)"):
        call_command("messages", check=True)
    assert snapshot(tree) == before
    call_command("messages")
    before = snapshot(tree)
    with pytest.raises(CommandError, match=r"djangojs: untranslated: %s new\|%s new ones \(static/js/parts/app\.js\)"):
        call_command("messages", check=True)
    assert snapshot(tree) == before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("你好，{name}！", "你好！", "django: without {name}: Hello, {name}!"),
        ("你好，{name}！", "你好，{nmae}！", "django: without {name}: Hello, {name}!"),
        ("欢迎", "欢迎 %(who)s", "django: with unknown %(who)s: Welcome"),
        ("%s 条新消息", "新消息", "djangojs: without %s: %s new|%s new ones"),
        ('msgid "Welcome"', '#, fuzzy\nmsgid "Welcome"', "django: fuzzy: Welcome"),
        ("欢迎", "欢迎光临", "django: django.mo is not what django.po compiles to"),
    ],
)
def test_the_check_names_what_is_wrong(tree: Path, old: str, new: str, problem: str) -> None:
    """A lost, invented or misspelt placeholder, a fuzzy translation and a stale compiled catalog are problems."""
    translate_all(tree)
    assert translations.problems(tree) == []
    path = translations.catalog_path(tree, problem.partition(":")[0], ".po")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert any(line.startswith(problem) for line in translations.problems(tree))


def test_without_babel_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the site itself is installed, the command explains what it lacks."""
    monkeypatch.delattr(chatsite, "translations")
    monkeypatch.delitem(sys.modules, "chatsite.translations")
    monkeypatch.setitem(sys.modules, "babel.messages.catalog", None)
    with pytest.raises(CommandError, match=r"requirements-dev\.txt"):
        call_command("messages", check=True)


def test_placeholders() -> None:
    """Named ones count once, the others each time; escaped ones and a lone % are none."""
    found = translations.placeholders("%s %s %(n)d %(n)d {} {x!r:>3} {x} {{y}} 100%% 5 % %.2f")
    assert dict(found) == {"%s": 2, "%(n)d": 1, "{}": 1, "{x}": 1, "%f": 1}
