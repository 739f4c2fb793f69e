#!/bin/sh
# Sees to a Chromium for the tests: one that is there, or Playwright's own, or Debian's. And to Debian's Firefox, where it
# can be had without asking anybody; without one its tests are skipped.
set -u
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"

install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    $sudo apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "$@" >/dev/null 2>&1
}

if ! .venv/bin/python -m tests.browser >/dev/null 2>&1; then
    echo "Installing a browser for the tests ..."
    if ! .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || ! .venv/bin/python -m tests.browser >/dev/null 2>&1; then
        install chromium fonts-noto-cjk fonts-noto-color-emoji
    fi
    if ! .venv/bin/python -m tests.browser; then
        echo "No Chromium was found, and none could be installed. CHATSITE_CHROMIUM=/path/to/chromium names one." >&2
        exit 1
    fi
fi
if [ "$(id -u)" = 0 ] && [ ! -e .venv/.firefox ] && ! command -v firefox-esr >/dev/null 2>&1; then
    touch .venv/.firefox
    echo "Installing a Firefox for the tests ..."
    install firefox-esr || echo "There is none: what is tried in Firefox too is skipped."
fi
exit 0
