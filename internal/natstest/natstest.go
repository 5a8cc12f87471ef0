// Package natstest runs NATS servers within the test's process, on free ports
// of 127.0.0.1.
package natstest

import (
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startFor bounds how long a server takes to answer, and a cluster to meet.
const startFor = 10 * time.Second

// A Server is a NATS server.
type Server struct {
	options server.Options
	running *server.Server
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	return start(t, server.Options{})
}

// Cluster runs n servers that form a cluster, and returns once they have met.
func Cluster(t testing.TB, n int) []*Server {
	t.Helper()
	var all []*Server
	var seed []*url.URL
	for range n {
		s := start(t, server.Options{Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: -1}, Routes: seed})
		if seed == nil {
			seed = []*url.URL{{Scheme: "nats", Host: s.running.ClusterAddr().String()}}
		}
		all = append(all, s)
	}
	until(t, "the cluster meets", func() bool {
		for _, s := range all {
			if s.running.NumRoutes() == 0 {
				return false
			}
			routes, err := s.running.Routez(nil)
			if err != nil || remotes(routes) < n-1 {
				return false
			}
		}
		return true
	})
	return all
}

// remotes counts the servers to which one has routes.
func remotes(routes *server.Routez) int {
	seen := make(map[string]bool)
	for _, r := range routes.Routes {
		seen[r.RemoteID] = true
	}
	return len(seen)
}

func start(t testing.TB, options server.Options) *Server {
	t.Helper()
	options.Host, options.Port, options.NoLog, options.NoSigs = "127.0.0.1", -1, true, true
	s := &Server{options: options}
	s.Run(t)
	_, port, err := net.SplitHostPort(s.running.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if s.options.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Run runs the server, again after Stop at the same address.
func (s *Server) Run(t testing.TB) {
	t.Helper()
	options := s.options
	running, err := server.NewServer(&options)
	if err != nil {
		t.Fatal(err)
	}
	go running.Start()
	if !running.ReadyForConnections(startFor) {
		t.Fatal("NATS does not answer")
	}
	s.running = running
}

// Stop ends the server.
func (s *Server) Stop() {
	s.running.Shutdown()
	s.running.WaitForShutdown()
}

// URL is where the server answers.
func (s *Server) URL() string {
	return "nats://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.Port))
}

// Subscriptions returns how many subjects clients of the server listen to.
func (s *Server) Subscriptions(t testing.TB) (n int) {
	t.Helper()
	connections, err := s.running.Connz(&server.ConnzOptions{Subscriptions: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range connections.Conns {
		n += len(c.Subs)
	}
	return n
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(startFor); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}
