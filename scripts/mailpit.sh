#!/bin/sh
# Builds the mail server that tests send to, once for each version, and prints
# where it is.
set -eu
cd "$(dirname "$0")/../internal/notify/testdata/mailpit"
version=$(go list -m -f '{{.Version}}' github.com/axllent/mailpit)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/deskside-tests"
binary="$cache/mailpit-$version"
if [ ! -x "$binary" ]; then
	mkdir -p "$cache"
	go build -o "$binary.$$" github.com/axllent/mailpit >&2
	mv "$binary.$$" "$binary"
fi
echo "$binary"
