package helper

import (
	"bytes"
	"crypto/sha256"
	"image/png"
	"math/rand/v2"
	"unicode/utf8"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// maxPixels bounds a picture from the agent's clipboard: programs decode it
// whole.
const maxPixels = 64 << 20

// clips are what the two clipboards hand to each other.
type clips struct {
	coming []byte // what has come so far of …
	head   control.Piece
	going  []control.Message // what is to go as soon as there is room
	last   [sha256.Size]byte // of what went or came last, so that it does not come back
	asked  bool              // the agent wants what the person's holds
	came   *device.Content   // what the person's is to hold
}

// forget drops what is half-way.
func (c *clips) forget() { *c = clips{last: c.last} }

// fill queues what there is room for, so that other things don't wait behind
// all of it.
func (c *clips) fill(s *control.Stream) {
	for len(c.going) > 0 && !s.Full() {
		s.Queue(c.going[0])
		c.going = c.going[1:]
	}
}

func digest(c device.Content) [sha256.Size]byte {
	if c.PNG != nil {
		return sha256.Sum256(c.PNG)
	}
	return sha256.Sum256([]byte(c.Text))
}

// clip takes what the agent's page says of clipboards.
func (g *Guard) clip(m control.Message) {
	mode := g.Mode()
	if !g.shares(mode) {
		return
	}
	if !g.choice.Clipboard {
		g.notice(control.NoClipboard)
		return
	}
	switch m := m.(type) {
	case control.Fetch:
		g.clips.asked = true
	case control.Piece:
		if mode == control.On {
			g.take(m)
		}
	}
}

// shares says whether a clipboard may be handed over in a mode: who copies
// something uses their mouse just then.
func (g *Guard) shares(mode control.Mode) bool {
	return mode == control.On || mode == control.Theirs
}

// handOver does what the agent's page wants of the clipboard, which may take
// its time: once, however often it was said.
func (g *Guard) handOver() {
	asked, came := g.clips.asked, g.clips.came
	g.clips.asked, g.clips.came = false, nil
	if came != nil && g.mode == control.On {
		g.clips.last = digest(*came)
		g.fail(g.dev.SetClipboard(*came))
	}
	if asked {
		g.send(true)
	}
}

// take collects what comes in pieces.
func (g *Guard) take(p control.Piece) {
	c := &g.clips
	if p.Offset == 0 {
		c.coming, c.head = make([]byte, 0, p.Total), p
	}
	if c.coming == nil || p.ID != c.head.ID || p.Total != c.head.Total || int(p.Offset) != len(c.coming) {
		c.coming = nil
		return
	}
	c.coming = append(c.coming, p.Data...)
	if len(c.coming) < int(p.Total) {
		return
	}
	content := device.Content{Text: string(c.coming)}
	if c.head.Picture {
		content = device.Content{PNG: c.coming}
	}
	c.coming = nil
	if usable(content) {
		c.came = &content
	}
}

// usable says whether content is what it should be.
func usable(c device.Content) bool {
	if c.PNG == nil {
		return utf8.ValidString(c.Text)
	}
	config, err := png.DecodeConfig(bytes.NewReader(c.PNG))
	return err == nil && config.Width > 0 && config.Height > 0 && config.Width <= maxPixels/config.Height
}

// ClipboardChanged is told when the person copied something.
func (g *Guard) ClipboardChanged() {
	if g.shares(g.Mode()) && g.choice.Clipboard && g.choice.Automatic {
		g.send(false)
	}
}

// send hands over what the person's clipboard holds. asked says that the agent
// wants it now.
func (g *Guard) send(asked bool) {
	content, err := g.dev.Clipboard(control.MaxClipboard)
	if err != nil {
		g.fail(err)
		return
	}
	b := []byte(content.Text)
	if content.PNG != nil {
		b = content.PNG
	}
	switch sum := digest(content); {
	case len(b) == 0:
		if asked {
			g.notice(control.Nothing)
		}
		return
	case !asked && sum == g.clips.last:
		return
	default:
		g.clips.last = sum
	}
	id, total := rand.Uint32(), uint32(len(b))
	g.clips.going = nil
	for offset := uint32(0); offset < total; {
		n := min(control.MaxPiece, total-offset)
		g.clips.going = append(g.clips.going, control.Piece{ID: id, Total: total, Offset: offset, Picture: content.PNG != nil, Data: b[offset : offset+n]})
		offset += n
	}
}
