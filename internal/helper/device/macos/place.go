package macos

import (
	"image"
	"path/filepath"
	"strings"
)

// flip turns an area, whose y grows downwards from the main screen's upper
// edge, into AppKit's, whose y grows upwards from its lower edge.
func flip(area image.Rectangle, mainHeight int) (x, y, width, height float64) {
	return float64(area.Min.X), float64(mainHeight - area.Max.Y), float64(area.Dx()), float64(area.Dy())
}

// removable returns what has to be deleted for a program to be gone: the .app
// bundle that its executable is in, or the executable alone.
func removable(executable string) string {
	macOS := filepath.Dir(executable)
	contents := filepath.Dir(macOS)
	app := filepath.Dir(contents)
	if filepath.Base(macOS) == "MacOS" && filepath.Base(contents) == "Contents" && strings.HasSuffix(app, ".app") {
		return app
	}
	return executable
}
