package scan_test

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskside/internal/nettest"
	"deskside/internal/scan"
)

// startICAP runs c-icap with its virus_scan service, which asks clamd. It
// returns the address.
func startICAP(t *testing.T, server clamd) (address string) {
	t.Helper()
	program, folder := find(t, "c-icap libc-icap-mod-virus-scan", "c-icap"), t.TempDir()
	modules, err := filepath.Glob("/usr/lib/*/c_icap")
	if err != nil || len(modules) != 1 {
		t.Fatalf("modules of c-icap: %q, %v", modules, err)
	}
	address = nettest.FreeAddr(t)
	config := write(t, folder, "c-icap.conf", fmt.Sprintf(`PidFile %[1]s/pid
CommandsSocket %[1]s/ctl
Port %[2]s
StartServers 1
MaxServers 1
TmpDir %[1]s
ServerLog %[1]s/server.log
AccessLog %[1]s/access.log
ModulesDir %[3]s
ServicesDir %[3]s
TemplateDir /usr/share/c_icap/templates/
LoadMagicFile /etc/c-icap/c-icap.magic
Module common clamd_mod.so
clamd_mod.ClamdSocket %[4]s
Service virus_scan virus_scan.so
virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GRAPHICS STREAM DOCUMENT
virus_scan.SendPercentData 5
virus_scan.StartSendPercentDataAfter 100M
virus_scan.MaxObjectSize %[5]d
virus_scan.DefaultEngine clamd
virus_scan.PassOnError off
Service echo srv_echo.so
`, folder, address, modules[0], server.unix, longest))
	run(t, exec.Command(program, "-N", "-f", config), address)
	return address
}

func newICAP(t *testing.T, url string) scanner {
	t.Helper()
	s, err := scan.NewICAP(url, new(net.Dialer))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestICAP(t *testing.T) {
	address := startICAP(t, startClamd(t))
	s := newICAP(t, "icap://"+address+"/virus_scan")
	t.Run("virus_scan", func(t *testing.T) { testFound(t, s) })
	t.Run("faults", func(t *testing.T) { testFaults(t, s) })
	t.Run("echo", func(t *testing.T) {
		// It thinks that all is clean, and sends it back.
		got, err := newICAP(t, "icap://"+address+"/echo").Scan(t.Context(), strings.NewReader(harmless(3<<20)))
		if err != nil || got != clean {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("no such service", func(t *testing.T) {
		got, err := newICAP(t, "icap://"+address+"/missing").Scan(t.Context(), strings.NewReader("x"))
		if err == nil || got != (scan.Verdict{}) {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// What strict servers say.
const (
	optionsPreview = "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nAllow: 204\r\nPreview: 30\r\nISTag: \"x\"\r\nEncapsulated: null-body=0\r\n\r\n"
	optionsPlain   = "ICAP/1.0 200 OK\r\nMethods: REQMOD, RESPMOD\r\nEncapsulated: null-body=0\r\n\r\n"
	unmodified     = "ICAP/1.0 204 No Content\r\nISTag: \"x\"\r\n\r\n"
)

// instead answers with another response.
func instead(header, status, body string) string {
	response := "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n\r\n"
	return fmt.Sprintf("ICAP/1.0 200 OK\r\n%sEncapsulated: res-hdr=0, res-body=%d\r\n\r\n%s%x\r\n%s\r\n0\r\n\r\n", header, len(response), response, len(body), body)
}

// TestICAPAnswers meets all the ways in which servers say what they found.
func TestICAPAnswers(t *testing.T) {
	always := func(answer string) func(string) string { return func(string) string { return answer } }
	echo := func(content string) string { return instead("", "200 OK", content) }
	long := harmless(200_000)
	for name, test := range map[string]struct {
		server  icapServer
		content string
		want    scan.Verdict
		err     error // any where it is errAny
	}{
		"in the preview":         {icapServer{answer: always(unmodified)}, "short", clean, nil},
		"exactly the preview":    {icapServer{answer: always(unmodified)}, harmless(30), clean, nil},
		"nothing":                {icapServer{answer: always(unmodified)}, "", clean, nil},
		"after the preview":      {icapServer{answer: always(unmodified)}, long, clean, nil},
		"no preview":             {icapServer{options: optionsPlain, answer: always(unmodified)}, long, clean, nil},
		"sent back":              {icapServer{answer: echo}, long, clean, nil},
		"sent back changed":      {icapServer{answer: func(content string) string { return echo("X" + content[1:]) }}, long, scan.Verdict{Threat: "replaced by the scanner"}, nil},
		"sent back cut":          {icapServer{answer: func(content string) string { return echo(content[1:]) }}, long, scan.Verdict{Threat: "replaced by the scanner"}, nil},
		"a page instead":         {icapServer{answer: always(instead("", "403 Forbidden", "<h1>No</h1>"))}, "x", scan.Verdict{Threat: "refused by the scanner"}, nil},
		"a page with 200":        {icapServer{answer: always(instead("", "200 OK", "<h1>No</h1>"))}, "x", scan.Verdict{Threat: "replaced by the scanner"}, nil},
		"infection":              {icapServer{answer: always(instead("X-Infection-Found: Type=0; Resolution=2; Threat=Eicar\u202e \u00e4;\r\n", "403 Forbidden", "No"))}, "x", scan.Verdict{Threat: "Eicar \u00e4"}, nil},
		"violations":             {icapServer{answer: always(instead("X-Violations-Found: 1\r\n\tfile\r\n\tEicar\r\n\t0\r\n\t1\r\n", "200 OK", "x"))}, "x", scan.Verdict{Threat: "1 file Eicar 0 1"}, nil},
		"no violations":          {icapServer{answer: always("ICAP/1.0 204 No\r\nX-Violations-Found: 0\r\n\r\n")}, "x", clean, nil},
		"virus id":               {icapServer{answer: always("ICAP/1.0 204 No\r\nX-Virus-ID: Eicar\r\n\r\n")}, "x", scan.Verdict{Threat: "Eicar"}, nil},
		"threat in the preview":  {icapServer{first: instead("X-Infection-Found: Threat=Eicar;\r\n", "403 No", "No")}, long, scan.Verdict{Threat: "Eicar"}, nil},
		"204 after a preview":    {icapServer{first: unmodified}, long, scan.Verdict{}, scan.ErrUnseen},
		"100 twice":              {icapServer{answer: always("ICAP/1.0 100 Continue\r\n\r\n")}, long, scan.Verdict{}, errAny},
		"100 with nothing left":  {icapServer{answer: always("ICAP/1.0 100 Continue\r\n\r\n" + unmodified)}, "x", scan.Verdict{}, errAny},
		"overloaded":             {icapServer{answer: always("ICAP/1.0 503 Service overloaded\r\n\r\n")}, "x", scan.Verdict{}, errAny},
		"gone":                   {icapServer{answer: always("")}, "x", scan.Verdict{}, errAny},
		"half an answer":         {icapServer{answer: always("ICAP/1.0 204 No")}, "x", scan.Verdict{}, errAny},
		"half a body":            {icapServer{answer: always(strings.TrimSuffix(echo("short"), "0\r\n\r\n"))}, "short", scan.Verdict{}, errAny},
		"no ICAP":                {icapServer{answer: always("HTTP/1.1 204 No Content\r\n\r\n")}, "x", scan.Verdict{}, errAny},
		"200 with nothing in it": {icapServer{answer: always("ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\n\r\n")}, "x", scan.Verdict{}, errAny},
		"an endless head":        {icapServer{answer: always("ICAP/1.0 204 No\r\nX: " + strings.Repeat("x", 1<<20))}, "x", scan.Verdict{}, errAny},
		"no RESPMOD":             {icapServer{options: "ICAP/1.0 200 OK\r\nMethods: REQMOD\r\n\r\n"}, "x", scan.Verdict{}, errAny},
		"no OPTIONS":             {icapServer{options: "ICAP/1.0 404 Not found\r\n\r\n"}, "x", scan.Verdict{}, errAny},
	} {
		t.Run(name, func(t *testing.T) {
			server := test.server
			server.t, server.preview = t, 30
			if server.options == "" {
				server.options = optionsPreview
			}
			if server.options == optionsPlain {
				server.preview = -1
			}
			s, err := scan.NewICAP("icap://scanner:1344/av", pipes(server.serve))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Scan(t.Context(), strings.NewReader(test.content))
			if test.err == errAny && err == nil || test.err != errAny && !errors.Is(err, test.err) {
				t.Errorf("%v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// errAny stands for every error.
var errAny = errors.New("any")

// TestICAPIsDown asks where nobody listens.
func TestICAPIsDown(t *testing.T) {
	got, err := newICAP(t, "icap://"+nettest.FreeAddr(t)+"/av").Scan(t.Context(), strings.NewReader("x"))
	if err == nil || got != (scan.Verdict{}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestICAPAddress(t *testing.T) {
	for _, address := range []string{"", "icap:", "icap://", "http://scanner/av", "icap://user:password@scanner/av", "scanner:1344"} {
		if _, err := scan.NewICAP(address, new(net.Dialer)); err == nil {
			t.Errorf("%q is an address", address)
		} else if strings.Contains(err.Error(), "password") {
			t.Errorf("the error says the password: %v", err)
		}
	}
}
