package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"deskside"
)

// A cost is what one hash takes of a machine.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// recommended is what OWASP recommends for argon2id: 82 ms of one core when
// measured.
var recommended = cost{memory: 19 * 1024, passes: 2, lanes: 1}

const (
	saltBytes = 16
	hashBytes = 32
)

// The bounds of the queue for a hash.
const (
	atOnce  = 2 // hashes: what they take of memory and cores
	waiting = 64
	patient = 3 * time.Second // longer than a queue of that length takes
)

// A hasher makes and checks argon2id hashes, a few at once.
type hasher struct {
	cost   cost
	queue  chan struct{} // places to wait or to work
	places chan struct{} // places to work
	nobody string        // a hash that was drawn, not made: it fits no password
}

func newHasher(c cost) *hasher {
	return &hasher{
		cost:   c,
		queue:  make(chan struct{}, atOnce+waiting),
		places: make(chan struct{}, atOnce),
		nobody: c.phc(random(saltBytes), random(hashBytes)),
	}
}

// enter waits for a place to compute a hash; leave gives it back. CodeTooMany
// where the queue is full or too slow.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, errBusy()
	}
	patience := time.NewTimer(patient)
	defer patience.Stop()
	select {
	case h.places <- struct{}{}:
		return func() { <-h.places; <-h.queue }, nil
	case <-patience.C:
		err = errBusy()
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-h.queue
	return nil, err
}

func errBusy() error {
	e := deskside.Errorf(deskside.CodeTooMany, "Too many people sign in at once. Try again in a moment.")
	e.RetryAfter = patient
	return e
}

// hash returns the password as argon2id in PHC string format, once there is a
// place for that.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return h.cost.hash(password), nil
}

// hash returns the password as argon2id in PHC string format:
// $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH.
func (c cost) hash(password string) string {
	salt := random(saltBytes)
	return c.phc(salt, c.sum(password, salt, hashBytes))
}

func (c cost) sum(password string, salt []byte, length int) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, uint32(length))
}

func (c cost) phc(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.memory, c.passes, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

// verify says whether stored is the hash of the password, at the cost that it
// names. An error says that it is no such hash.
func verify(stored, password string) (bool, error) {
	fields := strings.Split(stored, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, errors.New("the stored password is no argon2id hash")
	}
	var c cost
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || c.passes < 1 || c.lanes < 1 {
		return false, errors.New("the stored password has no argon2id cost")
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[4])
	if err != nil {
		return false, fmt.Errorf("decode the stored password's salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(fields[5])
	if err != nil || len(want) == 0 {
		return false, errors.New("the stored password has no hash")
	}
	return subtle.ConstantTimeCompare(c.sum(password, salt, len(want)), want) == 1, nil
}
