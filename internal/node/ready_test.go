package node_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"deskside/internal/natstest"
	"deskside/internal/nettest"
	"deskside/internal/node"
	"deskside/internal/postgrestest"
	"deskside/internal/servertest"
)

// TestReadyAndMetrics takes away the bus, and then the database: load
// balancers and operators are told, and told again that all is well.
func TestReadyAndMetrics(t *testing.T) {
	servertest.OneNode(t)
	database, bus := postgrestest.Start(t), natstest.Start(t)
	cable := nettest.NewCable(t, database.Addr)
	s := servertest.Start(t, func(c *node.Config) {
		c.Database = strings.Replace(database.Database(t), database.Addr, cable.Address(), 1)
		c.Bus = bus.URL()
	})
	browser := s.Browser(t)
	eventually := func(what string, status int, answer, storeUp, busUp string) {
		t.Helper()
		servertest.Eventually(t, what, func() bool {
			ready, metrics := browser.Get(t, "/readyz"), string(browser.Get(t, "/metrics").Body)
			is := func(name, value string) bool {
				return regexp.MustCompile("(?m)^deskside_" + name + "_up " + value + "$").MatchString(metrics)
			}
			return ready.Status == status && strings.HasPrefix(string(ready.Body), answer) && is("store", storeUp) && is("bus", busUp)
		})
	}
	eventually("all is well", http.StatusOK, "ready\n", "1", "1")
	bus.Stop()
	eventually("the bus is away", http.StatusOK, "ready, but slow: ", "1", "0")
	bus.Run(t)
	eventually("the bus is back", http.StatusOK, "ready\n", "1", "1")
	cable.Snap()
	eventually("the database is away", http.StatusServiceUnavailable, "", "0", "1")
	cable.Mend()
	eventually("the database is back", http.StatusOK, "ready\n", "1", "1")
}
