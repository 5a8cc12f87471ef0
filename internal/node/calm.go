package node

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// calmEvery is how often the node looks whether it may give memory back.
	calmEvery = 10 * time.Second
	// calmRate is how many bytes are made in a second, at most, while little
	// happens. A hundred messages a second make less than a tenth of it.
	calmRate = 8 << 20
	// worthwhile is how many bytes there have to be to give back: collecting
	// takes some milliseconds of a CPU for each 10 MiB that are kept.
	worthwhile = 16 << 20
)

// calm gives memory back to the system while little happens, until ctx ends.
// By itself Go keeps as much for what may come as was needed last: after ten
// thousand people have connected, twice what those need.
func calm(ctx context.Context) {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"},              // made since the start
		{Name: "/gc/heap/live:bytes"},                // found in use by the last collection
		{Name: "/memory/classes/heap/objects:bytes"}, // in use, or garbage
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
	}
	read := func() (made, spare uint64) {
		metrics.Read(samples)
		value := func(i int) uint64 { return samples[i].Value.Uint64() }
		garbage := value(2) - min(value(1), value(2))
		return value(0), garbage + value(3) + value(4)
	}
	ticker := time.NewTicker(calmEvery)
	defer ticker.Stop()
	before, kept := read()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		made, spare := read()
		little := made-before < uint64(calmRate*calmEvery/time.Second)
		before = made
		if little && spare > kept+worthwhile {
			debug.FreeOSMemory()
			before, kept = read()
		}
	}
}
