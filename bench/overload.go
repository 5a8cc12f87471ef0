package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// single measures one message at a time: the next is sent when the one before
// is acknowledged, and nothing else happens.
func single(s settings) error {
	s.sessions = 1
	c, err := newCrowd(s)
	if err != nil {
		return err
	}
	defer c.server.stop()
	r, err := c.closedLoop(c.writers[:1], time.Duration(s.seconds)*time.Second)
	if err != nil {
		return err
	}
	c.over.Store(true)
	fmt.Printf("single  %s: one message at a time, to the ack p50 %s (aim 2 ms), p99 %s; to the peer p50 %s, p99 %s; %.0f messages/s\n",
		s.layout(), round(r.ack.p50), round(r.ack.p99), round(r.peer.p50), round(r.peer.p99), r.reached)
	return r.err()
}

// overload sends twice what the server can store, and looks at how it refuses
// and at what it accepts. The server gets one CPU and the generator the rest,
// so that the generator can keep it up.
func overload(s settings) error {
	if s.server == "" && runtime.NumCPU() > 1 {
		s.cpus = "0"
		free, err := pin("1-" + strconv.Itoa(runtime.NumCPU()-1))
		if err != nil {
			return err
		}
		defer free()
	}
	c, err := newCrowd(s)
	if err != nil {
		return err
	}
	defer c.server.stop()
	if _, err := c.run(1000, 2); err != nil {
		return err
	}
	most, err := c.closedLoop(c.writers, 5*time.Second)
	if err != nil {
		return err
	}
	capacity := most.reached - float64(most.refused)/most.seconds
	r, err := c.run(int(2*capacity), s.seconds)
	if err != nil {
		return err
	}
	c.over.Store(true)
	refused := float64(r.refused) / r.seconds
	fmt.Printf("overload %s on one CPU: %.0f messages/s with each writer waiting for its answer; at %.0f/s %.0f/s stored, to the ack p50 %s, p99 %s (aim 250 ms), %.0f/s refused, after p50 %s, p99 %s; generator %.0f %% CPU\n",
		s.layout(), capacity, r.reached, r.reached-refused, round(r.ack.p50), round(r.ack.p99), refused, round(r.refusal.p50), round(r.refusal.p99), 100*r.generator)
	if n := c.cut.Load(); n > 0 {
		return fmt.Errorf("%d connections were cut (%w)", n, *c.why.Load())
	}
	return r.err()
}

// pin keeps the generator to some CPUs until free is called.
func pin(cpus string) (free func(), err error) {
	set := func(cpus string) error {
		out, err := exec.Command("taskset", "-apc", cpus, strconv.Itoa(os.Getpid())).CombinedOutput()
		if err != nil {
			return fmt.Errorf("taskset: %w: %s", err, out)
		}
		return nil
	}
	return func() { _ = set("0-" + strconv.Itoa(runtime.NumCPU()-1)) }, set(cpus)
}
