# Deskside. "make run" starts it, "make test" tests it; the rest is below.
# Needed: Go, Node, git and make.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: run build web helpers server test check bench bench-compare torture vuln fmt gallery clean

run: web ## start the server on http://localhost:8080, with its data in ./data and the helper for this system
	scripts/helper.sh here
	$(MAKE) --no-print-directory server
	./bin/deskside serve --listen 127.0.0.1:8080 --base-url http://localhost:8080 --data ./data

build: web helpers server ## build bin/deskside, one static file with the web files and the helpers in it

web:
	scripts/npm.sh production
	go run ./web/build

helpers: ## the helper for every system; the server hands them out
	scripts/helper.sh

server:
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)" -o bin/deskside ./cmd/deskside

test: ## everything that must pass, with what it needs; some 10 minutes once caches are warm
	scripts/needs.sh
	scripts/npm.sh all
	scripts/test.sh

check: ## the quick part of test: no installation, no browser
	scripts/check.sh

bench: build ## measure rate, latency and memory; see docs/performance.md
	scripts/needs.sh
	go test ./internal/store -run '^$$' -bench Update
	go run ./bench
	scripts/npm.sh all
	node_modules/.bin/playwright test -c bench

bench-compare: build ## the same load on Centrifugo, which stores nothing, in turn with this server
	go build -C bench/peers -o ../../.cache/centrifugo github.com/centrifugal/centrifugo/v6
	go run ./bench -scenario compare

torture: ## the tests that take long: 1,000 kills, fuzzing
	scripts/torture.sh

vuln: ## look the modules up among known vulnerabilities
	scripts/vuln.sh

fmt: ## format the Go files
	gofmt -w $$(scripts/gofiles.sh)

gallery: ## a development server with every state of every screen at /_/gallery
	scripts/npm.sh production
	go run ./web/build -gallery
	go run -tags gallery ./cmd/deskside serve --data .cache/gallery

clean: ## remove what was built; data stay
	rm -rf bin .cache e2e/results
	find web/dist -type f ! -name .keep -delete
