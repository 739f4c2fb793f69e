"""No message takes long to render: all that a process stores waits on one thread for it."""

import time

import pytest

from chat.markup import mention_candidates, render
from chat.texts import MAX_LENGTH

SECONDS = 0.5
"""What no single message may take; here twice that is allowed, on machines that do other things too."""

SIGNS = [
    ">", "*", "[", "`", "(", "@", "- ", "![", "[a](", "[](", "**a", "_a ", "~~", "> - ", "1. ", "<", "\\",
    "http://a", "://",
    "*a_", "`a``", "@a ", "@小", "- - ", "\n- ", "> > ", "***", "[a]", "&", "mailto:", "~~~\n", "```\n", "a*",
    "_", "<http://a ",
    "\n", " \n", "\t", "]", "](", "<!--", "|", "* * ", "[![", "a@b.c ", "http://a.b/(", "\u0301", "😀",
    "```py\n", "\\\n", "0. ",
    "@a b", "mailto:a@", "http://[", "https://a.b?c#", "\u200b", "'\"", "-\n", "+ a\n", "> \n",
]  # fmt: skip
NESTED = [
    "> " * 1999 + "x", "[" * 1900 + "a" + "](http://a)" * 190, "*" * 2000 + "a" + "*" * 1999, "(" * 2000 + ")" * 2000,
    "".join(" " * depth + "- a\n" for depth in range(80)), "`" * 1999 + "a" + "`" * 1999,
    "**a *b " * 500 + "c* d** " * 60,
    "```python\n" + "(" * 3900, "```\n" + "x" * 3900, "```html\n" + "<a " * 1300, "```js\n" + "`${" * 1200,
    "~~~\n```\n" * 490,
]  # fmt: skip
LANGUAGES = {
    "csharp": ["a\n", "a[]\n", "a \n"], "c": ["\n", " \n", "a *\n"], "cpp": ["\n", " \n"], "objc": ["\n"],
    "java": ["\n", "a\n", "a ", "a<\n"], "fortran": ['\\"'], "make": ["a", "(", "_"], "markdown": ["\n"],
    "typescript": ["a.", '\\"'], "groovy": ["a\n"], "python": ['"""', "'", "f\"{"], "perl": ["q(", "s/", "$"],
    "html": ["<a ", "<!--", "&"], "php": ["<?", "$a->"], "ruby": ["#{", "%", "=begin"], "bash": ["$(", "<<a\n"],
}  # fmt: skip
CODE = [(name, sign) for name, signs in LANGUAGES.items() for sign in signs]


def seconds(body: str) -> float:
    """Return how long a message takes, the better of two tries."""
    best = 10.0
    for _try in range(2):
        started = time.thread_time()
        mention_candidates(body)
        render(body, {"a": 1})
        best = min(best, time.thread_time() - started)
        if best < SECONDS / 2:
            break
    return best


@pytest.mark.parametrize("sign", SIGNS)
def test_four_thousand_times_the_same_takes_no_time(sign: str) -> None:
    assert seconds((sign * MAX_LENGTH)[:MAX_LENGTH]) < 2 * SECONDS
    assert seconds(("a" + sign * MAX_LENGTH)[:MAX_LENGTH]) < 2 * SECONDS


@pytest.mark.parametrize("body", NESTED, ids=range(len(NESTED)))
def test_deep_nesting_and_what_is_never_closed_take_no_time(body: str) -> None:
    assert seconds(body[:MAX_LENGTH]) < 2 * SECONDS


@pytest.mark.parametrize(("language", "sign"), CODE)
def test_no_code_takes_long_to_highlight(language: str, sign: str) -> None:
    fence = f"```{language}\n"
    assert seconds(fence + (sign * MAX_LENGTH)[: MAX_LENGTH - len(fence)]) < SECONDS


def test_what_is_rendered_does_not_grow_without_bound() -> None:
    """Each coloured sign of code is a tag of its own: a text of 4,000 characters must not become a frame's worth."""
    longest = max(len(render((sign * MAX_LENGTH)[:MAX_LENGTH], {"a": 1}).html) for sign in SIGNS)
    coded = max(len(render(f"```{name}\n" + "+ 1 - a\n" * 490, {}).html) for name in LANGUAGES)
    assert max(longest, coded) < 200_000
