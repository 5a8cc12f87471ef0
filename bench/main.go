// Command bench puts a Deskside server under load and prints what it reached.
//
// It is a process of its own and runs the server as another, on the same
// machine. Every scenario is bounded in time and stops by itself.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"deskside/internal/postgrestest"
)

// settings are what the flags say.
type settings struct {
	binary   string
	address  string
	server   string
	email    string
	password string
	sessions int
	rate     int
	seconds  int
	idle     int
	arrivals int
	database string // sqlite or postgres
	nodes    int    // of the server
	bus      string // of several nodes: postgres or nats
	plot     string // where growth draws
	cpus     string // on which the server runs, as taskset takes them; "" for all

	peer       string // the program with which compare compares
	centrifugo string // the program of the peer that is under load instead; "" for Deskside

	services *services // nil where no scenario needs them
}

var scenarios = []struct {
	name string
	run  func(settings) error
}{
	{"start", startup},
	{"idle", idle},
	{"join", joinStorm},
	{"files", files},
	{"relay", relayLoad},
	{"chat", chat},
	{"single", single},
	{"search", search},
	{"nodes", nodes},
	{"overload", overload},
	{"growth", growth},
	{"compare", compare},
}

// onlyAlone are the scenarios that are no part of all.
var onlyAlone = []string{"compare"}

func main() {
	var s settings
	var names []string
	for _, one := range scenarios {
		names = append(names, one.name)
	}
	scenario := flag.String("scenario", "all", "one of "+strings.Join(names, ", ")+", or all")
	flag.StringVar(&s.binary, "binary", "bin/deskside", "the server")
	flag.StringVar(&s.address, "address", "127.0.0.1:18080", "where the server listens; more nodes take the ports that follow")
	flag.StringVar(&s.server, "server", "", "URL of a server that runs already, instead; nothing is known of its CPU and memory then")
	flag.StringVar(&s.email, "email", "bench@example.org", "the agent who starts the sessions")
	flag.StringVar(&s.password, "password", "correct horse battery", "their password")
	flag.IntVar(&s.sessions, "sessions", 500, "sessions of two sockets, in chat")
	flag.IntVar(&s.rate, "rate", 0, "messages a second, in chat; 0 for 1,000 and then 8,000")
	flag.IntVar(&s.seconds, "seconds", 8, "how long each rate is held")
	flag.IntVar(&s.idle, "idle", 10_000, "sockets, in idle")
	flag.IntVar(&s.arrivals, "arrivals", 1000, "end-users who arrive in 10 s, in join")
	flag.StringVar(&s.database, "database", "sqlite", "sqlite or postgres, of which a server is started")
	flag.IntVar(&s.nodes, "nodes", 1, "nodes of the server; more than one need -database postgres")
	flag.StringVar(&s.bus, "bus", "postgres", "by which several nodes tell each other: postgres or nats")
	flag.StringVar(&s.plot, "plot", "", "the SVG file in which growth draws what it found")
	flag.StringVar(&s.peer, "centrifugo", ".cache/centrifugo", "the program of Centrifugo, for compare")
	flag.Parse()
	if err := s.check(*scenario, names); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Printf("%s, %d CPUs, server and generator on the same ones, %s\n", runtime.Version(), runtime.NumCPU(), time.Now().Format(time.DateOnly))
	var err error
	if s.database == "postgres" || *scenario == "all" || *scenario == "nodes" {
		postgrestest.While(func(tb testing.TB, postgres *postgrestest.Server) {
			s.services = &services{tb: tb, postgres: postgres}
			err = s.run(*scenario)
		})
	} else {
		err = s.run(*scenario)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check says what is wrong with the flags.
func (s *settings) check(scenario string, names []string) error {
	switch {
	case scenario != "all" && !slices.Contains(names, scenario):
		return fmt.Errorf("there is no scenario %q", scenario)
	case s.database != "sqlite" && s.database != "postgres":
		return fmt.Errorf("there is no database %q", s.database)
	case s.bus != "postgres" && s.bus != "nats":
		return fmt.Errorf("there is no bus %q", s.bus)
	case s.nodes < 1 || s.nodes > 1 && s.database == "sqlite":
		return fmt.Errorf("%d nodes can't share a database of %s's", s.nodes, s.database)
	}
	return nil
}

// run runs a scenario, or all of them.
func (s settings) run(scenario string) error {
	for _, one := range scenarios {
		if scenario != one.name && (scenario != "all" || slices.Contains(onlyAlone, one.name)) {
			continue
		}
		if err := one.run(s); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	return nil
}
