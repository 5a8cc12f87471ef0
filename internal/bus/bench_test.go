package bus_test

import (
	"strings"
	"testing"
	"time"

	"deskside"
)

// BenchmarkNotice tells another node of messages of 120 bytes: one after the
// other, and with 256 on their way.
func BenchmarkNotice(b *testing.B) {
	e := deskside.Event{Seq: 1, At: time.Now(), By: "guest", ID: "one", Body: &deskside.Message{Text: strings.Repeat("x", 120)}}
	if err := e.Encode(); err != nil {
		b.Fatal(err)
	}
	notice := deskside.Notice{Session: "s", Number: 1, Events: []deskside.Event{e}}
	for name, start := range engines {
		for load, atOnce := range map[string]int{"one": 1, "many": 256} {
			b.Run(name+"/"+load, func(b *testing.B) {
				engine := start(b)
				from, to := engine.join(b), engine.join(b)
				heard := make(chan struct{}, atOnce)
				defer to.Subscribe("s", func(deskside.Notice) { heard <- struct{}{} })()
				for arrived := false; !arrived; { // NATS knows of the subscription a moment later
					from.Publish(notice)
					select {
					case <-heard:
						arrived = true
					case <-time.After(50 * time.Millisecond):
					}
				}
				b.ResetTimer()
				for n := range b.N {
					if n >= atOnce {
						<-heard
					}
					from.Publish(notice)
				}
				for range min(b.N, atOnce) {
					<-heard
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "notices/s")
			})
		}
	}
}
