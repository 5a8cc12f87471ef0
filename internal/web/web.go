// Package web is the server's surface: pages, REST and the live streams.
//
// A handler finds out who is asking, calls the desk, and renders; it decides
// nothing itself. Every refusal goes through one place, which maps a code to
// an HTTP status or a close code (problem.go), and whatever is no refusal is
// logged once there. routes.go shows the whole surface on one screen.
package web

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deskside"
	"deskside/internal/access"
	"deskside/internal/desk"
)

// Options are what the surface needs.
type Options struct {
	Desk           *desk.Desk
	Access         *access.Access
	Files          fs.FS    // dist, texts and pages, as web/web.go embeds them
	BaseURL        *url.URL // links are built from it, and origins compared with it
	Organisation   string
	Contact        string   // how to reach the organisation; may be empty
	Logo           string   // file of the organisation's picture; may be empty
	Colour         string   // "#rrggbb", of what can be pressed; empty for the shipped one
	Country        string   // ISO 3166-1, for phone numbers
	SMSCountries   []string // where text messages may go; empty for anywhere
	Language       string   // of people whose browser asks for none that we have
	TrustedProxies []netip.Prefix
	Relay          Relay                       // nil where it is switched off
	Ready          func(context.Context) error // whether the dependencies are there
	Degraded       func() error                // why the server is slower than it should be; nil for never
	Metrics        *prometheus.Registry
	Logger         *slog.Logger
}

// A Server is the surface. It is an [http.Handler].
type Server struct {
	Options
	handler http.Handler
	routes  []route
	pages   *pages
	texts   *catalogues
	sockets *sockets
	metrics *metrics
	uploads uploads

	spread     time.Duration // over which clients come back; set once the server stops
	onTheirWay atomic.Int64  // requests of participants that are not answered yet

	ctx  context.Context // of everything that outlives its request; ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup // what ctx carries
}

// New returns the surface; Close ends what runs behind it.
func New(opt Options) (*Server, error) {
	s := &Server{Options: opt, metrics: newMetrics(opt.Metrics), uploads: uploads{at: make(map[deskside.FileID]*uploading)}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	var err error
	if s.texts, err = loadCatalogues(opt.Files, opt.Language); err != nil {
		return nil, err
	}
	brand, err := loadBrand(opt.Logo, opt.Colour)
	if err != nil {
		return nil, err
	}
	if s.pages, err = loadPages(opt.Files, s.texts, brand); err != nil {
		return nil, err
	}
	s.sockets = newSockets(s)
	s.routes = s.surface()
	s.handler = s.wrap(s.mux())
	s.wg.Go(s.sockets.run)
	s.wg.Go(s.sockets.runLogins)
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close tells every live stream to come back after a delay spread over
// spread, and waits until they are closed or writeWait has passed. Bytes that
// come are cut off; those that have come are kept.
func (s *Server) Close(spread time.Duration) {
	s.spread = spread
	s.uploads.stop()
	s.sockets.closeAll()
	s.sockets.waitEmpty(writeWait)
	s.stop()
	s.wg.Wait()
}

// delay is how many milliseconds a client is to wait before it comes back to a
// server that stops. Each gets its own, so that they do not come all at once.
func (s *Server) delay() string { return fmt.Sprint(rand.Int64N(s.spread.Milliseconds() + 1)) }
