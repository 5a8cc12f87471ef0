package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
)

// A line is the agent's socket of a session.
type line struct {
	conn  *websocket.Conn
	you   string
	page  string    // ours
	heard chan said // by the end-user's page to it; closed when the socket is
}

// A frame is what of the server's frames counts here.
type frame struct {
	Type   string
	You    string
	Kind   string
	RTC    string
	Events []struct {
		Type string
		By   string
		Data struct{ Agent string }
	}
}

func dial(ctx context.Context, o options, page string) (*line, error) {
	live, err := url.JoinPath(o.server, "api/sessions", o.session, "live")
	if err != nil {
		return nil, err
	}
	conn, _, err := websocket.Dial(ctx, strings.Replace(live, "http", "ws", 1)+"?after=0",
		&websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {o.cookie}, "Origin": {o.server}}})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	return &line{conn: conn, page: page, heard: make(chan said, 256)}, nil
}

func (l *line) close() { _ = l.conn.CloseNow() }

// granted waits until an end-user has allowed this agent to see something, and
// returns who. From then on what they say is heard.
func (l *line) granted(ctx context.Context) (endUser string, err error) {
	for {
		f, err := l.next(ctx)
		if err != nil {
			return "", err
		}
		for _, e := range f.Events {
			if e.Type == "view-granted" && e.Data.Agent == l.you {
				go l.listen(ctx)
				return e.By, nil
			}
		}
	}
}

func (l *line) listen(ctx context.Context) {
	defer close(l.heard)
	for {
		f, err := l.next(ctx)
		if err != nil {
			return
		}
		var s said
		if f.Kind == "rtc" && json.Unmarshal([]byte(f.RTC), &s) == nil && s.Page == l.page {
			l.heard <- s
		}
	}
}

// next reads a frame, and answers the server's beats.
func (l *line) next(ctx context.Context) (f frame, err error) {
	_, b, err := l.conn.Read(ctx)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("a frame of the server: %w", err)
	}
	switch f.Type {
	case "welcome":
		l.you = f.You
	case "beat":
		err = l.conn.Write(ctx, websocket.MessageText, []byte(`{"type":"beat"}`))
	}
	return f, err
}

// say says something to the end-user's page: text as it is, all else as JSON.
func (l *line) say(ctx context.Context, endUser string, what any) error {
	text, ok := what.(string)
	if !ok {
		b, err := json.Marshal(what)
		if err != nil {
			return err
		}
		text = string(b)
	}
	b, err := json.Marshal(map[string]string{"type": "rtc", "participant": endUser, "rtc": text})
	if err != nil {
		return err
	}
	return l.conn.Write(ctx, websocket.MessageText, b)
}
