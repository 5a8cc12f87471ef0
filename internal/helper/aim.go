package helper

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"slices"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

const (
	// aimLasts is how long marks are shown and looked for.
	aimLasts = 4 * time.Second
	// aimTries is how often that is tried before the person is asked to help.
	aimTries = 3
	// monitorsEvery is how often it is looked whether the monitors are as they were.
	monitorsEvery = 2 * time.Second
)

// An aim finds out which screen the shared picture shows: it shows marks, has
// the end-user's page look for them in the picture that it shares, and compares.
type aim struct {
	s        *session
	screen   int64 // that is looked for now; 0 for none
	until    time.Time
	hide     func()
	marks    []placed
	monitors []device.Monitor
	tries    int
	checked  time.Time
}

// look begins to look, or gives up, as the guard's mode asks for.
func (a *aim) look(now time.Time) {
	g := a.s.guard
	if now.Sub(a.checked) >= monitorsEvery && (g.screen != 0 || a.screen != 0) {
		a.checked = now
		if monitors, err := a.s.dev.Monitors(); err != nil || !slices.Equal(monitors, a.monitors) {
			a.again()
		}
	}
	if a.screen != 0 && (g.Mode() != control.Aiming || a.screen != g.server.Screen || now.After(a.until)) {
		a.done()
		if now.After(a.until) {
			a.tries++
			g.Unproven(a.tries >= aimTries)
		}
	}
	if a.screen == 0 && g.Mode() == control.Aiming {
		a.begin(now)
	}
}

// again forgets what was found, and looks anew.
func (a *aim) again() {
	a.done()
	a.tries = 0
	a.s.guard.Unproven(false)
}

func (a *aim) begin(now time.Time) {
	monitors, err := a.s.dev.Monitors()
	if err != nil {
		a.s.guard.Unproven(true)
		return
	}
	a.monitors, a.checked = monitors, now
	a.marks = plan(monitors, newMark)
	var marks []device.Mark
	var ids []uint16
	for _, m := range a.marks {
		marks = append(marks, device.Mark{At: m.at.Min, Image: drawMark(m.id)})
		ids = append(ids, m.id)
	}
	a.hide, err = a.s.dev.Show(marks)
	switch {
	case errors.Is(err, device.ErrUnsupported) && len(monitors) == 1:
		// Wayland shows nothing above all else; there the person chose the one
		// screen that can be controlled in the desktop's own dialog.
		a.s.guard.Proven(a.s.guard.server.Screen, monitors[0].Area)
		return
	case err != nil:
		a.s.guard.Unproven(true)
		return
	}
	a.screen, a.until = a.s.guard.server.Screen, now.Add(aimLasts)
	said, err := json.Marshal(map[string][]uint16{"look": ids})
	if err == nil {
		a.s.signal("aim", string(said))
	}
}

func newMark() uint16 {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint16(b[:])
}

// found takes what the end-user's page found.
func (a *aim) found(said string) {
	var answer struct {
		Found []Found `json:"found"`
	}
	if a.screen == 0 || json.Unmarshal([]byte(said), &answer) != nil || len(answer.Found) > 64 {
		return
	}
	if area, ok := locate(a.monitors, a.marks, answer.Found); ok {
		screen := a.screen
		a.done()
		a.tries = 0
		a.s.guard.Proven(screen, area)
	}
}

// done takes the marks away.
func (a *aim) done() {
	if a.hide != nil {
		a.hide()
	}
	a.hide, a.screen = nil, 0
}

// shown is the area that the frame is around: what is proven to be shared,
// while control is allowed.
func (g *Guard) shown() image.Rectangle {
	switch g.Mode() {
	case control.On, control.Paused, control.Theirs:
		if g.screen != 0 {
			return g.area
		}
	}
	return image.Rectangle{}
}
