package control

import (
	"math/rand/v2"
	"time"
)

const (
	// window is how many frames may be on their way.
	window = 24
	// flight is how many bytes may be on their way, or few more: on a slow line
	// whatever is said waits until those before it are through.
	flight = 128 << 10
	// again is after how long a frame that was not acknowledged goes again, at
	// the earliest, and seldom at the latest.
	again  = 250 * time.Millisecond
	seldom = 4 * time.Second
	// roomy is how full a frame gets with more than one message in it, in bytes.
	roomy = 8 << 10
)

// A Stream is one end's part of what is said: it numbers frames, sends them
// again until the other end has them, and takes the other's in order. Where
// another page or helper comes to the other end, it begins anew, and forgets
// what was said to the one before. It has no clock and no connection; its owner
// calls Out whenever Queue or Receive was called, and some times a second.
type Stream struct {
	own     uint32
	next    uint32
	waiting []Message
	sent    []sentFrame
	came    time.Time     // when what was acknowledged last went first
	wait    time.Duration // before a frame goes again: twice what that took

	theirs  uint32
	expect  uint32
	owed    bool // an acknowledgement
	retired map[uint32]bool
}

type sentFrame struct {
	number   uint32
	messages []Message
	size     int
	first    time.Time     // when it went
	at       time.Time     // when it went last
	wait     time.Duration // before it goes again; doubles, because a line that is full gets no faster by it
}

// NewStream begins to speak, and to listen to whoever speaks.
func NewStream() *Stream {
	return &Stream{own: newNumber(), retired: make(map[uint32]bool)}
}

func newNumber() uint32 { return rand.Uint32N(1<<32-1) + 1 }

// Queue says something, as soon as there is room.
func (s *Stream) Queue(m ...Message) { s.waiting = append(s.waiting, m...) }

// Full says whether what is queued now would have to wait.
func (s *Stream) Full() bool {
	size := s.flying()
	for _, m := range s.waiting {
		size += sizeOf(m)
	}
	return size >= flight || len(s.waiting)+len(s.sent) >= window
}

// flying is how many bytes are on their way.
func (s *Stream) flying() (size int) {
	for _, f := range s.sent {
		size += f.size
	}
	return size
}

// Out returns the frames that are to go now.
func (s *Stream) Out(now time.Time) (frames [][]byte) {
	if !s.came.IsZero() {
		s.wait, s.came = min(2*now.Sub(s.came), seldom), time.Time{}
	}
	for i := range s.sent {
		if f := &s.sent[i]; now.Sub(f.at) >= max(f.wait, s.wait) {
			f.at, f.wait = now, min(2*f.wait, seldom)
			frames = append(frames, s.frame(f.number, f.messages))
		}
	}
	for len(s.waiting) > 0 && len(s.sent) < window && s.flying() < flight {
		messages, size := s.some()
		f := sentFrame{s.next, messages, size, now, now, again}
		s.next++
		s.sent = append(s.sent, f)
		frames = append(frames, s.frame(f.number, f.messages))
	}
	if len(frames) == 0 && s.owed {
		frames = append(frames, s.frame(s.next, nil))
	}
	s.owed = false
	return frames
}

// some takes the messages of one frame off those that wait.
func (s *Stream) some() (taken []Message, size int) {
	n := 0
	for _, m := range s.waiting {
		more := sizeOf(m)
		if n > 0 && size+more > roomy {
			break
		}
		size += more
		n++
	}
	taken = s.waiting[:n:n]
	s.waiting = s.waiting[n:]
	return taken, size
}

func sizeOf(m Message) int { return len(m.append(nil)) }

func (s *Stream) frame(number uint32, messages []Message) []byte {
	return Frame{s.own, number, s.theirs, s.expect, messages}.Append(nil)
}

// Receive takes a frame and returns what it says that was not known. began
// says that it is the first of a new stream: whatever the other end held down
// before, it does not any more.
func (s *Stream) Receive(b []byte) (messages []Message, began bool, err error) {
	f, err := Decode(b)
	if err != nil {
		return nil, false, err
	}
	if f.Of != 0 && f.Of != s.own {
		return nil, false, nil // for another page, or for what this end was before
	}
	if f.Stream != s.theirs {
		if f.Stream == 0 || f.Number != 0 || s.retired[f.Stream] {
			return nil, false, nil // of an older page, or its beginning is still to come
		}
		s.retired[s.theirs] = true
		s.theirs, s.expect, began = f.Stream, 0, true
		s.meet(f)
	}
	if f.Of == s.own {
		s.acknowledged(f.Next)
	}
	if len(f.Messages) == 0 {
		return nil, began, nil
	}
	s.owed = true
	if f.Number != s.expect {
		return nil, began, nil // known, or something before it is missing and comes again
	}
	s.expect++
	return f.Messages, began, nil
}

// meet begins anew where the newcomer that said f lacks frames that are not
// here any more, because the one before it had them.
func (s *Stream) meet(f Frame) {
	has, kept := uint32(0), s.next
	if f.Of == s.own {
		has = f.Next
	}
	if len(s.sent) > 0 {
		kept = s.sent[0].number
	}
	if kept > has {
		s.own, s.next, s.waiting, s.sent = newNumber(), 0, nil, nil
	}
}

func (s *Stream) acknowledged(next uint32) {
	for len(s.sent) > 0 && s.sent[0].number < next {
		s.came = s.sent[0].first
		s.sent = s.sent[1:]
	}
}
