package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deskside": main})
}

// TestCommandLine runs testdata/*.txtar against the real program, each in a
// folder of its own. Beside testscript's own commands they have
//
//	waitfor FILE REGEXP     wait until the file has a match
//	answers FILE STATUS PATH  ask the server whose output is in the file
//	hang FILE               begin a request to it, and never finish
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Deadline:            time.Now().Add(4 * patience), // ends a server that should have refused to start
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor": waitFor,
			"answers": answers,
			"hang":    hang,
		},
	})
}

// patience is how long a server may take on a busy machine.
const patience = 30 * time.Second

func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor file regexp")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var content []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		content, err = os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(content) {
			return
		}
	}
	ts.Fatalf("%s has no match for %s:\n%s", args[0], args[1], content)
}

// address returns where the server listens whose output is in the file.
func address(ts *testscript.TestScript, file string) string {
	match := regexp.MustCompile(`ready at http://(\S+)`).FindStringSubmatch(ts.ReadFile(file))
	if match == nil {
		ts.Fatalf("%s does not say where the server is", file)
	}
	return match[1]
}

func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: answers file status path")
	}
	res, err := http.Get("http://" + address(ts, args[0]) + args[2])
	ts.Check(err)
	ts.Check(res.Body.Close())
	if got := fmt.Sprint(res.StatusCode); got != args[1] {
		ts.Fatalf("%s answers %s", args[2], res.Status)
	}
}

func hang(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hang file")
	}
	host := address(ts, args[0])
	conn, err := net.Dial("tcp", host)
	ts.Check(err)
	ts.Defer(func() { conn.Close() })
	_, err = fmt.Fprint(conn, strings.ReplaceAll("POST /sign-in HTTP/1.1\nHost: "+host+
		"\nExpect: 100-continue\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 100\n\n", "\n", "\r\n"))
	ts.Check(err)
	ts.Check(conn.SetReadDeadline(time.Now().Add(patience)))
	_, err = conn.Read(make([]byte, 1)) // "100 Continue": the handler waits for the form
	ts.Check(err)
}
