// Package node is one running server, opened from plain values. It is the one
// place that knows every other package, and the one that picks one node or
// many.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deskside"
	"deskside/internal/access"
	"deskside/internal/desk"
	"deskside/internal/relay"
	"deskside/internal/store"
	"deskside/internal/web"
	files "deskside/web"
)

// Config is what a node needs to know. The zero value of a field stands for
// its default, but Data must be set.
type Config struct {
	Listen            string   // address to listen on
	BaseURL           *url.URL // how people reach the server; by default, where it listens
	Data              string   // the folder that holds the database, the secret and the bytes of files, unless they are elsewhere
	Database          string   // URL of a PostgreSQL database that nodes share; by default a file in Data
	Replica           string   // URL of a server that follows it, for reads of History
	Bus               string   // URL of the NATS server by which nodes tell each other; by default the database does
	SecretFile        string   // by default DATA/secret; made where it is missing
	Organisation      string
	Contact           string
	Logo              string
	Colour            string
	Language          string
	Country           string
	SMTP              SMTP     // sends mails; none without a host
	SMS               SMS      // sends text messages; none without a gateway
	SMSCountries      []string // ISO 3166-1; nil for all
	InvitationsPerDay int
	KeepAddresses     time.Duration
	KeyLife           time.Duration
	IdleEnd           time.Duration
	KeepMessages      time.Duration
	KeepFiles         time.Duration
	Files             Files
	Relay             Relay
	TLSCert           string
	TLSKey            string
	TrustedProxies    []netip.Prefix
	Logger            *slog.Logger
	Ready             func(url string) // called once the server answers
	Clock             func() time.Time // for tests
	KeyPatience       time.Duration    // for tests: see desk.Options.Patience
}

// The defaults.
const (
	DefaultListen        = "127.0.0.1:8080"
	DefaultIdleEnd       = 24 * time.Hour
	DefaultKeepMessages  = 90 * 24 * time.Hour
	DefaultKeepAddresses = 30 * 24 * time.Hour
	DefaultKeepFiles     = 7 * 24 * time.Hour
	defaultPatience      = 250 * time.Millisecond
)

const (
	// spread is over how long clients come back after a restart.
	spread = 3 * time.Second
	// drain bounds how long requests may still run once the server stops.
	drain = 20 * time.Second
)

// A Node is one running server.
type Node struct {
	config Config
	store  *store.Store
	bus    nodeBus
	desk   *desk.Desk
	access *access.Access
	log    *slog.Logger

	closeFiles  func() error
	relaySecret []byte
}

// Open opens the node's data, and makes it where there is none.
func Open(ctx context.Context, config Config) (*Node, error) {
	config.setDefaults()
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	secret, err := loadSecret(config.SecretFile)
	if err != nil {
		return nil, err
	}
	vault, err := desk.NewVault(secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.SecretFile, err)
	}
	senders, err := config.senders()
	if err != nil {
		return nil, err
	}
	fileOptions, closeFiles, err := config.files(ctx)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, config.Database, store.Options{Clock: config.Clock, Logger: config.Logger, Replica: config.Replica})
	if err != nil {
		return nil, errors.Join(err, closeFiles())
	}
	notices, err := config.bus(ctx, secret)
	if err != nil {
		return nil, errors.Join(err, db.Close(), closeFiles())
	}
	d := desk.New(db, notices, desk.Options{
		Vault: vault, Node: deskside.NewID(), KeyLife: config.KeyLife, IdleEnd: config.IdleEnd,
		KeepFor: config.KeepMessages, Clock: config.Clock, Logger: config.Logger, Patience: config.KeyPatience,
		Senders: senders, DailyLetters: config.InvitationsPerDay, KeepAddresses: config.KeepAddresses,
		Files: fileOptions, Relay: config.Relay.Host,
	})
	return &Node{config: config, store: db, bus: notices, closeFiles: closeFiles, relaySecret: vault.RelaySecret(), desk: d, access: access.New(db, config.Clock), log: config.Logger}, nil
}

func (c *Config) setDefaults() {
	set(&c.Listen, DefaultListen)
	set(&c.Database, filepath.Join(c.Data, "deskside.db"))
	set(&c.SecretFile, filepath.Join(c.Data, "secret"))
	set(&c.Organisation, "Deskside")
	set(&c.Language, "en")
	set(&c.Country, "DE")
	set(&c.KeyLife, deskside.DefaultKeyLife)
	set(&c.IdleEnd, DefaultIdleEnd)
	set(&c.KeepMessages, DefaultKeepMessages)
	set(&c.KeepAddresses, DefaultKeepAddresses)
	set(&c.KeepFiles, DefaultKeepFiles)
	set(&c.Files.Rules.MostEach, DefaultFileSize)
	set(&c.Files.Rules.MostSession, DefaultSessionSize)
	set(&c.KeyPatience, defaultPatience)
	set(&c.Logger, slog.New(slog.DiscardHandler))
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Ready == nil {
		c.Ready = func(string) {}
	}
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// loadSecret reads the server's secret, and makes one at the first start.
func loadSecret(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	if !errors.Is(err, os.ErrNotExist) {
		return secret, err
	}
	secret = desk.NewSecret()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the secret: %w", err)
	}
	_, err = f.Write(secret)
	return secret, errors.Join(err, f.Sync(), f.Close())
}

// Access administers the agents.
func (n *Node) Access() *access.Access { return n.access }

// Close closes the node's data. Serve does so itself.
func (n *Node) Close() error { return errors.Join(n.bus.Close(), n.store.Close(), n.closeFiles()) }

// Serve answers until ctx ends; then it sends everybody away, to come back to
// the next server, finishes what has begun, and closes the node.
func (n *Node) Serve(ctx context.Context) error {
	listener, err := n.listen()
	if err != nil {
		return errors.Join(err, n.Close())
	}
	base, metrics := n.base(listener), prometheus.NewRegistry()
	clock, stopClock := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	access := web.Relay(nil)
	if !n.config.Relay.Off {
		http, turn := relay.Split(listener)
		r, err := n.openRelay(turn, base)
		if err != nil {
			stopClock()
			return errors.Join(err, listener.Close(), n.Close())
		}
		defer r.Close()
		r.measure(metrics)
		running.Go(func() { r.run(clock, n.mayRelay) })
		listener, access = http, r.access
	}
	n.measure(metrics)
	surface, err := n.surface(base, access, metrics)
	if err != nil {
		stopClock()
		return errors.Join(err, listener.Close(), n.Close())
	}
	running.Go(func() { n.desk.Run(clock) })
	running.Go(func() { calm(clock) })

	server := &http.Server{
		Handler:           surface,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	n.config.Ready(surface.BaseURL.String())

	select {
	case err = <-failed:
	case <-ctx.Done():
		err = nil
		n.log.Info("stopping")
	}
	surface.Close(spread)
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if late := server.Shutdown(shutdown); late != nil {
		n.log.Info("cutting off what still runs", "reason", late) // a large download goes on from where it was
		err = errors.Join(err, server.Close())
	}
	stopClock()
	running.Wait()
	return errors.Join(err, n.Close())
}

func (n *Node) listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", n.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if n.config.TLSCert == "" {
		return listener, nil
	}
	secure, err := n.secured(listener, "http/1.1", "stun.turn")
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return secure, nil
}

// base returns how people reach the server.
func (n *Node) base(listener net.Listener) *url.URL {
	if n.config.BaseURL != nil {
		return n.config.BaseURL
	}
	scheme := "http"
	if n.config.TLSCert != "" {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: listener.Addr().String()}
}

func (n *Node) surface(base *url.URL, relay web.Relay, metrics *prometheus.Registry) (*web.Server, error) {
	return web.New(web.Options{
		Desk: n.desk, Access: n.access, Files: files.Files, BaseURL: base,
		Organisation: n.config.Organisation, Contact: n.config.Contact,
		Logo: n.config.Logo, Colour: n.config.Colour,
		Country: n.config.Country, SMSCountries: n.config.SMSCountries, Language: n.config.Language, TrustedProxies: n.config.TrustedProxies,
		Ready: n.store.Ready, Degraded: n.bus.Healthy, Metrics: metrics, Logger: n.log, Relay: relay,
	})
}
