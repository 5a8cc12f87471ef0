package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTypesAreCurrent fails when a Go type has changed and protocol.ts has not.
func TestTypesAreCurrent(t *testing.T) {
	written, err := os.ReadFile("../../" + protocol)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(protocolTS(), string(written)); diff != "" {
		t.Errorf("run `go run ./web/build -types` (-Go +TypeScript):\n%s", diff)
	}
}
