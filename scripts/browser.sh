#!/bin/sh
# Sees to a Chromium for the tests: one that is there, or Playwright's own, or Debian's.
set -u
if .venv/bin/python -m tests.browser >/dev/null 2>&1; then
    exit 0
fi
echo "Installing a browser for the tests ..."
if .venv/bin/python -m playwright install chromium >/dev/null 2>&1 && .venv/bin/python -m tests.browser >/dev/null 2>&1; then
    exit 0
fi
if command -v apt-get >/dev/null 2>&1; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    $sudo apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium fonts-noto-cjk fonts-noto-color-emoji >/dev/null 2>&1
fi
if ! .venv/bin/python -m tests.browser; then
    echo "No Chromium was found, and none could be installed. CHATSITE_CHROMIUM=/path/to/chromium names one." >&2
    exit 1
fi
