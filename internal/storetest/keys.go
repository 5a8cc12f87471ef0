package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var keyCases = map[string]func(*testing.T, *bench){
	"a key is found by its digits, its link and its session":  testFindKey,
	"digits that are taken store nothing":                     testKeyTaken,
	"two draw the same digits at once":                        testKeyRace,
	"what is sealed is wiped once it is needed no more":       testWiped,
	"what is sealed stays while the key may be extended":      testStaysSealed,
	"a new key takes the place of the old":                    testRenewed,
	"visits are counted":                                      testVisits,
	"an end-user's credential is found, replaced and dropped": testGuests,
}

func testFindKey(t *testing.T, b *bench) {
	id := deskside.SessionID(deskside.NewID())
	want := b.key(id, 1)
	_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Events: []deskside.Event{b.created(ada)}, Key: want}, nil
	})
	must(t, "start", err)
	for name, find := range map[string]func() (deskside.Key, error){
		"digits":  func() (deskside.Key, error) { return b.KeyByDigits(t.Context(), want.DigitsMAC) },
		"link":    func() (deskside.Key, error) { return b.KeyByLink(t.Context(), want.LinkMAC) },
		"session": func() (deskside.Key, error) { return b.KeyOf(t.Context(), id) },
	} {
		if got, err := find(); err != nil || !cmp.Equal(got, *want) {
			t.Errorf("by %s: %+v, %v, want %+v", name, got, err, *want)
		}
	}
	_, err = b.KeyByDigits(t.Context(), want.LinkMAC)
	wantCode(t, "digits of nobody", err, deskside.CodeNotFound)
	_, err = b.KeyByLink(t.Context(), want.DigitsMAC)
	wantCode(t, "link of nobody", err, deskside.CodeNotFound)
	_, err = b.KeyOf(t.Context(), "none")
	wantCode(t, "session of nobody", err, deskside.CodeNotFound)
}

func testKeyTaken(t *testing.T, b *bench) {
	first := b.start(ada)
	taken, err := b.KeyOf(t.Context(), first)
	must(t, "read the key", err)
	second := deskside.SessionID(deskside.NewID())
	_, err = b.Update(t.Context(), second, func(*deskside.Session) (deskside.Change, error) {
		key := b.key(second, 1)
		key.DigitsMAC = taken.DigitsMAC
		return deskside.Change{Events: []deskside.Event{b.created(ada)}, Key: key}, nil
	})
	if !errors.Is(err, deskside.ErrKeyTaken) {
		t.Errorf("error %v, want ErrKeyTaken", err)
	}
	wantCode(t, "the session that got no key", b.View(t.Context(), second, func(*deskside.Session) error { return nil }), deskside.CodeNotFound)
	if got, err := b.KeyByDigits(t.Context(), taken.DigitsMAC); err != nil || got.Session != first {
		t.Errorf("the digits lead to %q, %v, want the first session", got.Session, err)
	}
}

func testKeyRace(t *testing.T, b *bench) {
	const tries = 20
	digits := b.key("", 1).DigitsMAC
	other := b.active(ada)
	var wg sync.WaitGroup
	got := make(chan deskside.SessionID, tries)
	for range tries {
		wg.Go(func() {
			id := deskside.SessionID(deskside.NewID())
			_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
				key := b.key(id, 1)
				key.DigitsMAC = digits
				return deskside.Change{Events: []deskside.Event{b.created(ada)}, Key: key}, nil
			})
			switch {
			case err == nil:
				got <- id
			case !errors.Is(err, deskside.ErrKeyTaken):
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := b.try(other, enduse, &deskside.Message{Text: "meanwhile"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(got) != 1 {
		t.Fatalf("%d sessions got the digits, want one", len(got))
	}
	if n := b.number(other); n != 2+tries {
		t.Errorf("the other session has %d events, want %d", n, 2+tries)
	}
}

func (b *bench) sealed(id deskside.SessionID) string {
	b.t.Helper()
	key, err := b.KeyOf(b.t.Context(), id)
	must(b.t, "read the key", err)
	return string(key.Sealed)
}

func testWiped(t *testing.T, b *bench) {
	for name, body := range map[string]deskside.Body{
		"start":  &deskside.Arrived{Participant: enduse, Role: deskside.RoleEndUser},
		"revoke": &deskside.KeyRevoked{},
		"end":    &deskside.Ended{Reason: deskside.EndedByAgent},
	} {
		id := b.start(ada)
		if b.sealed(id) == "" {
			t.Fatal("a new key is not sealed")
		}
		b.do(id, "", body)
		if got := b.sealed(id); got != "" {
			t.Errorf("%s: %q is still sealed", name, got)
		}
	}
}

func testStaysSealed(t *testing.T, b *bench) {
	id := b.start(ada)
	want := b.sealed(id)
	b.pass(2 * keyLife)
	for _, body := range []deskside.Body{
		&deskside.Knocked{Participant: "somebody", Via: deskside.ViaKey, Check: "042"},
		&deskside.KeyExpired{},
		&deskside.KeyExtended{Expires: deskside.Timestamp(b.now().Add(keyLife))},
		&deskside.Arrived{Participant: "colleague", Role: deskside.RoleAgent},
	} {
		b.do(id, asAda, body)
		if got := b.sealed(id); got != want {
			t.Errorf("after %s %q is sealed, want %q", body.Type(), got, want)
		}
	}
}

func testRenewed(t *testing.T, b *bench) {
	id := b.start(ada)
	old, err := b.KeyOf(t.Context(), id)
	must(t, "read the key", err)
	fresh := b.key(id, 2)
	_, err = b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		body := &deskside.KeyRenewed{Expires: deskside.Timestamp(b.now().Add(keyLife))}
		return deskside.Change{Events: []deskside.Event{{By: asAda, Body: body}}, Key: fresh}, nil
	})
	must(t, "renew", err)
	if got, err := b.KeyOf(t.Context(), id); err != nil || !cmp.Equal(got, *fresh) {
		t.Errorf("the session's key is %+v, %v, want the new one", got, err)
	}
	got, err := b.KeyByDigits(t.Context(), old.DigitsMAC)
	if err != nil || got.Generation != 1 || got.Sealed != nil {
		t.Errorf("the old key is %+v, %v, want it wiped", got, err)
	}
}

func testVisits(t *testing.T, b *bench) {
	id := b.start(ada)
	key, err := b.KeyOf(t.Context(), id)
	must(t, "read the key", err)
	for want := 1; want <= 3; want++ {
		if got, err := b.CountVisit(t.Context(), key.LinkMAC); err != nil || got != want {
			t.Errorf("visits %d, %v, want %d", got, err, want)
		}
	}
	if got, err := b.KeyOf(t.Context(), id); err != nil || got.Visits != 3 {
		t.Errorf("the key has %d visits, %v, want 3", got.Visits, err)
	}
	_, err = b.CountVisit(t.Context(), []byte("nobody's"))
	wantCode(t, "a visit to nobody", err, deskside.CodeNotFound)
}

func testGuests(t *testing.T, b *bench) {
	id := b.start(ada)
	enter := func(body deskside.Body, mac string, drop []byte) {
		t.Helper()
		_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
			guest := &deskside.Guest{MAC: []byte(mac), Session: id, Participant: enduse}
			return deskside.Change{Events: []deskside.Event{{By: enduse, Body: body}}, Guest: guest, Drop: drop}, nil
		})
		must(t, "enter", err)
	}
	b.pass(time.Minute)
	enter(&deskside.Knocked{Participant: enduse, Via: deskside.ViaKey, Check: "042"}, "first", nil)
	want := deskside.Guest{MAC: []byte("first"), Session: id, Participant: enduse}
	if got, err := b.GuestByMAC(t.Context(), []byte("first")); err != nil || !cmp.Equal(got, want) {
		t.Errorf("the first credential is %+v, %v, want %+v", got, err, want)
	}
	enter(&deskside.Arrived{Participant: enduse, Role: deskside.RoleEndUser}, "second", []byte("first"))
	_, err := b.GuestByMAC(t.Context(), []byte("first"))
	wantCode(t, "the replaced credential", err, deskside.CodeNotFound)
	if got, err := b.GuestByMAC(t.Context(), []byte("second")); err != nil || got.Participant != enduse {
		t.Errorf("the second credential is %+v, %v", got, err)
	}
}
