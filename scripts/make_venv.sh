#!/usr/bin/env bash
# Makes .venv with a Python that GDial can use, or says what to install. PYTHON names another Python.
set -euo pipefail

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo "not there"; }

python=""
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if fits "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "GDial needs Python 3.11 or newer; ${PYTHON:-python3} here is $(version_of "${PYTHON:-python3}")." >&2
    echo "With a newer one installed, name it: PYTHON=python3.12 make setup" >&2
    exit 1
fi
version=$(version_of "$python")
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "Python $version here comes without its venv module. Type: sudo apt install python$version-venv" >&2
    exit 1
fi
echo "Making .venv with Python $version"
rm -rf .venv
"$python" -m venv .venv
