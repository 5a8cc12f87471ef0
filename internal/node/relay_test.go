package node_test

import (
	"testing"

	"deskside/internal/node"
)

// TestRelayEndsByAClearNoOnly: a session that is none has no view; where the
// store can't be read, nobody knows.
func TestRelayEndsByAClearNoOnly(t *testing.T) {
	n, err := node.Open(t.Context(), node.Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if n.MayRelay("none", "") || n.MayRelay("none", "somebody") {
		t.Error("something is carried for a session that is none")
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if !n.MayRelay("none", "") || !n.MayRelay("none", "somebody") {
		t.Error("what is carried ends because the store can't be read")
	}
}
