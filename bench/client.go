package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/lxzan/gws"

	"deskside/internal/wire"
)

// A client is a browser as far as load needs one.
type client struct {
	url  string
	http *http.Client
}

// transport is shared, so that thousands of clients don't each hold
// connections open.
var transport = &http.Transport{MaxIdleConnsPerHost: 64}

func newClient(base string) *client {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &client{url: base, http: &http.Client{
		Jar: jar, Timeout: 30 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) send(path, kind string, body []byte) (int, []byte, error) {
	resp, err := c.http.Post(c.url+path, kind, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

func (c *client) call(path, body string, v any) error {
	status, answer, err := c.send(path, "application/json", []byte(body))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", path, status, answer)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, v)
}

// page gets an address and returns the whole answer.
func (c *client) page(path string) ([]byte, error) {
	resp, err := c.http.Get(c.url + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, resp.StatusCode)
	}
	return body, err
}

func (c *client) get(path string, v any) error {
	body, err := c.page(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

// A socket is a live stream that hands each frame to on.
type socket struct {
	gws.BuiltinEventHandler
	conn *gws.Conn
	on   func(frame []byte)
	cut  func(err error) // the connection ended; may be nil
}

var beat = []byte(`"type":"beat"`)

// OnMessage implements [gws.Event].
func (s *socket) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	if frame := m.Bytes(); bytes.Contains(frame[:min(len(frame), 24)], beat) {
		_ = c.WriteMessage(gws.OpcodeText, wire.Beat) // it may be closed
	} else if s.on != nil {
		s.on(frame)
	}
}

// OnClose implements [gws.Event].
func (s *socket) OnClose(_ *gws.Conn, err error) {
	if s.cut != nil {
		s.cut(err)
	}
}

// live opens the live stream of a session at a node, by its address.
func (c *client) live(node, session string, on func([]byte), cut func(error)) (*socket, error) {
	base, err := url.Parse(c.url)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Origin": {c.url}}
	for _, cookie := range c.http.Jar.Cookies(base) {
		header.Add("Cookie", cookie.String())
	}
	s := &socket{on: on, cut: cut}
	s.conn, _, err = gws.NewClient(s, &gws.ClientOption{
		Addr:           strings.Replace(base.Scheme, "http", "ws", 1) + "://" + node + "/api/sessions/" + session + "/live?after=0",
		RequestHeader:  header,
		ReadBufferSize: 1024, ReadMaxPayloadSize: 16 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("connect to session %s: %w", session, err)
	}
	go s.conn.ReadLoop()
	return s, nil
}
