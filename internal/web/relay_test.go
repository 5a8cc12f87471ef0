package web_test

import (
	"slices"
	"testing"

	"deskside/internal/node"
	"deskside/internal/servertest"
)

// A relayOffer is what a connection test gets.
type relayOffer struct {
	One, Another struct {
		ICEServers []struct {
			URLs     []string
			Username string
		}
	}
	Off bool
}

// TestConnectionTest has several addresses to try: each with credentials of
// its own, for both ends.
func TestConnectionTest(t *testing.T) {
	s := servertest.Start(t, func(c *node.Config) {
		c.Relay.Listen = []node.RelayAddress{{Transport: "udp", Address: "127.0.0.1:0"}, {Transport: "tcp", Address: "127.0.0.1:0"}}
	})
	var o relayOffer
	s.Agent(t, "Ada").Get(t, "/api/relay").Decode(t, &o)
	ways := len(o.One.ICEServers) // STUN, UDP and TCP, and the server's own port where no proxy is in front of it
	if o.Off || ways < 3 || ways > 4 || len(o.Another.ICEServers) != ways {
		t.Fatalf("offered %+v", o)
	}
	var names []string
	for i, one := range o.One.ICEServers {
		other := o.Another.ICEServers[i]
		if len(one.URLs) != 1 || !slices.Equal(one.URLs, other.URLs) {
			t.Errorf("one end is offered %v, the other %v", one.URLs, other.URLs)
		}
		names = append(names, one.Username, other.Username)
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != 2*ways {
		t.Errorf("%d sets of credentials for %d ends", n, 2*ways)
	}
}

// TestConnectionTestOff says why there is nothing to try.
func TestConnectionTestOff(t *testing.T) {
	s := servertest.Start(t, func(c *node.Config) { c.Relay.Off = true })
	var o relayOffer
	s.Agent(t, "Ada").Get(t, "/api/relay").Decode(t, &o)
	if !o.Off || o.One.ICEServers == nil || len(o.One.ICEServers) != 0 {
		t.Errorf("offered %+v", o)
	}
}
