#!/bin/sh
# npm.sh production|all: installs what package-lock.json names, unless that is
# there already. A stamp within node_modules tells; removing node_modules or
# changing the lock file makes the next run install again.
set -eu
cd "$(dirname "$0")/.."

want=$(cksum <package-lock.json)
has() { [ "$(cat "node_modules/.installed-$1" 2>/dev/null)" = "$want" ]; }

case $1 in
production)
	if has production || has all; then exit 0; fi
	npm ci --omit=dev
	;;
all)
	if has all; then exit 0; fi
	npm ci
	;;
*)
	echo "usage: npm.sh production|all" >&2
	exit 2
	;;
esac
mkdir -p node_modules
echo "$want" >"node_modules/.installed-$1"
