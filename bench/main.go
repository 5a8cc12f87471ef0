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
	"time"
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
	{"search", search},
}

func main() {
	var s settings
	scenario := flag.String("scenario", "all", "start, idle, join, files, relay, chat (one rate), search (the highest rate), or all")
	flag.StringVar(&s.binary, "binary", "bin/deskside", "the server")
	flag.StringVar(&s.address, "address", "127.0.0.1:18080", "where the server listens")
	flag.StringVar(&s.server, "server", "", "URL of a server that runs already, instead; nothing is known of its CPU and memory then")
	flag.StringVar(&s.email, "email", "bench@example.org", "the agent who starts the sessions")
	flag.StringVar(&s.password, "password", "correct horse battery", "their password")
	flag.IntVar(&s.sessions, "sessions", 500, "sessions of two sockets, in chat")
	flag.IntVar(&s.rate, "rate", 0, "messages a second, in chat; 0 for 1,000 and then 8,000")
	flag.IntVar(&s.seconds, "seconds", 8, "how long each rate is held")
	flag.IntVar(&s.idle, "idle", 10_000, "sockets, in idle")
	flag.IntVar(&s.arrivals, "arrivals", 1000, "end-users who arrive in 10 s, in join")
	flag.Parse()
	fmt.Printf("%s, %d CPUs, server and generator on the same ones, %s\n", runtime.Version(), runtime.NumCPU(), time.Now().Format(time.DateOnly))
	known := *scenario == "all"
	for _, one := range scenarios {
		if *scenario != "all" && *scenario != one.name {
			continue
		}
		known = true
		if err := one.run(s); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", one.name, err)
			os.Exit(1)
		}
	}
	if !known {
		fmt.Fprintf(os.Stderr, "there is no scenario %q\n", *scenario)
		os.Exit(2)
	}
}
