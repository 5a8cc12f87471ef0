package node_test

import (
	"net/url"
	"slices"
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

// TestRelayByTheServersPort: where another program stands in front of it, that
// passes nothing but HTTP on.
func TestRelayByTheServersPort(t *testing.T) {
	for _, c := range []struct {
		base                string
		terminates, proxied bool
		want                []string
	}{
		{"https://help.example", true, false, []string{"turns:help.example:443?transport=tcp"}},
		{"https://help.example:8443", true, false, []string{"turns:help.example:8443?transport=tcp"}},
		{"http://localhost:8080", false, false, []string{"turn:localhost:8080?transport=tcp"}},
		{"https://help.example", false, true, nil},
		{"https://help.example", false, false, nil},
		{"https://help.example", true, true, nil}, // the certificate is for relay-listen
	} {
		base, err := url.Parse(c.base)
		if err != nil {
			t.Fatal(err)
		}
		if got := node.SharedOffer(base, c.terminates, c.proxied)(base.Hostname()); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
