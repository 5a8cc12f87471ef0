package access

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deskside"
)

// TestVerify has a hash that others made: a test vector of x/crypto.
func TestVerify(t *testing.T) {
	const reference = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$Bo1ismRVk2qm6+YAYLCmWHDb+j3fjUH3"
	for _, c := range []struct {
		name, stored, password string
		right, fault           bool
	}{
		{"right", reference, "password", true, false},
		{"wrong", reference, "Password", false, false},
		{"empty", reference, "", false, false},
		{"our own", recommended.hash("Grüße 😀"), "Grüße 😀", true, false},
		{"nobody's", newHasher(recommended).nobody, "password", false, false},
		{"no hash", "password", "password", false, true},
		{"nothing", "", "", false, true},
		{"argon2i", strings.Replace(reference, "argon2id", "argon2i", 1), "password", false, true},
		{"no passes", strings.Replace(reference, "t=2", "t=0", 1), "password", false, true},
		{"cut", reference[:strings.LastIndex(reference, "$")+1], "password", false, true},
		{"no salt", strings.Replace(reference, "c29tZXNhbHQ", "?", 1), "password", false, true},
	} {
		right, err := verify(c.stored, c.password)
		if right != c.right || (err != nil) != c.fault {
			t.Errorf("%s: %v, %v", c.name, right, err)
		}
	}
}

func TestHashHasItsCostAndASaltOfItsOwn(t *testing.T) {
	first, second := recommended.hash("correct horse"), recommended.hash("correct horse")
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(first, want) {
		t.Errorf("%s, want %s…", first, want)
	}
	if first == second {
		t.Error("two hashes of one password are equal")
	}
}

func TestAtMostTwoHashesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, entered := newHasher(recommended), make(chan func(), 10)
		for range 3 {
			go func() {
				leave, err := h.enter(context.Background())
				if err != nil {
					t.Error(err)
				}
				entered <- leave
			}()
		}
		synctest.Wait()
		if len(entered) != atOnce {
			t.Fatalf("%d work at once, want %d", len(entered), atOnce)
		}
		(<-entered)()
		synctest.Wait()
		if len(entered) != atOnce {
			t.Fatalf("%d work once one has left, want %d", len(entered), atOnce)
		}
	})
}

func TestWaitingForAHashIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(recommended)
		for range atOnce { // for ever
			if _, err := h.enter(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		refused := make(chan error, waiting+1)
		for range waiting {
			go func() {
				_, err := h.enter(context.Background())
				refused <- err
			}()
		}
		synctest.Wait()
		began := time.Now()
		if _, err := h.enter(context.Background()); deskside.CodeOf(err) != deskside.CodeTooMany || time.Since(began) > 0 {
			t.Errorf("a full queue answers %v after %s", err, time.Since(began))
		}
		for range waiting {
			if err := <-refused; deskside.CodeOf(err) != deskside.CodeTooMany {
				t.Errorf("who waited too long got %v", err)
			}
		}
		if waited := time.Since(began); waited != patient {
			t.Errorf("they waited %s, want %s", waited, patient)
		}
	})
}

func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	h := newHasher(recommended)
	for range atOnce {
		if _, err := h.enter(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for range 2 * waiting {
		if _, err := h.enter(gone); err != context.Canceled {
			t.Fatalf("%v, want %v", err, context.Canceled)
		}
	}
}
