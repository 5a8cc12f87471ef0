package deskside_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var rules = deskside.FileRules{MostEach: 1000, MostSession: 2500, Deny: []string{".EXE", "video/*"}}

// offered is a started session in which the end-user offered file f1 of 1,000
// bytes, which then went through the given states.
func offered(states ...deskside.FileState) *deskside.Session {
	s := active()
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(3), By: guest, Body: &deskside.Attached{File: "f1", Name: "a.txt", Size: 1000, MediaType: "text/plain"}})
	for _, state := range states {
		s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(4), Body: &deskside.FileMoved{File: "f1", State: state, SHA256: "aa"}})
	}
	return s
}

func TestAttach(t *testing.T) {
	for name, test := range map[string]struct {
		session *deskside.Session
		file    deskside.Attached
		rules   deskside.FileRules
		want    deskside.Code
	}{
		"fits":                      {active(), deskside.Attached{Name: "a.txt", Size: 1000}, rules, ""},
		"empty":                     {active(), deskside.Attached{Name: "a.txt"}, rules, ""},
		"negative":                  {active(), deskside.Attached{Name: "a.txt", Size: -1}, rules, deskside.CodeInvalid},
		"too large":                 {active(), deskside.Attached{Name: "a.txt", Size: 1001}, rules, deskside.CodeFileTooLarge},
		"the last that fits":        {offered(), deskside.Attached{Name: "a.txt", Size: 1000}, rules, ""},
		"too much in all":           {offered(), deskside.Attached{Name: "a.txt", Size: 1000}, deskside.FileRules{MostEach: 1000, MostSession: 1999}, deskside.CodeFilesTooMany},
		"a cancelled one is free":   {offered("cancelled"), deskside.Attached{Name: "a.txt", Size: 1000}, deskside.FileRules{MostEach: 1000, MostSession: 1999}, ""},
		"a denied ending":           {active(), deskside.Attached{Name: "A.Exe", Size: 1}, rules, deskside.CodeFileType},
		"a denied type":             {active(), deskside.Attached{Name: "a", MediaType: "Video/MP4; codecs=x", Size: 1}, rules, deskside.CodeFileType},
		"a path before the ending":  {active(), deskside.Attached{Name: "a.txt/b.exe", Size: 1}, rules, deskside.CodeFileType},
		"not among the allowed":     {active(), deskside.Attached{Name: "a.txt", MediaType: "text/plain", Size: 1}, deskside.FileRules{MostEach: 9, MostSession: 9, Allow: []string{"image/*", ".pdf"}}, deskside.CodeFileType},
		"among the allowed":         {active(), deskside.Attached{Name: "a.PDF", Size: 1}, deskside.FileRules{MostEach: 9, MostSession: 9, Allow: []string{"image/*", ".pdf"}}, ""},
		"before the start":          {waiting(), deskside.Attached{Name: "a.txt", Size: 1}, rules, deskside.CodeForbidden},
		"a side that may not":       {active(), deskside.Attached{Name: "a.txt", Size: 1}, deskside.FileRules{MostEach: 9, MostSession: 9, NoEndUsers: true}, deskside.CodeFilesOff},
		"only the other side's off": {active(), deskside.Attached{Name: "a.txt", Size: 1}, deskside.FileRules{MostEach: 9, MostSession: 9, NoAgents: true}, ""},
	} {
		if _, err := test.session.Attach(guest, test.file, test.rules, at(5)); deskside.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	body, err := active().Attach(guest, deskside.Attached{File: "f", Name: "../x\u202etxt.a", MediaType: "nonsense", Size: 1}, rules, at(5))
	want := &deskside.Attached{File: "f", Name: "xtxt.a", MediaType: "application/octet-stream", Size: 1}
	if diff := cmp.Diff(deskside.Body(want), body); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

// TestSnapshot marks as one what an agent took of what they see, and nothing
// else.
func TestSnapshot(t *testing.T) {
	for name, test := range map[string]struct {
		session *deskside.Session
		by      deskside.ParticipantID
		want    bool
	}{
		"who sees the screen":    {viewed(active()), ada, true},
		"who shows it":           {viewed(active()), guest, false},
		"an agent who sees none": {active(), ada, false},
	} {
		body, err := test.session.Attach(test.by, deskside.Attached{Name: "a.png", Size: 1, MediaType: "image/png", Snapshot: true}, rules, at(5))
		if err != nil || body.(*deskside.Attached).Snapshot != test.want {
			t.Errorf("%s: %+v, %v", name, body, err)
		}
	}
}

func TestMoveFile(t *testing.T) {
	may := map[deskside.FileState]string{
		"offered": "checking cancelled expired", "checking": "arrived refused cancelled", "arrived": "removed",
	}
	ways := map[deskside.FileState][]deskside.FileState{
		"offered": nil, "checking": {"checking"}, "arrived": {"checking", "arrived"}, "refused": {"checking", "refused"},
		"cancelled": {"cancelled"}, "expired": {"expired"}, "removed": {"checking", "arrived", "removed"},
	}
	for from, way := range ways {
		for to := range ways {
			got := offered(way...).MoveFile(deskside.FileMoved{File: "f1", State: to}) != nil
			if want := to != "offered" && strings.Contains(" "+may[from]+" ", " "+string(to)+" "); got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
		}
		_, err := offered(way...).CancelFile(ada, "f1", at(5))
		if got, want := err == nil, from == "offered" || from == "checking"; got != want {
			t.Errorf("cancel %s: %v", from, err)
		}
	}
}

func TestMayUpload(t *testing.T) {
	ended := offered()
	ended.Apply(&deskside.Event{Seq: ended.Number + 1, At: at(4), Body: &deskside.Ended{Reason: "agent"}})
	for name, test := range map[string]struct {
		session *deskside.Session
		by      deskside.ParticipantID
		file    deskside.FileID
		want    deskside.Code
	}{
		"its sender":        {offered(), guest, "f1", ""},
		"another":           {offered(), ada, "f1", deskside.CodeForbidden},
		"no such file":      {offered(), guest, "f2", deskside.CodeNotFound},
		"whole":             {offered("checking"), guest, "f1", deskside.CodeTooLate},
		"cancelled":         {offered("cancelled"), guest, "f1", deskside.CodeTooLate},
		"after the session": {ended, guest, "f1", deskside.CodeTooLate},
	} {
		if err := test.session.MayUpload(test.by, test.file, at(5)); deskside.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestPreview(t *testing.T) {
	s := offered()
	body, err := s.Preview(guest, "f1", at(5))
	if err != nil {
		t.Fatal(err)
	}
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(4), Body: body})
	if _, err := s.Preview(guest, "f1", at(5)); deskside.CodeOf(err) != deskside.CodeTooLate {
		t.Errorf("a second preview: %v", err)
	}
	if _, err := s.Preview(ada, "f1", at(5)); deskside.CodeOf(err) != deskside.CodeForbidden {
		t.Errorf("another's preview: %v", err)
	}
}

func TestCleanFileName(t *testing.T) {
	for name, want := range map[string]string{
		"invoice\u202efdp.exe":                  "invoicefdp.exe",
		`C:\Users\ada\note.txt`:                 "note.txt",
		"../../etc/passwd":                      "passwd",
		"a\x00b\nc\u2066.txt":                   "abc.txt",
		"\xff\xfe.txt":                          "txt",
		" .. ":                                  "file",
		"":                                      "file",
		"Rechnung für Müller.pdf":               "Rechnung für Müller.pdf",
		"日本語.txt":                               "日本語.txt",
		`a<b>:"|?*.txt`:                         "a_b______.txt",
		".htaccess":                             "htaccess",
		"x." + strings.Repeat("y", 300):         "x." + strings.Repeat("y", 253),
		strings.Repeat("ü", 200) + ".pdf":       strings.Repeat("ü", 125) + ".pdf",
		strings.Repeat("a", 255):                strings.Repeat("a", 255),
		strings.Repeat("a", 252) + " .verylong": strings.Repeat("a", 246) + ".verylong",
	} {
		if got := deskside.CleanFileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzCleanFileName(f *testing.F) {
	f.Add("a/b\u202e.txt")
	f.Fuzz(func(t *testing.T, name string) {
		got := deskside.CleanFileName(name)
		if got == "" || len(got) > 255 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\n\u202e\u2066\u200f") || got == "." || got == ".." {
			t.Errorf("%q became %q", name, got)
		}
		if again := deskside.CleanFileName(got); again != got {
			t.Errorf("%q became %q, and that %q", name, got, again)
		}
	})
}
