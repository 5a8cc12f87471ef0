# To be read by the scripts that run several steps: each is printed before it
# runs, and how long it took afterwards.
step() {
	printf '\n== %s\n' "$*"
	began=$(date +%s)
	"$@"
	printf '   (%d s)\n' "$(($(date +%s) - began))"
}

formatted() {
	unformatted=$(gofmt -l $(scripts/gofiles.sh))
	[ -z "$unformatted" ] && return
	echo "not formatted; run make fmt:" >&2
	echo "$unformatted" >&2
	return 1
}

small() { # small FILE BYTES
	size=$(wc -c <"$1")
	echo "$1 has $size bytes; $2 are allowed"
	[ "$size" -lt "$2" ]
}

# What the Go tools say about the sources, before anything is built for the web.
examine() {
	step formatted
	step go vet ./...
	step go tool staticcheck ./...
	step go test -run Architecture .
}
