package node

import (
	"context"
	"fmt"
	"io"

	"github.com/prometheus/client_golang/prometheus"

	"deskside/internal/bus"
	"deskside/internal/desk"
	"deskside/internal/store"
)

// nodeBus is the bus of one node among others, or of the only one.
type nodeBus interface {
	desk.Bus
	io.Closer
	// Healthy says why notices of other nodes may not come now, or nil. Then
	// the poll of the store brings what they would say.
	Healthy() error
	// Dropped counts notices that did not reach the others.
	Dropped() int64
}

// alone is the bus of the only node.
type alone struct{ *bus.Local }

func (alone) Healthy() error { return nil }
func (alone) Dropped() int64 { return 0 }
func (alone) Close() error   { return nil }

// bus opens the bus that the settings ask for: nodes that share nothing but a
// database tell each other by that.
func (c *Config) bus(ctx context.Context, secret []byte) (nodeBus, error) {
	opt := bus.Options{Installation: secret, Logger: c.Logger}
	switch {
	case c.Bus != "" && !store.IsPostgres(c.Database):
		return nil, fmt.Errorf("a bus is for nodes that share a database: database must be a postgres:// URL")
	case c.Bus != "":
		return bus.OpenNATS(ctx, c.Bus, opt)
	case store.IsPostgres(c.Database):
		return bus.OpenPostgres(ctx, c.Database, opt)
	}
	return alone{bus.NewLocal()}, nil
}

// measure adds what an operator watches of the store and the bus.
func (n *Node) measure(registry *prometheus.Registry) {
	registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "deskside_store_up", Help: "1 while the database stores."},
			func() float64 { return up(n.store.Ready(context.Background())) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "deskside_bus_up", Help: "1 while notices of other nodes come; else the database is asked each second."},
			func() float64 { return up(n.bus.Healthy()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "deskside_bus_dropped_total", Help: "Notices to other nodes that had no place to wait."},
			func() float64 { return float64(n.bus.Dropped()) }))
}

func up(err error) float64 {
	if err != nil {
		return 0
	}
	return 1
}
