#!/bin/sh
# Makes the virtual environment $1 with the newest Python from 3.11 on that is found; says what is missing otherwise.
set -u
venv=$1
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$python
        "$python" -c 'import ensurepip, venv' 2>/dev/null && break
    fi
done
if [ -z "${found:-}" ]; then
    echo "Python 3.11 or newer is needed, and was not found." >&2
    echo "Debian or Ubuntu: apt install python3 python3-venv    macOS: brew install python" >&2
    exit 1
fi
if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "This Python has no venv and ensurepip. Debian and Ubuntu: apt install python$version-venv" >&2
    exit 1
fi
echo "Making $venv with $("$found" --version) ..."
rm -rf "$venv"
"$found" -m venv "$venv" || { rm -rf "$venv"; exit 1; }
