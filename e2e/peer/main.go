// Peer plays the agent's page of a view as docs/protocol.md describes it, with
// a WebRTC of another make than browsers' (pion), and can be hostile first. It
// writes a line of JSON each time that it knows something: {"said":N} once it
// has said N things that make no sense, {"code":"123 456"}, and {"packets":N}
// of the picture. It ends when its standard input does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "the server's base URL")
	flag.StringVar(&o.session, "session", "", "the session's id")
	flag.StringVar(&o.cookie, "cookie", "", "the agent's cookie, NAME=VALUE")
	flag.IntVar(&o.hostile, "hostile", 0, "how many things to say first that make no sense")
	flag.Uint64Var(&o.seed, "seed", 1, "of what they are")
	flag.Parse()
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it ends us
		stop()
	}()
	if err := play(ctx, o); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

type options struct {
	server, session, cookie string
	hostile                 int
	seed                    uint64
}

// play waits until an end-user shows something to this agent, and sees it.
func play(ctx context.Context, o options) error {
	p, err := newPage()
	if err != nil {
		return err
	}
	defer p.close()
	line, err := dial(ctx, o, p.name)
	if err != nil {
		return err
	}
	defer line.close()
	endUser, err := line.granted(ctx)
	if err != nil {
		return err
	}
	p.say = func(said any) error { return line.say(ctx, endUser, said) }
	if o.hostile > 0 {
		if err := p.annoy(o.hostile, o.seed); err != nil {
			return err
		}
		report("said", o.hostile)
	}
	return p.watch(ctx, line.heard)
}

func report(what string, value any) {
	b, err := json.Marshal(map[string]any{what: value})
	if err != nil {
		panic(err) // numbers and strings only
	}
	fmt.Println(string(b))
}
