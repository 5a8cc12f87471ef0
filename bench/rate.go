package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// A result is what one rate led to.
type result struct {
	asked, reached      float64 // messages a second
	seconds             float64
	ack, peer, refusal  summary
	lost, unacked       int // of what was not refused
	doubled, misordered int
	refused             int64
	usage
	generator float64 // CPUs that the generator took
}

// run holds a rate for some seconds, open loop: what is due is sent,
// whatever is still on its way.
func (c *crowd) run(rate, seconds int) (result, error) {
	return c.measured(float64(rate), func() {
		began := time.Now()
		c.send(rate, began, began.Add(time.Duration(seconds)*time.Second))
	})
}

// closedLoop lets each of some writers send its next message as soon as the
// one before is answered.
func (c *crowd) closedLoop(writers []*writer, lasts time.Duration) (result, error) {
	return c.measured(0, func() {
		end := time.Now().Add(lasts)
		var wg sync.WaitGroup
		for _, w := range writers {
			wg.Add(1)
			goOn := func() {
				if now := time.Now(); now.Before(end) {
					w.write(now)
				} else {
					wg.Done()
				}
			}
			w.answered.Store(&goOn)
			w.write(time.Now())
		}
		wg.Wait()
		for _, w := range writers {
			w.answered.Store(nil) // nothing is on its way to them
		}
	})
}

// measured measures what happens while load runs.
func (c *crowd) measured(asked float64, load func()) (result, error) {
	c.acks, c.peers, c.refuses = new(histogram), new(histogram), new(histogram)
	server, err := c.server.meter()
	if err != nil {
		return result{}, err
	}
	own, err := cpuTime(os.Getpid())
	if err != nil {
		return result{}, err
	}
	before, refused := c.total(), c.refused.Load()
	c.measure.Store(true)
	began := time.Now()
	load()
	r := result{asked: asked, seconds: time.Since(began).Seconds()}
	r.reached = float64(c.total()-before) / r.seconds
	if r.usage, err = server.read(); err != nil {
		return r, err
	}
	ownNow, err := cpuTime(os.Getpid())
	r.generator = (ownNow - own).Seconds() / r.seconds
	c.settle()
	c.measure.Store(false)
	c.count(&r)
	r.refused -= refused
	return r, err
}

// send sends at the rate from began to end.
func (c *crowd) send(rate int, began, end time.Time) {
	const lanes = 4
	var wg sync.WaitGroup
	for lane := range lanes {
		wg.Go(func() { c.lane(lane, lanes, rate, began, end) })
	}
	wg.Wait()
}

// count adds up what the ledgers say.
func (c *crowd) count(r *result) {
	r.ack, r.peer, r.refusal = c.acks.summary(), c.peers.summary(), c.refuses.summary()
	r.refused = c.refused.Load()
	r.lost, r.unacked = c.missing(heard), c.missing(acknowledged)
	for _, w := range c.writers {
		d, m := w.ledger.faults()
		r.doubled, r.misordered = r.doubled+d, r.misordered+m
	}
}

// The columns of a table of results: a line each.
const (
	head = "          messages/s      │ to the peer: p50       p99     p99.9 │ to the ack: p50       p99     p99.9 │ lost  no ack  doubled  misordered  refused │ server: CPU  µs/message  MiB │ generator: CPU\n" +
		"          asked  reached"
	line = "%-8s%7.0f  %7.0f │ %16s %9s %9s │ %15s %9s %9s │ %4d  %6d  %7d  %10d  %7d │ %11s  %10s  %3s │ %12.0f %%\n"
)

func (r result) print(name string) {
	fmt.Printf(line, name, r.asked, r.reached, round(r.peer.p50), round(r.peer.p99), round(r.peer.p999), round(r.ack.p50), round(r.ack.p99), round(r.ack.p999),
		r.lost, r.unacked, r.doubled, r.misordered, r.refused, r.percent(), r.known("%.0f", 1e6*r.cpu/r.reached), r.mebi(), 100*r.generator)
}

// err says what no server may do at any rate: be too slow, or refuse, it may.
func (r result) err() error {
	if r.lost+r.unacked+r.doubled+r.misordered > 0 {
		return fmt.Errorf("at %.0f/s: %d lost, %d unacknowledged, %d doubled, %d misordered", r.asked, r.lost, r.unacked, r.doubled, r.misordered)
	}
	return nil
}

// goodP99 is what a rate has to keep.
const goodP99 = 50 * time.Millisecond

func (r result) good() bool {
	return r.peer.p99 < goodP99 && r.refused == 0 && r.reached > .98*r.asked
}

// usualRates are a busy team's, and the least that the server is to reach.
var usualRates = []int{1000, 8000}

// chat holds the rate that was asked for, or each of the usual ones.
func chat(s settings) error {
	rates := usualRates
	if s.rate > 0 {
		rates = []int{s.rate}
	}
	fmt.Println(head)
	for _, rate := range rates {
		if _, err := tryRate(s, "chat", rate); err != nil {
			return err
		}
	}
	return nil
}

// tryRate holds a rate on data of its own, after a short while to warm up.
func tryRate(s settings, name string, rate int) (result, error) {
	c, err := newCrowd(s)
	if err != nil {
		return result{}, err
	}
	defer c.server.stop()
	if _, err := c.run(1000, 2); err != nil {
		return result{}, err
	}
	r, err := c.run(rate, s.seconds)
	c.over.Store(true)
	if err != nil {
		return r, err
	}
	r.print(name)
	if n := c.cut.Load(); n > 0 {
		return r, fmt.Errorf("at %d/s: %d connections were cut (%w); what they missed is unknown", rate, n, *c.why.Load())
	}
	return r, r.err()
}

// search looks for the highest rate that keeps p99 under goodP99.
func search(s settings) error {
	best, err := highest(s)
	if err != nil {
		return err
	}
	fmt.Printf("search  %s: highest rate with p99 under %s and nothing lost: %d messages/s (aim %s)\n", s.layout(), goodP99, best, s.aim())
	return nil
}

func highest(s settings) (int, error) {
	s.seconds = min(s.seconds, 5)
	fmt.Println(head)
	return climb(func(rate int) (bool, error) {
		r, err := tryRate(s, "search", rate)
		if err != nil || r.good() {
			return r.good(), err
		}
		// Whatever else the machine does makes a rate look bad, never good.
		r, err = tryRate(s, "again", rate)
		return r.good(), err
	})
}

const (
	firstRate = 6000 // messages a second; where climb begins
	lastRate  = 100  // and where it gives up
	precision = 1.06 // how close a rate that is too high comes to the best one
)

// climb looks for the highest rate that is good: it grows by half, or falls
// to half, until it has one on each side, and then halves what is between.
func climb(good func(rate int) (bool, error)) (best int, err error) {
	tooHigh := 0
	for rate := firstRate; rate >= lastRate && (best == 0 || tooHigh == 0 || float64(tooHigh) > precision*float64(best)); {
		ok, err := good(rate)
		switch {
		case err != nil:
			return best, err
		case ok:
			best = rate
		default:
			tooHigh = rate
		}
		switch {
		case tooHigh == 0:
			rate += rate / 2
		case best == 0:
			rate /= 2
		default:
			rate = (best + tooHigh) / 2
		}
	}
	return best, nil
}
