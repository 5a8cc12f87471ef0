package x11

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// connect connects to the X server of $DISPLAY.
//
// xgb does not know generic events, which XInput2 speaks in: they are longer
// than 32 bytes and would put it out of step. So they are taken off the
// connection before xgb reads it. That means dialling, and finding the
// server's cookie, ourselves.
func connect(generic func([]byte)) (*xgb.Conn, error) {
	name := os.Getenv("DISPLAY")
	conn, number, err := dial(name)
	if err != nil {
		return nil, err
	}
	xgb.Logger.SetOutput(io.Discard) // it says nothing that its errors don't
	x, err := xgb.NewConnNet(&filtered{Conn: conn, cookie: cookieOf(number), generic: generic})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("the X server %s: %w", name, err)
	}
	return x, nil
}

// extensions are those that a device needs, and what makes xgb know them.
var extensions = map[string]func(*xgb.Conn) error{"XTEST": xtest.Init, "RANDR": randr.Init, "SHAPE": shape.Init, "XFIXES": xfixes.Init}

var extended struct {
	mu    sync.Mutex // guards known
	known bool       // to xgb
}

// extend makes the extensions known to a connection. xgb keeps what their events
// mean in one map for all connections, which these read without a lock: so that
// is written for the first connection only.
func extend(x *xgb.Conn) error {
	extended.mu.Lock()
	defer extended.mu.Unlock()
	for name, init := range extensions {
		begin := init
		if extended.known {
			begin = func(x *xgb.Conn) error { return introduce(x, name) }
		}
		if err := begin(x); err != nil {
			return err
		}
	}
	extended.known = true
	return nil
}

// introduce tells a connection how an extension's requests begin.
func introduce(x *xgb.Conn, name string) error {
	reply, err := xproto.QueryExtension(x, uint16(len(name)), name).Reply()
	if err == nil && !reply.Present {
		err = fmt.Errorf("the X server lacks %s", name)
	}
	if err != nil {
		return err
	}
	x.ExtLock.Lock()
	defer x.ExtLock.Unlock()
	x.Extensions[name] = reply.MajorOpcode
	return nil
}

// dial opens the connection that a display's name stands for: ":1", "host:1",
// and with a screen's number behind a point.
func dial(name string) (conn net.Conn, number string, err error) {
	host, rest, ok := strings.Cut(name, ":")
	number, _, _ = strings.Cut(rest, ".")
	n, numberErr := strconv.Atoi(number)
	if !ok || numberErr != nil {
		return nil, "", fmt.Errorf("there is no X display (DISPLAY is %q)", name)
	}
	host = strings.TrimPrefix(host, "unix")
	host = strings.TrimPrefix(host, "/")
	if host != "" {
		conn, err = net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(6000+n)))
		return conn, number, err
	}
	path := "/tmp/.X11-unix/X" + number
	if conn, err = net.Dial("unix", "@"+path); err != nil { // in the abstract namespace
		conn, err = net.Dial("unix", path)
	}
	return conn, number, err
}

const cookieName = "MIT-MAGIC-COOKIE-1"

// cookieOf returns the cookie of a display of this machine from the file of
// authorities (Xau), nil where there is none: many servers want none.
func cookieOf(number string) []byte {
	file := os.Getenv("XAUTHORITY")
	if file == "" {
		file = os.Getenv("HOME") + "/.Xauthority"
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	host, _ := os.Hostname()
	const local, wild = 256, 65535
	for len(b) > 2 {
		family := binary.BigEndian.Uint16(b)
		b = b[2:]
		var fields [4]string // address, display, name, data
		for i := range fields {
			if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
				return nil
			}
			n := 2 + int(binary.BigEndian.Uint16(b))
			fields[i], b = string(b[2:n]), b[n:]
		}
		ours := family == wild || family == local && fields[0] == host
		if ours && (fields[1] == number || fields[1] == "") && fields[2] == cookieName {
			return []byte(fields[3])
		}
	}
	return nil
}

// A filtered connection hands generic events to generic and everything else to
// its reader.
type filtered struct {
	net.Conn
	cookie  []byte
	generic func([]byte)

	greeted sync.Once
	setUp   bool   // the server's answer to the greeting was read
	rest    []byte // read, and not yet handed on
}

// Write sends what xgb writes. In place of the first thing, its greeting, it
// sends one that has the cookie.
func (f *filtered) Write(b []byte) (n int, err error) {
	first := false
	f.greeted.Do(func() { first = true })
	if !first || f.cookie == nil {
		return f.Conn.Write(b)
	}
	greeting := []byte{'l', 0, 11, 0, 0, 0, byte(len(cookieName)), 0, byte(len(f.cookie)), 0, 0, 0}
	greeting = append(greeting, padded([]byte(cookieName))...)
	if _, err := f.Conn.Write(append(greeting, padded(f.cookie)...)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func padded(b []byte) []byte { return append(b[:len(b):len(b)], make([]byte, (4-len(b)%4)%4)...) }

func (f *filtered) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// maxMessage bounds what the server says at once, in bytes.
const maxMessage = 64 << 20

// fill reads one message of the server's.
func (f *filtered) fill() error {
	size, more := 32, func(b []byte) int {
		if b[0] == reply || b[0]&^sent == genericEvent {
			return 4 * int(binary.LittleEndian.Uint32(b[4:]))
		}
		return 0
	}
	if !f.setUp {
		f.setUp = true
		size, more = 8, func(b []byte) int { return 4 * int(binary.LittleEndian.Uint16(b[6:])) }
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(f.Conn, b); err != nil {
		return err
	}
	n := more(b)
	if n > maxMessage {
		return errors.New("the X server says too much at once")
	}
	b = append(b, make([]byte, n)...)
	if _, err := io.ReadFull(f.Conn, b[size:]); err != nil {
		return err
	}
	if size == 32 && b[0]&^sent == genericEvent {
		f.generic(b)
		return nil
	}
	f.rest = b
	return nil
}

// How messages of the server's begin.
const (
	reply        = 1
	genericEvent = 35
	sent         = 0x80 // by another client
)
