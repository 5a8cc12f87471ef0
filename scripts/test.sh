#!/bin/sh
# Everything that must pass. The web files are built before the Go tests, so
# that those look at what people get; vet has compiled the server without them
# by then.
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh

examine
step node_modules/.bin/tsc --noEmit -p .
step go run ./web/build -test
step make --no-print-directory build
step small bin/deskside 40000000
step env CI=true go test -race ./... # CI: what it needs is there, so nothing is skipped
step node_modules/.bin/playwright test -c e2e
