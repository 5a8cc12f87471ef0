#!/bin/sh
# Everything that must pass. The web files are built before the Go tests, so
# that those look at what people get; vet has compiled the server without them
# by then.
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh

examine
step env GOOS=windows go vet ./internal/helper/... ./cmd/deskside-helper
step env GOOS=darwin go vet ./internal/helper/... ./cmd/deskside-helper
step node_modules/.bin/tsc --noEmit -p .
step go run ./web/build -test
step make --no-print-directory build
step small bin/deskside $((40000000 + $(cat internal/artefact/dist/*.gz | wc -c))) # without the helpers
for helper in .cache/helper/*-*; do
	step small "$helper" 8000000
	step small "internal/artefact/dist/$(basename "$helper").gz" 3000000 # as downloaded
done
step env CI=true go test -race ./... # CI: what it needs is there, so nothing is skipped
step env CI=true DESKSIDE_NODES=nats go test ./internal/web # the same, with each server two nodes
step node_modules/.bin/playwright test -c e2e
