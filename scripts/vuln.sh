#!/bin/sh
# Runs govulncheck. VULNDB names another database than vuln.go.dev: an address,
# like file:///srv/vulndb, or a folder.
set -eu
cd "$(dirname "$0")/.."

db=${VULNDB:-https://vuln.go.dev}
case $db in
*://*) ;;
*) db=file://$(cd "$db" && pwd) ;;
esac
exec go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 -db "$db" ./...
