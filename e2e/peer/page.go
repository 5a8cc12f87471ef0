package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// said is what one page says to the other (docs/protocol.md, "Two pages that
// connect").
type said struct {
	K     string                     `json:"k"`
	Page  string                     `json:"page"`
	Seal  string                     `json:"seal,omitempty"`
	Link  string                     `json:"link,omitempty"`
	Nonce string                     `json:"nonce,omitempty"`
	SDP   *webrtc.SessionDescription `json:"sdp,omitempty"`
	ICE   *webrtc.ICECandidateInit   `json:"ice,omitempty"`
}

// A page is an agent's that sees what an end-user shows.
type page struct {
	say         func(any) error
	name        string
	certificate webrtc.Certificate
	fingerprint string
	nonce       string
	link        string
	pc          *webrtc.PeerConnection
	early       []webrtc.ICECandidateInit // before there is a description
}

func newPage() (*page, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, err
	}
	prints, err := certificate.GetFingerprints()
	if err != nil {
		return nil, err
	}
	fingerprint := strings.ToLower(prints[0].Algorithm + " " + prints[0].Value)
	return &page{name: random(), certificate: *certificate, fingerprint: fingerprint, nonce: random()}, nil
}

func (p *page) close() {
	if p.pc != nil {
		_ = p.pc.Close()
	}
}

// watch connects, and goes on until the socket is closed.
func (p *page) watch(ctx context.Context, heard <-chan said) error {
	hello := time.NewTicker(2 * time.Second)
	defer hello.Stop()
	for p.greet(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-hello.C:
			if p.pc == nil {
				p.greet()
			}
		case s, ok := <-heard:
			if !ok {
				return errors.New("the socket is closed")
			}
			if err := p.hear(s); err != nil {
				return fmt.Errorf("%s: %w", s.K, err)
			}
		}
	}
}

func (p *page) greet() {
	_ = p.say(said{K: "hello", Page: p.name, Seal: digest("deskside seal", p.fingerprint, p.nonce)}) // it is said again
}

func (p *page) hear(s said) error {
	switch {
	case s.K == "sdp" && s.SDP != nil && s.SDP.Type == webrtc.SDPTypeOffer:
		return p.answer(s)
	case s.K == "ice" && s.ICE != nil && s.Link == p.link && p.pc != nil:
		return p.pc.AddICECandidate(*s.ICE)
	case s.K == "ice" && s.ICE != nil:
		p.early = append(p.early, *s.ICE)
	}
	return nil
}

// answer takes an offer: of a connection that is new, or again.
func (p *page) answer(s said) error {
	if s.Link != p.link {
		p.close()
		if err := p.open(s.Link); err != nil {
			return err
		}
		fingerprint := fingerprintOf(s.SDP.SDP)
		report("code", code(p.fingerprint, p.nonce, fingerprint, s.Nonce))
	}
	if err := p.pc.SetRemoteDescription(*s.SDP); err != nil {
		return err
	}
	for _, c := range p.early {
		if err := p.pc.AddICECandidate(c); err != nil {
			return err
		}
	}
	p.early = nil
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return err
	}
	return p.say(said{K: "sdp", Page: p.name, Link: p.link, Nonce: p.nonce, SDP: &answer})
}

func (p *page) open(link string) error {
	// Both are on one machine, which may have no other network than itself.
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{p.certificate}})
	if err != nil {
		return err
	}
	p.pc, p.link = pc, link
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			ice := c.ToJSON()
			_ = p.say(said{K: "ice", Page: p.name, Link: link, ICE: &ice}) // one of several
		}
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { count(track) })
	negotiated, id := true, uint16(0)
	_, err = pc.CreateDataChannel("marks", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id})
	return err
}

// count reports the packets of the picture, each time that there are twice as
// many.
func count(track *webrtc.TrackRemote) {
	for n, next := 1, 1; ; n++ {
		if _, _, err := track.ReadRTP(); err != nil {
			return
		}
		if n == next {
			report("packets", n)
			next *= 2
		}
	}
}

var fingerprints = regexp.MustCompile(`(?m)^a=fingerprint:(\S+) (\S+)`)

func fingerprintOf(sdp string) string {
	found := fingerprints.FindStringSubmatch(sdp)
	if found == nil {
		return ""
	}
	return strings.ToLower(found[1] + " " + found[2])
}

func digest(parts ...string) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// code is what two people compare.
func code(agent, agentNonce, endUser, endUserNonce string) string {
	b, err := hex.DecodeString(digest("deskside code", agent, agentNonce, endUser, endUserNonce))
	if err != nil {
		panic(err) // we made it
	}
	digits := fmt.Sprintf("%06d", binary.BigEndian.Uint32(b)%1_000_000)
	return digits[:3] + " " + digits[3:]
}

func random() string { return rand.Text() }
