package x11

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"deskside/internal/helper/device"
)

const (
	// patience is how long another program may take to hand over the next part.
	patience = time.Second
	// piece is how much goes in one property; more goes in pieces (ICCCM, INCR).
	piece = 128 << 10
)

// A clipboard owns the selection CLIPBOARD, or asks who does (ICCCM, section 2).
type clipboard struct {
	d     *Device
	atoms map[string]xproto.Atom

	mu      sync.Mutex // guards what follows
	content device.Content
	sending map[transfer][]byte // what is left of what goes in pieces

	answers    chan xproto.SelectionNotifyEvent
	properties chan xproto.Atom // of ours, with a new value
}

type transfer struct {
	to       xproto.Window
	property xproto.Atom
}

func (c *clipboard) begin(d *Device) error {
	c.d, c.atoms, c.sending = d, make(map[string]xproto.Atom), make(map[transfer][]byte)
	c.answers, c.properties = make(chan xproto.SelectionNotifyEvent, 4), make(chan xproto.Atom, 64)
	for _, name := range []string{"CLIPBOARD", "TARGETS", "UTF8_STRING", "STRING", "text/plain;charset=utf-8", "image/png", "INCR", "ATOM", "DESKSIDE"} {
		r, err := xproto.InternAtom(d.x, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		c.atoms[name] = r.Atom
	}
	return xfixes.SelectSelectionInputChecked(d.x, d.own, c.atoms["CLIPBOARD"], xfixes.SelectionEventMaskSetSelectionOwner).Check()
}

func (c *clipboard) set(content device.Content) error {
	c.mu.Lock()
	c.content = content
	c.mu.Unlock()
	if err := xproto.SetSelectionOwnerChecked(c.d.x, c.d.own, c.atoms["CLIPBOARD"], xproto.TimeCurrentTime).Check(); err != nil {
		return err
	}
	r, err := xproto.GetSelectionOwner(c.d.x, c.atoms["CLIPBOARD"]).Reply()
	if err == nil && r.Owner != c.d.own {
		err = errors.New("another program keeps the clipboard")
	}
	return err
}

// lost is told when another program has something on the clipboard.
func (c *clipboard) lost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.content = device.Content{}
}

// targets are the forms in which the clipboard's content can be had.
func (c *clipboard) targets(content device.Content) []xproto.Atom {
	if content.PNG != nil {
		return []xproto.Atom{c.atoms["image/png"]}
	}
	return []xproto.Atom{c.atoms["UTF8_STRING"], c.atoms["text/plain;charset=utf-8"], c.atoms["STRING"]}
}

// serve hands the content to a program that asks for it.
func (c *clipboard) serve(e xproto.SelectionRequestEvent) {
	if e.Property == xproto.AtomNone {
		e.Property = e.Target // as old programs ask
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	property := e.Property
	switch {
	case e.Target == c.atoms["TARGETS"]:
		var b []byte
		for _, a := range append(c.targets(c.content), c.atoms["TARGETS"]) {
			b = le.AppendUint32(b, uint32(a))
		}
		xproto.ChangeProperty(c.d.x, xproto.PropModeReplace, e.Requestor, property, xproto.AtomAtom, 32, uint32(len(b)/4), b)
	case slices.Contains(c.targets(c.content), e.Target):
		b := []byte(c.content.Text)
		if c.content.PNG != nil {
			b = c.content.PNG
		}
		c.hand(e, b)
	default:
		property = xproto.AtomNone // refused
	}
	answer := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: property}
	xproto.SendEvent(c.d.x, false, e.Requestor, 0, string(answer.Bytes()))
}

func (c *clipboard) hand(e xproto.SelectionRequestEvent, b []byte) {
	if len(b) <= piece {
		xproto.ChangeProperty(c.d.x, xproto.PropModeReplace, e.Requestor, e.Property, e.Target, 8, uint32(len(b)), b)
		return
	}
	xproto.ChangeWindowAttributes(c.d.x, e.Requestor, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
	xproto.ChangeProperty(c.d.x, xproto.PropModeReplace, e.Requestor, e.Property, c.atoms["INCR"], 32, 1, le.AppendUint32(nil, uint32(len(b))))
	c.sending[transfer{e.Requestor, e.Property}] = b
}

// property is told when a property was read, or written.
func (c *clipboard) property(e xproto.PropertyNotifyEvent) {
	if e.Window == c.d.own {
		if e.State == xproto.PropertyNewValue {
			select {
			case c.properties <- e.Atom:
			default:
			}
		}
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := transfer{e.Window, e.Atom}
	rest, ok := c.sending[t]
	if !ok || e.State != xproto.PropertyDelete {
		return
	}
	n := min(piece, len(rest))
	target := c.atoms["UTF8_STRING"]
	if c.content.PNG != nil {
		target = c.atoms["image/png"]
	}
	xproto.ChangeProperty(c.d.x, xproto.PropModeReplace, e.Window, e.Atom, target, 8, uint32(n), rest[:n])
	if c.sending[t] = rest[n:]; n == 0 { // an empty one ends it
		delete(c.sending, t)
	}
}

// answered is told when a program has handed over what we asked for.
func (c *clipboard) answered(e xproto.SelectionNotifyEvent) {
	select {
	case c.answers <- e:
	default:
	}
}

func (c *clipboard) get(most int) (device.Content, error) {
	owner, err := xproto.GetSelectionOwner(c.d.x, c.atoms["CLIPBOARD"]).Reply()
	if err != nil || owner.Owner == xproto.WindowNone {
		return device.Content{}, err
	}
	if owner.Owner == c.d.own {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.content, nil
	}
	targets, err := c.ask("TARGETS", most)
	if err != nil {
		return device.Content{}, err
	}
	var offered []xproto.Atom
	for ; len(targets) >= 4; targets = targets[4:] {
		offered = append(offered, xproto.Atom(le.Uint32(targets)))
	}
	for _, form := range []string{"UTF8_STRING", "text/plain;charset=utf-8", "image/png", "STRING"} {
		if !slices.Contains(offered, c.atoms[form]) {
			continue
		}
		b, err := c.ask(form, most)
		switch {
		case err != nil || len(b) > most:
			return device.Content{}, err
		case form == "image/png":
			return device.Content{PNG: b}, nil
		case form == "STRING":
			return device.Content{Text: latin1(b)}, nil
		}
		return device.Content{Text: string(b)}, nil
	}
	return device.Content{}, nil
}

func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, v := range b {
		runes[i] = rune(v)
	}
	return string(runes)
}

// ask has the owner of the clipboard hand it over in a form. It may return a
// little more than most bytes of what is larger.
func (c *clipboard) ask(form string, most int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	property := c.atoms["DESKSIDE"]
	for len(c.answers) > 0 { // left by an earlier one that took too long
		<-c.answers
	}
	for len(c.properties) > 0 {
		<-c.properties
	}
	xproto.DeleteProperty(c.d.x, c.d.own, property)
	xproto.ConvertSelection(c.d.x, c.d.own, c.atoms["CLIPBOARD"], c.atoms[form], property, xproto.TimeCurrentTime)
	select {
	case e := <-c.answers:
		if e.Property == xproto.AtomNone {
			return nil, nil
		}
	case <-ctx.Done():
		return nil, errors.New("the program that has the clipboard does not answer")
	}
	for len(c.properties) > 0 { // told of already: it is there
		<-c.properties
	}
	b, kind, err := c.read(property, most)
	if err != nil || kind != c.atoms["INCR"] {
		return b, err
	}
	return c.pieces(property, most)
}

// pieces collects what comes in several.
func (c *clipboard) pieces(property xproto.Atom, most int) (all []byte, err error) {
	for len(all) <= most {
		select {
		case a := <-c.properties:
			if a != property {
				continue
			}
		case <-time.After(patience):
			return nil, errors.New("the program that has the clipboard stopped half-way")
		}
		b, _, err := c.read(property, most)
		if err != nil || len(b) == 0 {
			return all, err
		}
		all = append(all, b...)
	}
	return all, nil
}

// read takes the value of a property of ours.
func (c *clipboard) read(property xproto.Atom, most int) ([]byte, xproto.Atom, error) {
	r, err := xproto.GetProperty(c.d.x, true, c.d.own, property, xproto.GetPropertyTypeAny, 0, uint32(most/4+1)).Reply()
	if err != nil {
		return nil, 0, err
	}
	if r.BytesAfter > 0 { // it was not deleted
		xproto.DeleteProperty(c.d.x, c.d.own, property)
	}
	return r.Value, r.Type, nil
}
