#!/bin/sh
# Lists the Go files of this repository, tracked or new.
set -eu
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard '*.go' | while read -r file; do
	[ ! -f "$file" ] || echo "$file"
done
