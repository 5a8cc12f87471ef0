#!/bin/sh
# Builds the helper for the systems that are named (GOOS-GOARCH), or for all,
# and puts them where the server's build takes them from. "here" stands for this
# system and those that were built before: the rest takes minutes the first
# time. $SIGN, if set, is a program that signs the one whose path it gets.
# Nothing is inlined: that makes the download an eighth smaller, and input needs
# no speed.
set -eu
cd "$(dirname "$0")/.."
out=internal/artefact/dist
tmp=.cache/helper
mkdir -p "$tmp"
if [ "${1:-}" = here ]; then
	set -- "$(go env GOHOSTOS)-$(go env GOHOSTARCH)"
	for built in "$out"/*.gz; do
		name=$(basename "$built" .gz)
		[ ! -f "$built" ] || [ "$name" = "$1" ] || set -- "$@" "$name"
	done
fi
[ $# -gt 0 ] || set -- windows-amd64 windows-arm64 darwin-arm64 darwin-amd64 linux-amd64 linux-arm64
for build; do
	echo "the helper for $build"
	flags="-s -w"
	case $build in windows-*) flags="$flags -H windowsgui" ;; esac
	CGO_ENABLED=0 GOOS=${build%-*} GOARCH=${build#*-} \
		go build -tags nethttpomithttp2 -trimpath -buildvcs=false -gcflags=all=-l -ldflags "$flags" -o "$tmp/$build.new" ./cmd/deskside-helper
	[ -z "${SIGN:-}" ] || "$SIGN" "$tmp/$build.new"
	if ! cmp -s "$tmp/$build.new" "$tmp/$build" || [ ! -f "$out/$build.gz" ]; then
		mv "$tmp/$build.new" "$tmp/$build"
		gzip -9nc "$tmp/$build" >"$out/$build.gz"
	fi
	rm -f "$tmp/$build.new"
done
