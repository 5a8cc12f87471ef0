package relay

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// openFor is how long credentials open allocations.
const openFor = 10 * time.Minute

// sealed is how many characters at the end of a user name say that it is
// genuine.
const sealed = 16

// An owner is whose an allocation is.
type owner struct {
	session, participant string
	credentials          string // tells one set of credentials from another
}

// Credentials lets a participant of a session allocate for the next ten
// minutes. They follow draft-uberti-behave-turn-rest: a user name that begins
// with the time when they expire, and its HMAC for a password.
func (s *Server) Credentials(session, participant string) (username, password string, expires time.Time) {
	expires = s.opt.Clock().Add(openFor)
	name := strings.Join([]string{strconv.FormatInt(expires.Unix(), 10), session, participant, rand.Text()[:8]}, ":")
	username = name + s.seal(name)
	return username, s.password(username), expires
}

func (s *Server) password(username string) string { return s.mac(username) }

// seal shows that we made a name. Without it everybody could have us look up
// sessions, with names that they make up: a password is checked only later.
func (s *Server) seal(name string) string { return s.mac("name " + name)[:sealed] }

func (s *Server) genuine(username string) bool {
	end := len(username) - sealed
	return end > 0 && hmac.Equal([]byte(username[end:]), []byte(s.seal(username[:end])))
}

func (s *Server) mac(text string) string {
	mac := hmac.New(sha1.New, s.opt.Secret) // as the form asks; an HMAC needs no more of it
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// parse reads a user name.
func parse(username string) (o owner, expires time.Time, ok bool) {
	fields := strings.Split(username, ":")
	if len(fields) != 4 || fields[1] == "" || fields[2] == "" || fields[3] == "" {
		return owner{}, time.Time{}, false
	}
	unix, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || unix < 0 {
		return owner{}, time.Time{}, false
	}
	return owner{fields[1], fields[2], fields[3]}, time.Unix(unix, 0), true
}

// id is how the TURN library names an owner.
func (o owner) id() string { return o.session + ":" + o.participant + ":" + o.credentials }

func ownerOf(id string) (owner, bool) {
	fields := strings.Split(id, ":")
	if len(fields) != 3 {
		return owner{}, false
	}
	return owner{fields[0], fields[1], fields[2]}, true
}

// authenticate finds the key of a request. New allocations need credentials
// that have not expired; everything else goes on as long as its participant
// takes part.
func (s *Server) authenticate(r *turn.RequestAttributes) (id string, key []byte, ok bool) {
	o, expires, ok := parse(r.Username)
	if !ok || r.Realm != s.opt.Realm || !s.genuine(r.Username) {
		return "", nil, false
	}
	if r.Method == stun.MethodAllocate && !s.opt.Clock().Before(expires) {
		return "", nil, false
	}
	if !s.opt.Live(o.session, o.participant) {
		return "", nil, false
	}
	return o.id(), turn.GenerateAuthKey(r.Username, r.Realm, s.password(r.Username)), true
}

// withinQuota says whether somebody may allocate once more.
func (s *Server) withinQuota(id, _ string, _ net.Addr) bool {
	o, ok := ownerOf(id)
	return ok && s.ports.mayAdd(o)
}
