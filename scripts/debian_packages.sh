#!/usr/bin/env bash
# Installs the Debian packages named, where it may; else says what to type and goes on: what needs them will say so.
set -euo pipefail

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

command -v dpkg-query apt-get >/dev/null || exit 0
missing=()
for package in "$@"; do installed "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=(env)
elif sudo -n true 2>/dev/null; then as_root=(sudo -n env)
else
    echo "Not installed: ${missing[*]}. Type: sudo apt-get install ${missing[*]}" >&2
    exit 0
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
clear_up() { rm -f "$log"; [ -z "${our_policy:-}" ] || "${as_root[@]}" rm -f "$policy"; }
trap clear_up EXIT
if [ ! -e "$policy" ]; then
    # The packages would start servers of the whole system; private ones are all that is wanted.
    our_policy=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

echo "Installing Debian packages: ${missing[*]}"
fetch() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >>"$log" 2>&1; }
fetch install -y --no-install-recommends "${missing[@]}" ||
    { fetch update && fetch install -y --no-install-recommends "${missing[@]}"; } ||
    { tail -n 5 "$log" >&2; echo "Could not install ${missing[*]} (no network?). Type: sudo apt-get install ${missing[*]}" >&2; }
