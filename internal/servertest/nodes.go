package servertest

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"deskside/internal/natstest"
	"deskside/internal/nettest"
	"deskside/internal/node"
	"deskside/internal/postgrestest"
)

// database is that of all tests of a package.
var database *postgrestest.Server

// Main runs a package's tests. With DESKSIDE_NODES set in the environment each
// server in them is two nodes, which share a database: "postgres" for a bus by
// that, "nats" for one by NATS.
func Main(m *testing.M) {
	code := 1
	if os.Getenv("DESKSIDE_NODES") == "" {
		code = m.Run()
	} else {
		postgrestest.While(func(_ testing.TB, s *postgrestest.Server) {
			database = s
			code = m.Run()
		})
	}
	os.Exit(code)
}

// OneNode skips a test of what each node has for itself, where there are two.
func OneNode(t testing.TB) {
	t.Helper()
	if database != nil {
		t.Skip("it is about one node")
	}
}

// databases are those of the data folders: who starts a server again there
// finds what was stored.
var databases = make(map[string]string)

// startTwo runs two nodes behind a balancer that gives each request to the
// other one: whatever follows from a request before happened elsewhere.
func (s *Server) startTwo(t testing.TB, config node.Config) {
	t.Helper()
	var turn atomic.Int64
	var nodes [2]*url.URL
	balancer := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to := nodes[turn.Add(1)%2]
			r.Out.URL.Scheme, r.Out.URL.Host = "http", to.Host
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
		},
		FlushInterval: -1,
	})
	base := &url.URL{Scheme: "http", Host: balancer.Listener.Addr().String()}
	config.BaseURL = base
	config.TrustedProxies = append(config.TrustedProxies, netip.MustParsePrefix("127.0.0.1/32"))
	if databases[config.Data] == "" {
		databases[config.Data] = database.Database(t)
	}
	config.Database = databases[config.Data]
	if os.Getenv("DESKSIDE_NODES") == "nats" {
		config.Bus = natstest.Start(t).URL()
	}
	for i := range nodes {
		config.Listen = nettest.FreeAddr(t)
		nodes[i] = &url.URL{Scheme: "http", Host: config.Listen}
		s.Node, _, _ = s.run(t, config)
	}
	balancer.Start()
	t.Cleanup(balancer.Close)
	s.URL = base.String()
}
