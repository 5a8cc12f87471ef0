package main

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

// The plot's panels, in pixels.
const (
	panelWidth, panelHeight = 300.0, 180.0
	panelGap, margin        = 90.0, 60.0
)

// plot draws both series of costs side by side, as an SVG picture: sizes on a
// logarithmic axis, CPU time and latency on one from 0.
func plot(stored, live []cost) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12" fill="#1f2933">`+"\n",
		2*panelWidth+panelGap+2*margin, panelHeight+2*margin)
	fmt.Fprintln(&b, `<rect width="100%" height="100%" fill="#fff"/>`)
	most := 0.0
	for _, c := range append(append([]cost{}, stored...), live...) {
		most = max(most, c.cpu, 10*millisOf(c.p99))
	}
	panel(&b, margin, most, "sessions in the store, 500 of them live", stored)
	panel(&b, margin+panelWidth+panelGap, most, "live sessions", live)
	fmt.Fprintln(&b, "</svg>")
	return b.Bytes()
}

func millisOf(d time.Duration) float64 { return d.Seconds() * 1000 }

// panel draws one series: CPU time by the left axis, latency by the right one,
// on which 10 µs are 1 ms.
func panel(b *bytes.Buffer, left, most float64, title string, costs []cost) {
	least, last := math.Log10(float64(costs[0].size)), math.Log10(float64(costs[len(costs)-1].size))
	x := func(size int) float64 { return left + panelWidth*(math.Log10(float64(size))-least)/(last-least) }
	y := func(v float64) float64 { return margin + panelHeight*(1-v/most) }
	fmt.Fprintf(b, `<text x="%.0f" y="%.0f" text-anchor="middle">%s</text>`+"\n", left+panelWidth/2, margin+panelHeight+40, title)
	step := math.Pow(10, math.Floor(math.Log10(most/2)))
	for _, times := range []float64{1, 2, 5} { // some five lines
		if most/(times*step) < 6 {
			step *= times
			break
		}
	}
	for v := 0.0; v <= most; v += step {
		fmt.Fprintf(b, `<path d="M%.0f %.1fh%.0f" stroke="#d9dee3"/><text x="%.0f" y="%.1f" text-anchor="end">%.0f</text><text x="%.0f" y="%.1f">%s</text>`+"\n",
			left, y(v), panelWidth, left-6, y(v)+4, v, left+panelWidth+6, y(v)+4, strconv.FormatFloat(v/10, 'g', 3, 64))
	}
	for _, c := range costs {
		fmt.Fprintf(b, `<text x="%.0f" y="%.0f" text-anchor="middle">%d</text>`+"\n", x(c.size), margin+panelHeight+18, c.size)
	}
	for i, series := range []struct {
		name, colour string
		value        func(cost) float64
	}{
		{"µs of CPU a message (left)", "#1d4ed8", func(c cost) float64 { return c.cpu }},
		{"p99 to the ack, ms (right)", "#b45309", func(c cost) float64 { return 10 * millisOf(c.p99) }},
		{"p50 to the ack, ms (right)", "#15803d", func(c cost) float64 { return 10 * millisOf(c.p50) }},
	} {
		path := ""
		for _, c := range costs {
			path += fmt.Sprintf(" %.1f,%.1f", x(c.size), y(series.value(c)))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(c.size), y(series.value(c)), series.colour)
		}
		fmt.Fprintf(b, `<path d="M%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", path, series.colour)
		fmt.Fprintf(b, `<text x="%.0f" y="%.0f" fill="%s">%s</text>`+"\n", left, 16+14*float64(i), series.colour, series.name)
	}
}
