package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/urfave/cli/v3"

	"deskside/internal/node"
)

// stopWithin bounds a graceful stop.
const stopWithin = 30 * time.Second

func serveCommand(env func(string) string, std streams) *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "run the server",
		Description: "With nothing set it serves http://localhost:8080 and keeps its data in ./data.\n" +
			"At the first start it prints a one-time link that makes the first administrator.\n" +
			"SIGTERM or Ctrl+C stops it gracefully; a second one at once.",
		Flags: settingFlags(),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			values, _, err := load(cmd, env)
			if err != nil {
				return err
			}
			return serve(ctx, values, std)
		},
	}
}

// serve runs a server until ctx ends.
func serve(ctx context.Context, s settings, std streams) error {
	config := s.node(logger(s, std.err))
	setup := ""
	config.Ready = func(url string) { announce(std.out, url, setup) }
	n, err := node.Open(ctx, config)
	if err != nil {
		return err
	}
	if setup, err = n.Access().SetupToken(ctx); err != nil {
		return errors.Join(err, n.Close())
	}
	return within(ctx, stopWithin, func() error { return n.Serve(ctx) })
}

// announce says where the server is and, while nobody has an account, which
// link makes the first one. The link stands on a line of its own, so that
// every terminal can open it and every script can find it.
func announce(w io.Writer, url, setup string) {
	fmt.Fprintf(w, "Deskside is ready at %s\n", url)
	if setup != "" {
		fmt.Fprintf(w, "Nobody has an account yet. This link makes the first administrator, once:\n%s/setup/%s\n", url, setup)
	}
}

// within runs f, and gives up on it when it still runs that long after ctx
// has ended.
func within(ctx context.Context, limit time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("still busy %s after the signal to stop; stopped all the same", limit)
	}
}

// logger writes as the settings say.
func logger(s settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.logLevel}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// node returns the settings as the node takes them.
func (s settings) node(log *slog.Logger) node.Config {
	return node.Config{
		Listen: s.listen, BaseURL: s.baseURL, Data: s.data, Database: s.database, Replica: s.replica, Bus: s.bus, SecretFile: s.secretFile,
		Organisation: s.organisation, Contact: s.contact, Language: s.language, Country: s.country,
		KeyLife: s.keyLife, IdleEnd: s.idleEnd, KeepMessages: s.keepMessages,
		Files: s.files, KeepFiles: s.keepFiles, Relay: s.relay,
		Logo: s.logo, Colour: s.colour, SMTP: s.smtp, SMS: s.sms, SMSCountries: s.smsCountries,
		InvitationsPerDay: s.perDay, KeepAddresses: s.keepAddresses,
		TLSCert: s.tlsCert, TLSKey: s.tlsKey, TrustedProxies: s.trustedProxies,
		Logger: log,
	}
}
