package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"deskside"
)

// A Relay returns how a browser reaches the STUN/TURN server of the node with
// the given host, "" for this one, as one end of a view in a session. Without
// addresses there is none.
type Relay func(session deskside.SessionID, p deskside.ParticipantID, host string) RelayAccess

// RelayAccess is one participant's way to a relay.
type RelayAccess struct {
	URLs               []string // RFC 7064 and RFC 7065
	Username, Password string
	Expires            time.Time // for new allocations
}

// An iceServer is an RTCIceServer (W3C WebRTC).
type iceServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username"`
	Credential string   `json:"credential"`
}

type iceServers struct {
	ICEServers []iceServer `json:"iceServers"`
	Expires    time.Time   `json:"expires,omitzero"` // ask again after it
}

func (a RelayAccess) servers() iceServers {
	if len(a.URLs) == 0 {
		return iceServers{ICEServers: []iceServer{}}
	}
	return iceServers{[]iceServer{{a.URLs, a.Username, a.Password}}, a.Expires}
}

// relay tells somebody at an end of a view how to reach the relay.
func (s *Server) relay(w http.ResponseWriter, r *http.Request) error {
	who, session := by(r), sessionOf(r)
	host, err := s.Desk.RelayOf(r.Context(), who, session)
	if err != nil {
		return err
	}
	return writeJSON(w, s.access(session, who.ID, host).servers())
}

// testLasts is how long an agent may test the relay.
const testLasts = 2 * time.Minute

// testSession names a session that is none: it tests the relay until then.
func testSession(until time.Time) deskside.SessionID {
	return deskside.SessionID(fmt.Sprintf("~%d~%s", until.Unix(), deskside.NewID()))
}

// TestsRelay says whether a session is none, but a test of the relay by a
// signed-in agent that is not over. Only the server makes such names, and
// credentials for them.
func TestsRelay(session deskside.SessionID, now time.Time) bool {
	fields := strings.Split(string(session), "~")
	if len(fields) != 3 || fields[0] != "" {
		return false
	}
	until, err := strconv.ParseInt(fields[1], 10, 64)
	return err == nil && now.Unix() < until
}

// connectionTest gives an agent's page both ends of a connection through the
// relay.
func (s *Server) connectionTest(w http.ResponseWriter, _ *http.Request) error {
	session := testSession(time.Now().Add(testLasts))
	return writeJSON(w, struct {
		One     iceServers `json:"one"`
		Another iceServers `json:"another"`
		Secure  bool       `json:"secure"` // people reach the server by https
		Off     bool       `json:"off"`    // the relay is switched off
	}{s.apart(session, "one"), s.apart(session, "another"), s.BaseURL.Scheme == "https", s.Relay == nil})
}

// apart gives each address of the relay credentials of its own. A browser
// tries them all at once, each from several addresses that it has itself, and
// one set of credentials opens only so many allocations.
func (s *Server) apart(session deskside.SessionID, p deskside.ParticipantID) iceServers {
	all := iceServers{ICEServers: []iceServer{}}
	for _, url := range s.access(session, p, "").URLs {
		one := s.access(session, p, "")
		all.Expires = one.Expires
		all.ICEServers = append(all.ICEServers, iceServer{[]string{url}, one.Username, one.Password})
	}
	return all
}

// access is a participant's way to the relay; none where that is off.
func (s *Server) access(session deskside.SessionID, p deskside.ParticipantID, host string) RelayAccess {
	if s.Relay == nil {
		return RelayAccess{}
	}
	return s.Relay(session, p, host)
}
