package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	fileSize     = 1 << 30
	fileRounds   = 3
	uploads      = 50
	uploadSize   = 32 << 20
	fileDeadline = 3 * time.Minute
)

// files measures how fast a file goes up and down, against a plain copy of the
// same bytes by net/http in the same run, and what many uploads at once need.
func files(s settings) error {
	server, err := startServer(s)
	if err != nil {
		return err
	}
	defer server.stop()
	session, token, err := server.newSession()
	if err != nil {
		return err
	}
	guest, err := server.join(token)
	if err != nil {
		return err
	}
	guest.http.Timeout = fileDeadline
	if err := throughput(session, guest); err != nil {
		return err
	}
	return manyUploads(server, session, guest)
}

func throughput(session string, guest *client) error {
	plain, err := startPlain()
	if err != nil {
		return err
	}
	defer plain.stop()
	var up, down, plainUp, plainDown []time.Duration
	for range fileRounds {
		for _, one := range []struct {
			into *[]time.Duration
			f    func() error
		}{
			{&plainUp, plain.up}, {&plainDown, plain.down},
			{&up, func() error { return guest.upload(session, fileSize) }},
			{&down, func() error { return guest.downloadLast(session) }},
		} {
			began := time.Now()
			if err := one.f(); err != nil {
				return err
			}
			*one.into = append(*one.into, time.Since(began))
		}
	}
	report := func(what string, ours, theirs []time.Duration) {
		o, p := median(ours), median(theirs)
		fmt.Printf("files   1 GiB %-4s %.0f MB/s; a plain copy by net/http %.0f MB/s: %.0f %% of it (aim 80 %%)\n",
			what, fileSize/1e6/o.Seconds(), fileSize/1e6/p.Seconds(), 100*p.Seconds()/o.Seconds())
	}
	report("up", up, plainUp)
	report("down", down, plainDown)
	return nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// manyUploads measures the server's peak memory with many uploads at once.
func manyUploads(server *server, session string, guest *client) error {
	began := time.Now()
	if err := parallel(uploads, uploads, func(int) error { return guest.upload(session, uploadSize) }); err != nil {
		return err
	}
	took := time.Since(began)
	if len(server.processes) == 0 {
		return nil
	}
	peak, err := peakMemory(server.processes[0].Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("files   %d uploads of %d MiB at once: %.0f MB/s together, the server's peak memory %.0f MB (aim 100 MB)\n",
		uploads, uploadSize>>20, uploads*uploadSize/1e6/took.Seconds(), float64(peak)/1e6)
	return nil
}

// block is what files are made of.
var block = func() []byte {
	b := make([]byte, 1<<20)
	_, _ = rand.Read(b) // never fails
	return b
}()

// pattern gives size bytes; each file's begin with others, so that no two are
// the same.
func pattern(size int64) io.Reader {
	head := make([]byte, 16)
	_, _ = rand.Read(head) // never fails
	return io.LimitReader(io.MultiReader(bytes.NewReader(head), &repeated{}), size)
}

// repeated gives the block again and again.
type repeated struct{ at int }

func (r *repeated) Read(b []byte) (int, error) {
	n := copy(b, block[r.at:])
	r.at = (r.at + n) % len(block)
	return n, nil
}

// upload sends a file by tus and returns once the server has all of it.
func (c *client) upload(session string, size int64) error {
	create, err := http.NewRequest(http.MethodPost, c.url+"/api/sessions/"+session+"/uploads?as=end-user", nil)
	if err != nil {
		return err
	}
	create.Header.Set("Tus-Resumable", "1.0.0")
	create.Header.Set("Upload-Length", strconv.FormatInt(size, 10))
	create.Header.Set("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("bench.bin")))
	made, err := c.expect(create, http.StatusCreated)
	if err != nil {
		return err
	}
	send, err := http.NewRequest(http.MethodPatch, c.url+made.Get("Location"), pattern(size))
	if err != nil {
		return err
	}
	send.ContentLength = size
	send.Header.Set("Tus-Resumable", "1.0.0")
	send.Header.Set("Upload-Offset", "0")
	send.Header.Set("Content-Type", "application/offset+octet-stream")
	_, err = c.expect(send, http.StatusNoContent)
	return err
}

// expect makes a request and throws its answer's body away.
func (c *client) expect(r *http.Request, status int) (http.Header, error) {
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode != status {
		return nil, fmt.Errorf("%s %s: status %d", r.Method, r.URL.Path, resp.StatusCode)
	}
	return resp.Header, nil
}

// downloadLast gets the file that arrived last.
func (c *client) downloadLast(session string) error {
	var log struct {
		Events []struct {
			Type string
			Data struct{ File, State string }
		}
	}
	last := ""
	for deadline := time.Now().Add(fileDeadline); ; time.Sleep(5 * time.Millisecond) {
		if err := c.get("/api/sessions/"+session+"/events?as=end-user", &log); err != nil {
			return err
		}
		newest := log.Events[len(log.Events)-1]
		if last = newest.Data.File; newest.Data.State == "arrived" {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the file does not arrive")
		}
	}
	r, err := http.NewRequest(http.MethodGet, c.url+"/api/sessions/"+session+"/files/"+last+"?as=end-user", nil)
	if err != nil {
		return err
	}
	_, err = c.expect(r, http.StatusOK)
	return err
}

// A plainServer stores and gives one file, and does nothing else.
type plainServer struct {
	client
	listener net.Listener
	folder   string
}

func startPlain() (*plainServer, error) {
	folder, err := os.MkdirTemp("", "deskside-bench-")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &plainServer{client: *newClient("http://" + listener.Addr().String()), listener: listener, folder: folder}
	p.http.Timeout = fileDeadline
	go http.Serve(listener, http.HandlerFunc(p.serve)) // ends with its listener
	return p, nil
}

func (p *plainServer) serve(w http.ResponseWriter, r *http.Request) {
	name := filepath.Join(p.folder, "file")
	if r.Method == http.MethodGet {
		http.ServeFile(w, r, name)
		return
	}
	f, err := os.Create(name)
	if err == nil {
		_, err = io.Copy(f, r.Body)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (p *plainServer) up() error {
	r, err := http.NewRequest(http.MethodPut, p.url, pattern(fileSize))
	if err != nil {
		return err
	}
	r.ContentLength = fileSize
	_, err = p.expect(r, http.StatusOK)
	return err
}

func (p *plainServer) down() error {
	r, err := http.NewRequest(http.MethodGet, p.url+"/", nil)
	if err != nil {
		return err
	}
	_, err = p.expect(r, http.StatusOK)
	return err
}

func (p *plainServer) stop() {
	p.listener.Close()
	os.RemoveAll(p.folder)
}
