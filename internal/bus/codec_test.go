package bus

import (
	"bytes"
	"encoding/base64"
	"testing"

	"deskside"
)

// FuzzDecode decodes anything without harm, and what it understands it
// encodes to the same meaning.
func FuzzDecode(f *testing.F) {
	e := deskside.Event{Seq: 1, By: "p", Body: &deskside.Message{Text: "text <&>"}}
	for _, n := range []deskside.Notice{
		{}, {Session: "one", Agent: "ada", Number: 3},
		{Session: "one", Number: 1, Events: []deskside.Event{e}},
		{Session: "one", Signal: &deskside.Signal{Kind: deskside.SignalTyping, Typing: true}},
	} {
		b, err := encode(nil, n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{version, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := decode(b)
		if err != nil {
			return
		}
		again, err := encode(nil, n)
		if err != nil {
			t.Fatal(err)
		}
		same, err := decode(again)
		if err != nil || same.Session != n.Session || same.Number != n.Number || len(same.Events) != len(n.Events) {
			t.Fatalf("%+v became %+v, %v", n, same, err)
		}
		for i := range n.Events {
			if !bytes.Equal(same.Events[i].JSON(), n.Events[i].JSON()) {
				t.Fatalf("event %s became %s", n.Events[i].JSON(), same.Events[i].JSON())
			}
		}
	})
}

// FuzzTake takes payloads that anybody with the database could have sent.
func FuzzTake(f *testing.F) {
	b := &Postgres{remote: newRemote(Options{}), node: deskside.NewID()}
	other := &Postgres{remote: newRemote(Options{}), node: deskside.NewID()}
	round, err := encode(nil, deskside.Notice{Session: "one", Signal: &deskside.Signal{RTC: string(make([]byte, 3*maxChunk))}})
	if err != nil {
		f.Fatal(err)
	}
	for _, payload := range other.chunks(appendBytes(nil, round)) {
		f.Add(payload)
	}
	f.Add(other.node + chunkWhole + "000000" + base64.StdEncoding.EncodeToString([]byte{5, version}))
	f.Fuzz(func(t *testing.T, payload string) {
		parts := make(map[string][]byte)
		for range 2 {
			b.take(parts, payload)
		}
		if len(parts) > maxNodes {
			t.Errorf("%d nodes wait", len(parts))
		}
	})
}

func TestChunksFit(t *testing.T) {
	b := &Postgres{remote: newRemote(Options{}), node: deskside.NewID()}
	for _, size := range []int{0, 1, maxChunk - 1, maxChunk, maxChunk + 1, 10 * maxChunk} {
		for _, payload := range b.chunks(make([]byte, size)) {
			if len(payload) >= 8000 {
				t.Errorf("a payload of %d bytes", len(payload))
			}
		}
	}
}
