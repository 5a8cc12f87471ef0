#!/bin/sh
# The tests that take long: the server is killed 1,000 times while people
# write, three nodes are tortured for ten minutes, all of web runs on two nodes
# that have nothing but a database, and every fuzz target runs for FUZZTIME (two
# minutes by default).
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh

export DESKSIDE_KILLS="${DESKSIDE_KILLS:-1000}"
export DESKSIDE_TORTURE="${DESKSIDE_TORTURE:-10m}"
step go test -count=1 -timeout 3h -v ./internal/crashtest
step env DESKSIDE_NODES=postgres go test -count=1 ./internal/web

grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | while read -r file; do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$file"); do
		step go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-2m}" "$(dirname "$file")"
	done
done
