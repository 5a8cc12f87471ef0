package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/lxzan/gws"
)

// compare puts the same load on Deskside and on Centrifugo, in turn, and
// prints the ratios. Centrifugo keeps what is said in memory only, and
// acknowledges it all the same; Deskside has it on stable storage.
func compare(s settings) error {
	peer := s
	peer.centrifugo, peer.address = s.peer, "127.0.0.1:18090"
	fmt.Println(head)
	for _, rate := range []int{1000, 4000, 8000} {
		own, err := tryRate(s, "chat", rate)
		if err != nil {
			return err
		}
		other, err := tryRate(peer, "peer", rate)
		if err != nil {
			fmt.Printf("compare at %d/s %s fails: %v\n", rate, peer.layout(), err)
			continue
		}
		fmt.Printf("compare at %d/s, Deskside to %s: to the peer p50 %.2f, p99 %.2f; to the ack p50 %.2f, p99 %.2f; CPU %.2f, memory %.2f times\n", rate, peer.layout(),
			ratio(own.peer.p50, other.peer.p50), ratio(own.peer.p99, other.peer.p99), ratio(own.ack.p50, other.ack.p50), ratio(own.ack.p99, other.ack.p99),
			own.cpu/other.cpu, float64(own.memory)/float64(other.memory))
	}
	own, err := highest(s)
	if err != nil {
		return err
	}
	other, err := highest(peer)
	if err != nil {
		return err
	}
	fmt.Printf("compare highest rate with p99 under %s: Deskside %d/s, %s %d/s: %.2f times\n", goodP99, own, peer.layout(), other, float64(own)/float64(other))
	return nil
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

// centrifugoSettings let everybody publish and subscribe.
const centrifugoSettings = `{"http_server":{"address":"127.0.0.1","port":"%s"},"log":{"level":"error"},"health":{"enabled":true},
"client":{"insecure":true,"allowed_origins":["*"]},"channel":{"without_namespace":{"allow_subscribe_for_client":true,"allow_publish_for_subscriber":true}}}`

// centrifugoCrowd runs Centrifugo with a channel for each session, to which
// both sockets are subscribed.
func centrifugoCrowd(s settings) (*crowd, error) {
	folder, err := os.MkdirTemp("", "centrifugo-")
	if err != nil {
		return nil, err
	}
	server := &server{url: "http://" + s.address, nodes: []string{s.address}, folder: folder}
	config := filepath.Join(folder, "config.json")
	port := s.address[bytes.LastIndexByte([]byte(s.address), ':')+1:]
	if err := os.WriteFile(config, fmt.Appendf(nil, centrifugoSettings, port), 0o600); err != nil {
		return nil, err
	}
	process := exec.Command(s.centrifugo, "-c", config)
	process.Stderr = &firstLines{to: os.Stderr, left: 10}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("%w (make bench-compare builds it)", err)
	}
	server.processes = []*exec.Cmd{process}
	if err := waitFor(server.url + "/health"); err != nil {
		server.stop()
		return nil, err
	}
	c := server.emptyCrowd(s.sessions)
	err = parallel(s.sessions, setupAtOnce, func(i int) error { return c.addChannel(2*i, s.address) })
	if err != nil {
		server.stop()
	}
	return c, err
}

// addChannel connects both writers of a channel.
func (c *crowd) addChannel(i int, address string) error {
	channel := "s" + strconv.Itoa(i)
	a, b := c.writersOf(i, func(n int, _, text string) []byte {
		return []byte(`{"id":` + strconv.Itoa(n+firstPublish) + `,"publish":{"channel":"` + channel + `","data":{"text":"` + text + `"}}}`)
	})
	for _, w := range []*writer{a, b} {
		if err := w.subscribe(address, channel); err != nil {
			return err
		}
	}
	return nil
}

// firstPublish is the number of the first command that publishes: connect and
// subscribe are before it.
const firstPublish = 3

// subscribe connects a writer and returns once it is subscribed.
func (w *writer) subscribe(address, channel string) error {
	ready := make(chan struct{})
	t := &translator{w: w, ready: ready}
	w.socket = &socket{cut: w.crowd.noteCut}
	w.socket.on = t.frame
	var err error
	w.socket.conn, _, err = gws.NewClient(w.socket, &gws.ClientOption{
		Addr: "ws://" + address + "/connection/websocket", RequestHeader: http.Header{"Origin": {"http://" + address}},
		ReadBufferSize: 1024, ReadMaxPayloadSize: 16 << 20,
	})
	if err != nil {
		return err
	}
	go w.socket.conn.ReadLoop()
	hello := `{"id":1,"connect":{}}` + "\n" + `{"id":2,"subscribe":{"channel":"` + channel + `"}}`
	if err := w.socket.conn.WriteMessage(gws.OpcodeText, []byte(hello)); err != nil {
		return err
	}
	select {
	case <-ready:
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("no subscription to %s", channel)
	}
}

// A translator reads what Centrifugo says (its JSON protocol, version 2: some
// objects, a line each) as if Deskside had said it.
type translator struct {
	w     *writer
	ready chan struct{}
	buf   []byte
}

func (t *translator) frame(frame []byte) {
	for line := range bytes.Lines(frame) {
		line = bytes.TrimSpace(line)
		switch {
		case bytes.Equal(line, []byte(`{}`)): // a ping
			_ = t.w.socket.conn.WriteMessage(gws.OpcodeText, line) // it may be closed
		case bytes.HasPrefix(line, []byte(`{"push"`)):
			t.buf = append(append(t.buf[:0], `{"type":"events",`...), line[1:]...)
			t.w.read(t.buf)
		case bytes.Contains(line, []byte(`"subscribe":`)):
			close(t.ready)
		case bytes.Contains(line, []byte(`"publish":`)):
			t.answer("ack", line)
		case bytes.Contains(line, []byte(`"error":`)):
			t.answer("error", line)
		}
	}
}

func (t *translator) answer(kind string, line []byte) {
	number := 0
	for _, d := range bytes.TrimPrefix(line, []byte(`{"id":`)) {
		if d < '0' || d > '9' {
			break
		}
		number = 10*number + int(d-'0')
	}
	t.buf = append(append(t.buf[:0], `{"type":"`...), kind...)
	t.buf = append(append(t.buf, `","id":"`...), t.w.name...)
	t.buf = append(strconv.AppendInt(t.buf, int64(number-firstPublish), 10), '"', '}')
	t.w.read(t.buf)
}
