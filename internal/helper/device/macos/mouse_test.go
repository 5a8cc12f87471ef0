package macos

import (
	"errors"
	"image"
	"reflect"
	"testing"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

func TestMoveAndDrag(t *testing.T) {
	var m mouse
	from, to := image.Pt(10, 10), image.Pt(13, 8)
	now := time.Unix(100, 0)
	check := func(step string, want event) {
		t.Helper()
		want.at, want.moved, want.flags = to, image.Pt(3, -2), flagShift
		if got := m.move(from, to, flagShift); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", step, got, want)
		}
	}
	press := func(b control.Button, down bool) {
		t.Helper()
		if _, err := m.press(b, down, from, 0, now, time.Second); err != nil {
			t.Error(err)
		}
	}
	check("no button", event{kind: moved})
	press(control.Left, true)
	check("left", event{kind: leftDragged, clicks: 1})
	press(control.Right, true)
	check("left, then right", event{kind: leftDragged, clicks: 1})
	press(control.Left, false)
	check("right alone", event{kind: rightDragged, button: 1, clicks: 1})
	press(control.Right, false)
	press(control.Forward, true)
	check("forward", event{kind: otherDragged, button: 4, clicks: 1})
	press(control.Forward, false)
	check("none again", event{kind: moved})
}

func TestButtons(t *testing.T) {
	at := image.Pt(5, 6)
	for b, want := range map[control.Button]struct {
		down, up kind
		number   uint32
	}{
		control.Left:    {leftDown, leftUp, 0},
		control.Right:   {rightDown, rightUp, 1},
		control.Middle:  {otherDown, otherUp, 2},
		control.Back:    {otherDown, otherUp, 3},
		control.Forward: {otherDown, otherUp, 4},
	} {
		var m mouse
		for _, down := range []bool{true, false} {
			kind := want.up
			if down {
				kind = want.down
			}
			got, err := m.press(b, down, at, flagCommand, time.Unix(1, 0), time.Second)
			if e := (event{kind: kind, at: at, button: want.number, clicks: 1, flags: flagCommand}); err != nil || !reflect.DeepEqual(got, e) {
				t.Errorf("button %d, down %v: %+v, %v; want %+v", b, down, got, err, e)
			}
		}
	}
	var m mouse
	if _, err := m.press(5, true, at, 0, time.Time{}, 0); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("button 5: %v, want ErrUnsupported", err)
	}
}

func TestClicks(t *testing.T) {
	var m mouse
	start := time.Unix(100, 0)
	for i, click := range []struct {
		button control.Button
		after  time.Duration // since the last one
		at     image.Point
		want   int64
	}{
		{control.Left, 0, image.Pt(50, 50), 1},
		{control.Left, 200 * time.Millisecond, image.Pt(52, 47), 2},
		{control.Left, 500 * time.Millisecond, image.Pt(52, 47), 3},
		{control.Left, 501 * time.Millisecond, image.Pt(52, 47), 1},  // too late
		{control.Left, 100 * time.Millisecond, image.Pt(57, 47), 1},  // too far
		{control.Right, 100 * time.Millisecond, image.Pt(57, 47), 1}, // another button
		{control.Right, 100 * time.Millisecond, image.Pt(57, 47), 2},
		{control.Left, 100 * time.Millisecond, image.Pt(57, 47), 1},
	} {
		start = start.Add(click.after)
		for _, down := range []bool{true, false} {
			e, err := m.press(click.button, down, click.at, 0, start, 500*time.Millisecond)
			if err != nil || e.clicks != click.want {
				t.Errorf("click %d, down %v: counts as %d, %v; want %d", i, down, e.clicks, err, click.want)
			}
		}
	}
}

func TestWheel(t *testing.T) {
	var m mouse
	for i, turn := range []struct {
		right, down int
		left, up    int32
		ok          bool
	}{
		{0, 120, 0, -notch, true},
		{-240, 0, 2 * notch, 0, true},
		{0, 1, 0, 0, false}, // half a pixel
		{0, 1, 0, -1, true},
		{3, -3, -1, 1, true},
		{1, -1, -1, 1, true}, // what was left over
		{0, 0, 0, 0, false},
	} {
		got, ok := m.wheel(turn.right, turn.down, flagOption)
		want := event{kind: scrolled, left: turn.left, up: turn.up, flags: flagOption}
		if ok != turn.ok || !reflect.DeepEqual(got, want) {
			t.Errorf("turn %d: %+v, %v; want %+v, %v", i, got, ok, want, turn.ok)
		}
	}
}

func TestKindMouse(t *testing.T) {
	for _, k := range []kind{leftDown, leftUp, rightDown, rightUp, moved, leftDragged, rightDragged, otherDown, otherUp, otherDragged} {
		if !k.mouse() {
			t.Errorf("%d has no place", k)
		}
	}
	for _, k := range []kind{keyDown, keyUp, flagsChanged, scrolled, tapTimedOut, tapDisabled} {
		if k.mouse() {
			t.Errorf("%d has a place", k)
		}
	}
}
