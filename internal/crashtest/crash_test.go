package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"deskside"
)

const (
	sessions = 4
	// defaultKills is how often the server is killed in the default run;
	// DESKSIDE_KILLS asks for more.
	defaultKills = 50
	// injectFor is how long the disk misbehaves.
	injectFor = 5 * time.Second
)

// TestKilledServerLosesNothing lets people write as fast as answers come while
// the server is killed again and again.
func TestKilledServerLosesNothing(t *testing.T) {
	kills := defaultKills
	if more, err := strconv.Atoi(os.Getenv("DESKSIDE_KILLS")); err == nil {
		kills = more
	}
	s := newServer(t)
	s.start(t)
	talks := s.talks(t)
	finish := post(t, talks, 0)
	for range kills {
		time.Sleep(time.Duration(50+rand.IntN(250)) * time.Millisecond)
		s.kill(t)
		if rand.IntN(5) == 0 { // the next one too, while it still opens its data
			s.launch(t)
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
			s.kill(t)
		}
		s.start(t)
	}
	finish()
	t.Logf("%d kills, %d acknowledged messages", kills, verify(t, s, talks))
}

// TestFailingDiskLosesNothing lets calls of the unmodified server fail that
// write and sync its database.
func TestFailingDiskLosesNothing(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed; `make test` installs it")
	}
	for name, inject := range map[string]string{
		"sync fails":  "inject=fsync,fdatasync:error=EIO:when=40+60",
		"disk full":   "inject=pwrite64:error=ENOSPC:when=200+400",
		"write fails": "inject=pwrite64:error=EIO:when=300+500",
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.start(t)
			talks := s.talks(t)
			s.kill(t)
			s.wrapper = []string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync,pwrite64", "-e", inject}
			s.start(t)
			finish := post(t, talks, 0)
			time.Sleep(injectFor)
			finish()
			refused := int64(0)
			for _, talk := range talks {
				refused += talk.refused.Load()
			}
			if refused == 0 {
				t.Error("nothing was refused: the disk did not fail, and this test shows nothing")
			}
			s.kill(t)
			s.wrapper = nil
			s.start(t)
			t.Logf("%d refusals, %d acknowledged messages", refused, verify(t, s, talks))
		})
	}
}

// post lets everybody talk until the returned function is called; that one
// waits until each has the answer to what they said last. They pause for about
// as long as said after each message.
func post(t testing.TB, talks []*talk, pause time.Duration) (finish func()) {
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, talk := range talks {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				talk.say(t, fmt.Sprintf("%s says %d", talk.by, n))
				time.Sleep(time.Duration(rand.Float64() * 2 * float64(pause)))
			}
		})
	}
	return func() {
		stop()
		wg.Wait()
	}
}

// verify holds what the senders know, and what everybody was shown, against
// the log of each session. (In these sessions nothing happens that only agents
// may see.)
func verify(t testing.TB, s *server, talks []*talk) (acknowledged int) {
	t.Helper()
	bySession := make(map[deskside.SessionID][]*talk)
	for _, talk := range talks {
		bySession[talk.session] = append(bySession[talk.session], talk)
	}
	for id, talks := range bySession {
		var said []Said
		for _, talk := range talks {
			said = append(said, talk.said...)
		}
		for _, one := range said {
			if one.Seq != 0 {
				acknowledged++
			}
		}
		log := s.log(t, talks[0]) // the agent's, who sees all of it
		faults := Check(said, log)
		for _, talk := range talks {
			faults = append(faults, CheckShown(talk.shownUpTo(t, int64(len(log))), log)...)
		}
		for i, fault := range faults {
			if i == 10 {
				t.Errorf("session %s: and more", id)
				break
			}
			t.Errorf("session %s: %s", id, fault)
		}
	}
	if acknowledged < len(talks) {
		t.Errorf("only %d messages were acknowledged: this test shows nothing", acknowledged)
	}
	return acknowledged
}
