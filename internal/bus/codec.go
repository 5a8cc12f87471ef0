package bus

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"deskside"
)

// version is the first byte of what nodes say to each other. A node ignores
// versions that it does not know: the poll of the store stands in, while a
// service is being updated.
const version = 1

var (
	errVersion   = errors.New("a version that this node does not know")
	errMalformed = errors.New("malformed")
)

// encode appends a notice: session, agent, number, the events, the signal.
// Texts have their length before them; numbers are varints (package
// encoding/binary). Events go as the log has them, byte for byte.
func encode(b []byte, n deskside.Notice) ([]byte, error) {
	b = append(b, version)
	b = appendBytes(b, n.Session)
	b = appendBytes(b, n.Agent)
	b = binary.AppendVarint(b, n.Number)
	b = binary.AppendUvarint(b, uint64(len(n.Events)))
	for i := range n.Events {
		e := n.Events[i]
		if e.JSON() == nil {
			if err := e.Encode(); err != nil {
				return nil, err
			}
		}
		b = appendBytes(b, e.JSON())
	}
	if n.Signal == nil {
		return appendBytes(b, ""), nil
	}
	signal, err := json.Marshal(n.Signal)
	return appendBytes(b, signal), err
}

func appendBytes[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decode reads one notice.
func decode(b []byte) (n deskside.Notice, err error) {
	if len(b) == 0 || b[0] != version {
		return n, errVersion
	}
	r := reader{b: b[1:]}
	n.Session, n.Agent = deskside.SessionID(r.bytes()), deskside.AgentID(r.bytes())
	n.Number = r.varint()
	count := r.uvarint()
	if count > uint64(len(r.b)) {
		return n, errMalformed
	}
	for range count {
		var e deskside.Event
		if r.failed {
			return n, errMalformed
		}
		if err := e.UnmarshalJSON(r.bytes()); err != nil {
			return n, err
		}
		n.Events = append(n.Events, e)
	}
	if signal := r.bytes(); len(signal) > 0 {
		n.Signal = new(deskside.Signal)
		if err := json.Unmarshal(signal, n.Signal); err != nil {
			return n, err
		}
	}
	if r.failed || len(r.b) > 0 {
		return n, errMalformed
	}
	return n, nil
}

// A reader takes values from the front of b, and remembers that it could not.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.failed = true
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	return number(r, v, n)
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	return number(r, v, n)
}

func number[T int64 | uint64](r *reader, v T, n int) T {
	if n <= 0 {
		r.failed = true
		return 0
	}
	r.b = r.b[n:]
	return v
}
