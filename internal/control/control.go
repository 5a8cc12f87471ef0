// Package control is what an agent's page and a helper say to each other while
// the agent controls the end-user's computer: a compact binary protocol,
// version 1, that docs/protocol.md describes.
//
// What is said goes in frames, by a way that may lose or double them. A
// [Stream] at each end puts them right: nothing is carried out twice, out of
// order, or with something missing before it.
package control

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// Version is the first byte of every frame.
const Version = 1

const (
	// MaxFrame bounds a frame, in bytes.
	MaxFrame = 36 << 10
	// MaxText bounds a Text message, in bytes of UTF-8.
	MaxText = 4 << 10
	// MaxPiece bounds the data of a Piece, in bytes.
	MaxPiece = 32 << 10
	// MaxClipboard bounds what a clipboard hands over, in bytes.
	MaxClipboard = 10 << 20
	// MaxTurn bounds a Wheel, in 120ths of a notch.
	MaxTurn = 120 * 100
)

// ErrFrame says that bytes are no frame of this version.
var ErrFrame = errors.New("no frame of version 1")

// A Place is a point of the shared picture: 0 is the left or upper edge of its
// first pixel, 65535 the far edge of its last.
type Place struct{ X, Y uint16 }

// A Message is one thing said in a frame. Frames without any only acknowledge.
type Message interface {
	kind() byte
	append(b []byte) []byte
}

// What an agent's page says.
type (
	// Move puts the pointer on a place.
	Move struct{ At Place }
	// Press presses or releases a button of the mouse on a place.
	Press struct {
		Button Button
		Down   bool
		At     Place
	}
	// Wheel turns the wheels, in 120ths of a notch, positive to the right and
	// down.
	Wheel struct {
		Right, Down int16
		At          Place
	}
	// Stroke presses or releases a key. Char is what it makes on the agent's
	// keyboard without Ctrl and the like, or 0.
	Stroke struct {
		Key  Key
		Char rune
		Down bool
	}
	// Text types text as it stands.
	Text struct{ Text string }
	// Release lets go of every key and button.
	Release struct{}
	// Alive says that the agent's page is there, while it holds something down.
	Alive struct{}
	// Fetch asks for what the end-user's clipboard holds.
	Fetch struct{}
)

// What both say.
type (
	// Piece is a part of what a clipboard holds. All parts of one have its ID
	// and its Total length, and follow each other.
	Piece struct {
		ID, Total, Offset uint32
		Picture           bool // PNG; else text in UTF-8
		Data              []byte
	}
)

// What a helper says.
type (
	// State says what the helper does with input; it comes once a second too.
	State struct {
		Mode      Mode
		Clipboard bool // may be shared
		Automatic bool // the end-user's is sent by itself when it changes
	}
	// Notice says that something was not carried out.
	Notice struct{ Why Why }
)

// A Mode says what a helper does with input.
type Mode byte

// The modes.
const (
	Off    Mode = iota // not allowed, or over
	On                 // carries input out
	Paused             // the end-user lets nothing be carried out
	Theirs             // the end-user used mouse or keyboard themselves just now
	Aiming             // looks which screen the picture shows
	Blind              // the picture is not the whole of a screen that it finds
)

// A Why says why something was not carried out.
type Why byte

// The reasons.
const (
	Elevated    Why = iota + 1 // the window has administrator rights
	Reserved                   // the system keeps the key for itself
	Unsupported                // the system offers no way
	TooLarge                   // the clipboard holds more than MaxClipboard
	NoClipboard                // the end-user does not share the clipboard
	Nothing                    // the clipboard holds nothing that can be shared
	Failed                     // the system refused
)

const (
	kindMove byte = iota + 1
	kindPress
	kindWheel
	kindStroke
	kindText
	kindRelease
	kindAlive
	kindFetch
	kindPiece
	kindState
	kindNotice
)

func (Move) kind() byte    { return kindMove }
func (Press) kind() byte   { return kindPress }
func (Wheel) kind() byte   { return kindWheel }
func (Stroke) kind() byte  { return kindStroke }
func (Text) kind() byte    { return kindText }
func (Release) kind() byte { return kindRelease }
func (Alive) kind() byte   { return kindAlive }
func (Fetch) kind() byte   { return kindFetch }
func (Piece) kind() byte   { return kindPiece }
func (State) kind() byte   { return kindState }
func (Notice) kind() byte  { return kindNotice }

var be = binary.BigEndian

func (p Place) append(b []byte) []byte { return be.AppendUint16(be.AppendUint16(b, p.X), p.Y) }

func flag(b []byte, flags ...bool) []byte {
	var v byte
	for i, f := range flags {
		if f {
			v |= 1 << i
		}
	}
	return append(b, v)
}

func (m Move) append(b []byte) []byte  { return m.At.append(b) }
func (m Press) append(b []byte) []byte { return m.At.append(flag(append(b, byte(m.Button)), m.Down)) }
func (m Wheel) append(b []byte) []byte {
	return m.At.append(be.AppendUint16(be.AppendUint16(b, uint16(m.Right)), uint16(m.Down)))
}
func (m Stroke) append(b []byte) []byte {
	return be.AppendUint32(flag(append(b, byte(m.Key)), m.Down), uint32(m.Char))
}
func (m Text) append(b []byte) []byte {
	return append(be.AppendUint16(b, uint16(len(m.Text))), m.Text...)
}
func (Release) append(b []byte) []byte { return b }
func (Alive) append(b []byte) []byte   { return b }
func (Fetch) append(b []byte) []byte   { return b }
func (m Piece) append(b []byte) []byte {
	b = be.AppendUint32(be.AppendUint32(be.AppendUint32(flag(b, m.Picture), m.ID), m.Total), m.Offset)
	return append(be.AppendUint16(b, uint16(len(m.Data))), m.Data...)
}
func (m State) append(b []byte) []byte {
	return flag(append(b, byte(m.Mode)), m.Clipboard, m.Automatic)
}
func (m Notice) append(b []byte) []byte { return append(b, byte(m.Why)) }

// A Frame is what goes at once.
type Frame struct {
	Stream, Number uint32 // of its sender; a frame without messages has the number of the next
	Of, Next       uint32 // the other's stream, 0 for none yet, and the number that is expected of it
	Messages       []Message
}

// head is the length of a frame without messages: version and four numbers.
const head = 1 + 4*4

// Append writes the frame behind b.
func (f Frame) Append(b []byte) []byte {
	b = append(b, Version)
	for _, v := range []uint32{f.Stream, f.Number, f.Of, f.Next} {
		b = be.AppendUint32(b, v)
	}
	for _, m := range f.Messages {
		b = m.append(append(b, m.kind()))
	}
	return b
}

// Decode reads a frame. It keeps nothing of b. ErrFrame where b is none.
func Decode(b []byte) (f Frame, err error) {
	if len(b) < head || len(b) > MaxFrame || b[0] != Version {
		return f, ErrFrame
	}
	r := &reader{b: b[1:]}
	f.Stream, f.Number, f.Of, f.Next = r.uint32(), r.uint32(), r.uint32(), r.uint32()
	for len(r.b) > 0 && !r.bad {
		f.Messages = append(f.Messages, r.message())
	}
	if r.bad {
		return Frame{}, ErrFrame
	}
	return f, nil
}

// A reader takes values off the front of b, and remembers that one was not
// there or made no sense.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		r.b = nil
		return make([]byte, n)
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte     { return r.take(1)[0] }
func (r *reader) uint16() uint16 { return be.Uint16(r.take(2)) }
func (r *reader) uint32() uint32 { return be.Uint32(r.take(4)) }
func (r *reader) place() Place   { return Place{r.uint16(), r.uint16()} }

// flags reads n of them.
func (r *reader) flags(n int) (set [2]bool) {
	v := r.byte()
	r.must(v < 1<<n)
	return [2]bool{v&1 != 0, v&2 != 0}
}

func (r *reader) must(ok bool) { r.bad = r.bad || !ok }

func (r *reader) message() Message {
	switch r.byte() {
	case kindMove:
		return Move{r.place()}
	case kindPress:
		m := Press{Button: Button(r.byte()), Down: r.flags(1)[0], At: r.place()}
		r.must(m.Button <= Forward)
		return m
	case kindWheel:
		m := Wheel{int16(r.uint16()), int16(r.uint16()), r.place()}
		r.must(max(m.Right, -m.Right, m.Down, -m.Down) <= MaxTurn && min(m.Right, m.Down) >= -MaxTurn)
		return m
	case kindStroke:
		m := Stroke{Key: Key(r.byte()), Down: r.flags(1)[0], Char: rune(r.uint32())}
		r.must(m.Key.Code() != "" && utf8.ValidRune(m.Char))
		return m
	case kindText:
		n := int(r.uint16())
		m := Text{string(r.take(n))}
		r.must(n > 0 && n <= MaxText && utf8.ValidString(m.Text))
		return m
	case kindRelease:
		return Release{}
	case kindAlive:
		return Alive{}
	case kindFetch:
		return Fetch{}
	case kindPiece:
		return r.piece()
	case kindState:
		m := State{Mode: Mode(r.byte())}
		set := r.flags(2)
		m.Clipboard, m.Automatic = set[0], set[1]
		r.must(m.Mode <= Blind)
		return m
	case kindNotice:
		m := Notice{Why(r.byte())}
		r.must(m.Why >= Elevated && m.Why <= Failed)
		return m
	}
	r.bad = true
	return nil
}

func (r *reader) piece() Message {
	m := Piece{Picture: r.flags(1)[0], ID: r.uint32(), Total: r.uint32(), Offset: r.uint32()}
	n := int(r.uint16())
	m.Data = append([]byte(nil), r.take(n)...)
	r.must(n > 0 && n <= MaxPiece && m.Total <= MaxClipboard && uint64(m.Offset)+uint64(n) <= uint64(m.Total))
	return m
}
