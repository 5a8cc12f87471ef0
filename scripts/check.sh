#!/bin/sh
# The quick part of the tests: needs nothing beyond Go, and looks at the
# TypeScript too where its compiler is installed.
set -eu
cd "$(dirname "$0")/.."
. scripts/steps.sh

examine
step env GOOS=windows go vet ./internal/helper/... ./cmd/deskside-helper
step env GOOS=darwin go vet ./internal/helper/... ./cmd/deskside-helper
step go test ./...
if [ -x node_modules/.bin/tsc ]; then
	step node_modules/.bin/tsc --noEmit -p .
	step go run ./web/build -test
else
	echo "== tsc is not installed: TypeScript not checked, nor tested (make test installs it)"
fi
