package web_test

import (
	"strings"
	"testing"

	"deskside/internal/nettest"
	"deskside/internal/node"
	"deskside/internal/postgrestest"
	"deskside/internal/servertest"
)

// TestBeatsGoOnWhileTheDatabaseIsSilent: the logins behind the sockets can't
// be checked, which keeps no beat waiting.
func TestBeatsGoOnWhileTheDatabaseIsSilent(t *testing.T) {
	servertest.OneNode(t)
	database := postgrestest.Start(t)
	cable := nettest.NewCable(t, database.Addr)
	defer cable.Mend()
	s := servertest.Start(t, func(c *node.Config) {
		c.Database = strings.Replace(database.Database(t), database.Addr, cable.Address(), 1)
	})
	agent := s.Agent(t, "Ada")
	var sockets []*servertest.Socket
	for range 15 {
		agent.SignIn(t, "ada@example.org", servertest.Password) // a login of its own
		socket, _, err := agent.Dial(t, "/api/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, socket)
	}
	cable.Deaden()
	had := make([]int64, len(sockets))
	for i, socket := range sockets {
		had[i] = socket.Beats()
	}
	for i, socket := range sockets {
		servertest.Eventually(t, "the sockets hear beats", func() bool { return socket.Beats() > had[i]+1 })
	}
}
