package macos

import (
	"errors"
	"fmt"
	"image"
	"slices"

	"deskside/internal/helper/device"
)

// displays returns the displays, the main one first. Of those that mirror each
// other the system gives one.
func displays() ([]device.Monitor, error) {
	var ids [32]uint32
	var n uint32
	if code := cgGetActiveDisplayList(uint32(len(ids)), &ids[0], &n); code != 0 {
		return nil, fmt.Errorf("macOS doesn't tell its displays (error %d)", code)
	}
	if n == 0 {
		return nil, errors.New("no display is on")
	}
	active := ids[:n]
	if i := slices.Index(active, cgMainDisplayID()); i > 0 {
		active[0], active[i] = active[i], active[0]
	}
	monitors := make([]device.Monitor, 0, n)
	for _, id := range active {
		b := cgDisplayBounds(id)
		at := image.Pt(int(b.X), int(b.Y))
		monitors = append(monitors, device.Monitor{
			Name: fmt.Sprint(id),
			Area: image.Rectangle{Min: at, Max: at.Add(image.Pt(int(b.W), int(b.H)))},
		})
	}
	return monitors, nil
}
