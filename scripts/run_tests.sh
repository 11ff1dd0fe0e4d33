#!/usr/bin/env bash
# Every test: first those that measure and want the machine to themselves, then the rest side by side.
# Usage: run_tests.sh WORKERS [more words for pytest]
set -uo pipefail
workers=$1
shift
# Tests that were compiled once need not be by each of the test processes.
export PYTHONDONTWRITEBYTECODE=
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() {
    .venv/bin/pytest "$@" 2>&1 | tee -a "$log"
    local code=${PIPESTATUS[0]}
    [ "$code" -eq 5 ] && code=0 # None selected.
    return "$code"
}

# From the last line of each of pytest's runs: "3 failed, 40 passed, 2 deselected in 9.81s".
count() {
    grep -E '^[0-9]+ [a-z]+.* in [0-9.]+s' "$log" | grep -oE "[0-9]+ $1" | awk '{total += $1} END {print total + 0}'
}

failed=0
# Where all are run, five thousand others need not be collected to find these.
files=()
[ $# -gt 0 ] || mapfile -t files < <(grep -rl --include='test_*.py' 'pytest.mark.alone' tests)
run -m alone "${files[@]}" "$@" || failed=1
run -m "not alone" -n "$workers" --dist worksteal "$@" || failed=1
echo "$(count passed) passed, $(($(count failed) + $(count 'errors?'))) failed, $(count skipped) skipped"
exit "$failed"
