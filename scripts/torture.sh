#!/bin/sh
# The tests that take long: the server is killed 1,000 times while people
# write, and every fuzz target runs for FUZZTIME (two minutes by default).
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh

export DESKSIDE_KILLS="${DESKSIDE_KILLS:-1000}"
step go test -count=1 -timeout 2h -v ./internal/crashtest

grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | while read -r file; do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$file"); do
		step go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-2m}" "$(dirname "$file")"
	done
done
