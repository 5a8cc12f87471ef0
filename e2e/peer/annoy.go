package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pion/webrtc/v4"
)

// annoy says n things that no page would: to be read, to be taken for
// something, and in the name of pages and connections that there are not.
func (p *page) annoy(n int, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 2))
	sdp, err := p.plausible()
	if err != nil {
		return err
	}
	for i := range n {
		if err := p.say(nonsense(r, i, sdp)); err != nil {
			return fmt.Errorf("after %d: %w", i, err)
		}
	}
	return nil
}

// plausible returns a description of a connection.
func (p *page) plausible() (string, error) {
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{p.certificate}})
	if err != nil {
		return "", err
	}
	defer pc.Close()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		return "", err
	}
	offer, err := pc.CreateOffer(nil)
	return offer.SDP, err
}

// nonsense is one such thing: a text, or what becomes JSON.
func nonsense(r *rand.Rand, i int, sdp string) any {
	name := []string{"page", "", "__proto__", "constructor", random(), strings.Repeat("x", 65)}[r.IntN(6)]
	switch i % 8 {
	case 0:
		return mutated(r, `{"k":"hello","page":"p","seal":"s"}`)
	case 1: // what JSON can be that is no object
		return []string{"", "null", "[]", "0", `"hello"`, "true", "{", `{"k":`, strings.Repeat("[", 9000), "\u0000\ufeff"}[r.IntN(10)]
	case 2:
		return map[string]any{"k": []any{"hello", 1, nil, map[string]any{}, "toString"}[r.IntN(5)], "page": name, "seal": []any{"s", 7, nil}[r.IntN(3)]}
	case 3: // who says hello in ever new names, and never answers
		return said{K: "hello", Page: fmt.Sprint("page ", i), Seal: strings.Repeat("0", 64)}
	case 4:
		kind := []webrtc.SDPType{webrtc.SDPTypeOffer, webrtc.SDPTypeAnswer, webrtc.SDPTypeRollback}[r.IntN(3)]
		return said{K: "sdp", Page: fmt.Sprint("page ", i-1), Link: name, Nonce: name, SDP: &webrtc.SessionDescription{Type: kind, SDP: mutated(r, sdp)}}
	case 5:
		mid, index := name, uint16(r.Uint32())
		return said{K: "ice", Page: fmt.Sprint("page ", i-2), Link: name, ICE: &webrtc.ICECandidateInit{Candidate: mutated(r, "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"), SDPMid: &mid, SDPMLineIndex: &index}}
	case 6:
		return map[string]any{"k": "sdp", "page": fmt.Sprint("page ", i-3), "link": name, "nonce": name, "sdp": []any{nil, 1, "v=0", []int{1}, map[string]any{"type": "offer"}}[r.IntN(5)]}
	}
	return strings.Repeat("\U0001f600", r.IntN(7000)) // up to 28 KB
}

// mutated changes some bytes of a text; what is no UTF-8 then is left out.
func mutated(r *rand.Rand, text string) string {
	b := []byte(text)
	for range 1 + r.IntN(6) {
		switch at := r.IntN(len(b)); r.IntN(3) {
		case 0:
			b[at] = byte(r.Uint32())
		case 1:
			b = append(b[:at], b[at+1:]...)
		case 2:
			b = append(b[:at], append([]byte(text[:r.IntN(len(text))]), b[at:]...)...)
		}
		b = append(b, '}')
	}
	return strings.ToValidUTF8(string(b), "")
}
