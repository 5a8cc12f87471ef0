package crashtest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"deskside/internal/natstest"
	"deskside/internal/nettest"
	"deskside/internal/postgrestest"
)

const (
	nodesOfService = 3
	// smallDisk is how much the database's disk holds, in bytes.
	smallDisk = 512 << 20
)

// A torture is how long and how hard a service is tortured.
type torture struct {
	sessions int
	pause    time.Duration // between what one participant says
	length   time.Duration
	deaf     time.Duration // for which a client reads nothing
}

// short is the torture of the default run. DESKSIDE_TORTURE, a duration, asks
// for the long one.
var short = torture{sessions: 20, pause: 100 * time.Millisecond, length: 30 * time.Second, deaf: 5 * time.Second}

func wanted(t testing.TB) torture {
	text := os.Getenv("DESKSIDE_TORTURE")
	if text == "" {
		return short
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return torture{sessions: 200, pause: 400 * time.Millisecond, length: long, deaf: time.Minute}
}

// A service is several nodes on one database and one bus, each by cables of
// its own.
type service struct {
	nodes    []*server
	database *postgrestest.Server
	bus      *natstest.Server
	toStore  []*nettest.Cable
	toBus    []*nettest.Cable
	disk     string // a folder of the database's disk; "" where that is everybody's

	mu sync.Mutex // guards up
	up []bool
}

func newService(t testing.TB) *service {
	t.Helper()
	s := &service{disk: mountSmall(t)}
	before := os.TempDir()
	if s.disk != "" {
		t.Setenv("TMPDIR", s.disk) // where the database's folder is made
	}
	s.database = postgrestest.Start(t, "max_wal_size = 96MB", "min_wal_size = 32MB")
	url := s.database.Database(t)
	t.Setenv("TMPDIR", before)
	s.bus = natstest.Start(t)
	for i := range nodesOfService {
		s.toStore = append(s.toStore, nettest.NewCable(t, s.database.Addr))
		s.toBus = append(s.toBus, nettest.NewCable(t, strings.TrimPrefix(s.bus.URL(), "nats://")))
		database := strings.Replace(url, s.database.Addr, s.toStore[i].Address(), 1)
		s.nodes = append(s.nodes, s.node(t, i, "DESKSIDE_DATABASE="+database, "DESKSIDE_BUS=nats://"+s.toBus[i].Address()))
	}
	s.nodes[0].addAgent(t, "ada@example.org")
	for i, n := range s.nodes {
		n.start(t)
		s.set(i, true)
	}
	return s
}

// node is one that is not started yet. All have the data folder, and with it
// the secret, of the first, and are reached under its address.
func (s *service) node(t testing.TB, i int, env ...string) *server {
	t.Helper()
	n := prepare(t)
	n.env = env
	s.up = append(s.up, false)
	if i > 0 {
		n.data = s.nodes[0].data
		n.settings = []string{"--base-url", "http://" + s.nodes[0].address}
	}
	return n
}

// mountSmall mounts a small disk, and returns where; "" where the test may
// not.
func mountSmall(t testing.TB) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+strconv.Itoa(smallDisk)); err != nil {
		t.Logf("the disk is not filled: %v", err)
		return ""
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	for _, f := range []string{folder, filepath.Dir(folder), filepath.Dir(filepath.Dir(folder))} {
		if err := os.Chmod(f, 0o777); err != nil { // the database's user is another
			t.Fatal(err)
		}
	}
	return folder
}

// any returns where a node listens that is not known to be down.
func (s *service) any() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var up []string
	for i, n := range s.nodes {
		if s.up[i] {
			up = append(up, n.address)
		}
	}
	return up[rand.IntN(len(up))]
}

func (s *service) set(i int, up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up[i] = up
}

// A recovery is how long it took after a node was killed.
type recovery struct {
	next time.Duration // until something was shown on another node
	last time.Duration // until the last client of that node was connected again
}

// kill kills a node, measures how the others go on, and starts it again.
func (s *service) kill(t testing.TB, talks []*talk) recovery {
	i := rand.IntN(len(s.nodes))
	s.set(i, false)
	died := time.Now()
	s.nodes[i].kill(t)
	r := watch(talks, s.nodes[i].address, died)
	s.nodes[i].start(t)
	s.set(i, true)
	return r
}

// update stops a node as one does to replace it, and starts it again.
func (s *service) update(t testing.TB) {
	i := rand.IntN(len(s.nodes))
	s.set(i, false)
	s.nodes[i].stop(t)
	s.nodes[i].start(t)
	s.set(i, true)
}

// watch waits until clients are shown something elsewhere, and those of the
// dead node are connected again.
func watch(talks []*talk, dead string, since time.Time) (r recovery) {
	for time.Since(since) < patience {
		away := false
		for _, k := range talks {
			if k.deaf.Load() > since.UnixNano() {
				continue // it hangs by itself
			}
			k.mu.Lock()
			if k.where == dead {
				away = true
			} else {
				if r.next == 0 && k.heard.After(since) && k.back.Before(since) {
					r.next = k.heard.Sub(since)
				}
				if k.back.After(since) {
					r.last = max(r.last, k.back.Sub(since))
				}
			}
			k.mu.Unlock()
		}
		if !away && r.next > 0 {
			return r
		}
		time.Sleep(time.Millisecond)
	}
	return recovery{patience, patience}
}

// fill fills the database's disk for a moment.
func (s *service) fill(t testing.TB) {
	ballast := filepath.Join(s.disk, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Error(err)
		return
	}
	b := make([]byte, 1<<20)
	for err == nil {
		_, err = f.Write(b)
	}
	f.Close()
	time.Sleep(2 * time.Second)
	if err := os.Remove(ballast); err != nil {
		t.Error(err)
	}
	s.database.Kill(t) // it may have ended itself, or be about to
	s.database.Run(t)
}

// TestTorturedService kills nodes, cuts cables, stops the bus and the
// database, fills the disk, and lets clients hang, while people write to each
// other over all nodes.
func TestTorturedService(t *testing.T) {
	how := wanted(t)
	s := newService(t)
	talks := s.nodes[0].talksIn(t, how.sessions)
	for _, k := range talks {
		k.at = s.any
	}
	moment := func() { time.Sleep(time.Duration(500+rand.IntN(2000)) * time.Millisecond) }
	pains := []struct {
		name string
		hurt func()
	}{
		{"a node is killed", func() { s.kill(t, talks) }},
		{"a node is updated", func() { s.update(t) }},
		{"the bus stops", func() { s.bus.Stop(); moment(); s.bus.Run(t) }},
		{"a node is cut off from the bus", func() { hurt(s.toBus, (*nettest.Cable).Snap, moment) }},
		{"a node's way to the bus goes dead", func() { hurt(s.toBus, (*nettest.Cable).Deaden, moment) }},
		{"a node is cut off from the database", func() { hurt(s.toStore, (*nettest.Cable).Snap, moment) }},
		{"a node's way to the database goes dead", func() { hurt(s.toStore, (*nettest.Cable).Deaden, moment) }},
		{"the database restarts", func() { s.database.Stop(t); moment(); s.database.Run(t) }},
		{"the database crashes", func() { s.database.Kill(t); moment(); s.database.Run(t) }},
		{"the disk is full", func() { s.fill(t) }},
		{"clients hang", func() {
			for range 1 + len(talks)/20 {
				talks[rand.IntN(len(talks))].deaf.Store(time.Now().Add(how.deaf).UnixNano())
			}
		}},
	}
	if s.disk == "" {
		pains = slices.DeleteFunc(pains, func(p struct {
			name string
			hurt func()
		}) bool {
			return p.name == "the disk is full"
		})
	}
	finish := post(t, talks, how.pause)
	count := make(map[string]int)
	begin := time.Now()
	for round := 0; time.Since(begin) < how.length; round++ {
		if round%len(pains) == 0 {
			rand.Shuffle(len(pains), func(i, k int) { pains[i], pains[k] = pains[k], pains[i] })
		}
		pain := pains[round%len(pains)]
		count[pain.name]++
		t.Logf("%5.1f s: %s", time.Since(begin).Seconds(), pain.name)
		pain.hurt()
		moment()
	}
	finish()
	acknowledged := verify(t, s.nodes[0], talks)
	s.sameEverywhere(t, talks)
	t.Logf("%d acknowledged messages in %s; %v", acknowledged, time.Since(begin).Round(time.Second), count)
}

// BenchmarkRecovery kills nodes of a service under load, and measures how the
// others go on. A client comes back at once, to any other node; pages wait
// longer, each at random, so that not all come at the same moment.
func BenchmarkRecovery(b *testing.B) {
	s := newService(b)
	talks := s.nodes[0].talksIn(b, 100)
	for _, k := range talks {
		k.at = s.any
	}
	finish := post(b, talks, 400*time.Millisecond)
	var next, last []time.Duration
	for b.Loop() {
		time.Sleep(time.Second)
		r := s.kill(b, talks)
		next, last = append(next, r.next), append(last, r.last)
	}
	finish()
	verify(b, s.nodes[0], talks)
	for unit, times := range map[string][]time.Duration{"next-message": next, "last-client": last} {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Milliseconds()), "ms-p50-"+unit)
		b.ReportMetric(float64(times[len(times)*99/100].Milliseconds()), "ms-p99-"+unit)
	}
}

// hurt does something to a cable of some node for a moment.
func hurt(cables []*nettest.Cable, what func(*nettest.Cable), moment func()) {
	c := cables[rand.IntN(len(cables))]
	what(c)
	moment()
	moment()
	c.Mend()
}

// sameEverywhere asks each node for each session.
func (s *service) sameEverywhere(t testing.TB, talks []*talk) {
	t.Helper()
	for i := 0; i < len(talks); i += 2 {
		want := s.nodes[0].log(t, talks[i])
		for _, n := range s.nodes[1:] {
			k := *talks[i].browser
			k.base = "http://" + n.address
			if faults := CheckShown(n.log(t, &talk{session: talks[i].session, browser: &k}), want); len(faults) > 0 {
				t.Errorf("session %s at another node: %s", talks[i].session, faults[0])
			}
		}
	}
}
