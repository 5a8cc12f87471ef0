package helper

import "testing"

func TestTicketOf(t *testing.T) {
	for path, want := range map[string][2]string{
		"/home/a/deskside-helper_help.example.org_K7M2QX":                                    {"https://help.example.org", "K7M2QX"},
		"deskside-helper_localhost+8080_K7M2QX.exe":                                          {"http://localhost:8080", "K7M2QX"},
		"deskside-helper_help.example.org+8443_k7m2qx (1).exe":                               {"https://help.example.org:8443", "K7M2QX"},
		"/T/deskside-helper_help.example.org_K7M2QX-2":                                       {"https://help.example.org", "K7M2QX"},
		"/Volumes/x/deskside-helper_a-b.example_K7M2QX.app/Contents/MacOS/deskside-helper":   {"https://a-b.example", "K7M2QX"},
		"/Volumes/x/deskside-helper_a-b.example_K7M2QX 2.app/Contents/MacOS/deskside-helper": {"https://a-b.example", "K7M2QX"},
		"/home/deskside-helper_evil.example_K7M2QX/deskside-helper":                          {},
		"/usr/bin/deskside-helper":                                                           {},
		"deskside-helper_help.example.org_K7M2QXX":                                           {},
		"deskside-helper_help.example.org":                                                   {},
		"deskside-helper_user@evil.example_K7M2QX":                                           {},
		"deskside-helper_help.example.org+99999999_K7M2QX":                                   {},
	} {
		got := TicketOf(path)
		server := ""
		if got.Server != nil {
			server = got.Server.String()
		}
		if server != want[0] || got.Code != want[1] {
			t.Errorf("%s: %q, %q; want %q", path, server, got.Code, want)
		}
	}
}

func TestParseServer(t *testing.T) {
	for typed, want := range map[string]string{
		"help.example.org": "https://help.example.org", " https://help.example.org/ ": "https://help.example.org", "localhost:8080": "http://localhost:8080",
		"http://127.0.0.1:8080": "http://127.0.0.1:8080", "https://localhost:8443": "https://localhost:8443", "[::1]:80": "http://[::1]:80",
		"http://help.example.org": "", "ftp://a": "", "": "", "a b": "", "https://a@b": "", "https://a/path": "", "https://a?x": "",
	} {
		got, err := ParseServer(typed)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("%q: %v, %v; want %q", typed, got, err, want)
		}
	}
}
