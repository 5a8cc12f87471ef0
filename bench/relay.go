package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

const (
	relayPairs   = 10
	relayPacket  = 1200 // bytes, of which pictures are made
	relayRate    = 8_000_000 / 8
	relaySeconds = 6
	relayRounds  = 3
)

// A relayed is one participant of a pair, as a TURN server lets them in.
type relayed struct {
	server, transport, username, password, realm string
}

// relayLoad measures what relaying costs, against coturn with the same load in
// the same run: pairs whose ends are both relayed send each other pictures.
func relayLoad(s settings) error {
	if s.server != "" {
		return nil // its CPU time is not known
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	server, err := startServer(s, "--relay-listen", "udp:127.0.0.1:"+port, "--relay-rate", "1000")
	if err != nil {
		return err
	}
	defer server.stop()
	peer, err := startCoturn()
	if err != nil {
		fmt.Printf("relay   coturn can't be compared with: %v\n", err)
	} else {
		defer peer.stop()
	}
	for _, transport := range []string{"udp", "tcp"} {
		var ours, theirs []float64
		for range relayRounds {
			cost, err := relayCost(server.processes[0].Process.Pid, func(i int) ([2]relayed, error) { return server.view(transport) })
			if err != nil {
				return err
			}
			ours = append(ours, cost)
			if peer == nil {
				continue
			}
			one := relayed{peer.address, transport, "bench", "bench", "example.org"}
			if cost, err = relayCost(peer.process.Process.Pid, func(int) ([2]relayed, error) { return [2]relayed{one, one}, nil }); err != nil {
				return err
			}
			theirs = append(theirs, cost)
		}
		fmt.Printf("relay   by %s, both ends, %d pairs, %d-byte packets: %.0f Mbit/s per core", transport, relayPairs, relayPacket, middle(ours))
		if peer != nil {
			fmt.Printf("; coturn %.0f: %.0f %% of it (aim 100 %%)", middle(theirs), 100*middle(ours)/middle(theirs))
		}
		fmt.Println()
	}
	return nil
}

func middle(values []float64) float64 {
	ordered := append([]float64(nil), values...)
	for i := range ordered {
		for j := i; j > 0 && ordered[j] < ordered[j-1]; j-- {
			ordered[j], ordered[j-1] = ordered[j-1], ordered[j]
		}
	}
	return ordered[len(ordered)/2]
}

// relayCost puts the load on and returns how many Mbit/s one core carries.
func relayCost(pid int, enter func(i int) ([2]relayed, error)) (float64, error) {
	var ends []*relayEnd
	defer func() {
		for _, e := range ends {
			e.close()
		}
	}()
	for i := range relayPairs {
		two, err := enter(i)
		if err != nil {
			return 0, err
		}
		pair := make([]*relayEnd, 2)
		for j, r := range two {
			if pair[j], err = r.open(); err != nil {
				return 0, err
			}
			ends = append(ends, pair[j])
		}
		for j := range pair {
			pair[j].to = pair[1-j].conn.LocalAddr()
		}
	}
	stop := make(chan struct{})
	var senders sync.WaitGroup
	for _, e := range ends {
		go e.receive()
		senders.Go(func() { e.send(stop) })
	}
	time.Sleep(time.Second) // channels are bound by then
	before, err := cpuTime(pid)
	if err != nil {
		return 0, err
	}
	sum := func() (n int64) {
		for _, e := range ends {
			n += e.got.Load()
		}
		return n
	}
	began := sum()
	time.Sleep(relaySeconds * time.Second)
	bytes := sum() - began
	after, err := cpuTime(pid)
	close(stop)
	senders.Wait()
	if err != nil || bytes == 0 {
		return 0, fmt.Errorf("%d bytes came through (%w)", bytes, err)
	}
	return float64(bytes) * 8 / 1e6 / (after - before).Seconds(), nil
}

type relayEnd struct {
	client *turn.Client
	below  io.Closer
	conn   net.PacketConn
	to     net.Addr
	got    atomic.Int64
}

func (r relayed) open() (*relayEnd, error) {
	var conn net.PacketConn
	var err error
	if r.transport == "udp" {
		conn, err = net.ListenPacket("udp", "127.0.0.1:0")
	} else {
		var c net.Conn
		if c, err = net.Dial("tcp", r.server); err == nil {
			conn = turn.NewSTUNConn(c)
		}
	}
	if err != nil {
		return nil, err
	}
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: r.server, TURNServerAddr: r.server, Conn: conn, Username: r.username, Password: r.password, Realm: r.realm,
		LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled},
	})
	if err == nil {
		err = client.Listen()
	}
	if err != nil {
		return nil, err
	}
	relayed, err := client.Allocate()
	return &relayEnd{client: client, below: conn, conn: relayed}, err
}

func (e *relayEnd) close() {
	if e == nil {
		return
	}
	_ = e.conn.Close() // the process ends soon
	e.client.Close()
	_ = e.below.Close()
}

func (e *relayEnd) receive() {
	b := make([]byte, 1600)
	for {
		n, _, err := e.conn.ReadFrom(b)
		if err != nil {
			return
		}
		e.got.Add(int64(n))
	}
}

// send keeps to its rate, in bursts as an encoder makes them.
func (e *relayEnd) send(stop <-chan struct{}) {
	const frame = time.Second / 30
	b := make([]byte, relayPacket)
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			for range relayRate / 30 / relayPacket {
				if _, err := e.conn.WriteTo(b, e.to); err != nil {
					return
				}
			}
		}
	}
}

// view starts a session with a view, and returns how both ends get relayed.
func (s *server) view(transport string) (ends [2]relayed, err error) {
	id, token, err := s.newSession()
	if err != nil {
		return ends, err
	}
	guest, err := s.join(token)
	if err != nil {
		return ends, err
	}
	var me struct{ ID string }
	if err := s.agent.get("/api/me", &me); err != nil {
		return ends, err
	}
	for i, ask := range []struct {
		who  *client
		what map[string]any
	}{
		{s.agent, map[string]any{"type": "ask-view"}},
		{guest, map[string]any{"type": "grant-view", "participant": me.ID, "surface": "monitor"}},
	} {
		ask.what["id"] = strconv.Itoa(i)
		body, _ := json.Marshal(ask.what) // strings only
		if err := ask.who.call("/api/sessions/"+id+"/requests", string(body), new(any)); err != nil {
			return ends, err
		}
	}
	for i, path := range []string{"/relay", "/relay?as=end-user"} {
		who := []*client{s.agent, guest}[i]
		var said struct{ ICEServers []turnServer }
		if err := who.get("/api/sessions/"+id+path, &said); err != nil {
			return ends, err
		}
		if ends[i], err = said.ICEServers[0].by(transport); err != nil {
			return ends, err
		}
	}
	return ends, nil
}

type turnServer struct {
	URLs                 []string
	Username, Credential string
}

// by returns the way over one transport.
func (t turnServer) by(transport string) (relayed, error) {
	for _, u := range t.URLs {
		var host string
		if _, err := fmt.Sscanf(u, "turn:%s", &host); err == nil && len(host) > len("?transport=udp") && host[len(host)-3:] == transport {
			address := host[:len(host)-len("?transport=udp")]
			return relayed{address, transport, t.Username, t.Credential, "127.0.0.1"}, nil
		}
	}
	return relayed{}, fmt.Errorf("no way by %s among %v", transport, t.URLs)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

type coturn struct {
	process *exec.Cmd
	address string
}

// startCoturn starts the TURN server that others use.
func startCoturn() (*coturn, error) {
	binary, err := exec.LookPath("turnserver")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &coturn{address: "127.0.0.1:" + port}
	c.process = exec.Command(binary, "-n", "--no-cli", "--no-tls", "--no-dtls", "--lt-cred-mech", "--user=bench:bench", "--realm=example.org",
		"--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--listening-port="+port, "--allow-loopback-peers", "--log-file=/dev/null", "--simple-log", "--pidfile=", "--no-stdout-log")
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if conn, err := net.Dial("tcp", c.address); err == nil {
			return c, conn.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.stop()
	return nil, fmt.Errorf("it does not answer")
}

func (c *coturn) stop() {
	_ = c.process.Process.Kill() // it may have ended itself
	_ = c.process.Wait()
}
