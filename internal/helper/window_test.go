package helper

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

func openTestWindow(t *testing.T) *window {
	t.Helper()
	w, err := openWindow()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	return w
}

// browser opens the window, as the person's does.
func browser(t *testing.T, w *window) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	if status := get(t, client, w.address); status != http.StatusOK {
		t.Fatalf("the window opens with status %d", status)
	}
	return client
}

func get(t *testing.T, client *http.Client, url string) int {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestWindowIsForOne lets somebody who has read its address come second.
func TestWindowIsForOne(t *testing.T) {
	w := openTestWindow(t)
	other := http.DefaultClient
	for _, name := range []string{"page.js", "view", "do"} {
		if status := get(t, other, w.address+name); status != http.StatusForbidden {
			t.Errorf("%s before the page: status %d", name, status)
		}
	}
	person := browser(t, w)
	for range 2 { // loaded again
		if status := get(t, person, w.address); status != http.StatusOK {
			t.Errorf("the person gets status %d", status)
		}
		if status := get(t, other, w.address); status != http.StatusForbidden {
			t.Errorf("another browser gets status %d", status)
		}
	}
	r, err := http.NewRequest("POST", w.address+"do", strings.NewReader(`{"do":"allow"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "http://"+w.host)
	r.AddCookie(&http.Cookie{Name: passName, Value: w.secret})
	resp, err := other.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || len(w.Commands) != 0 {
		t.Errorf("another one's command: status %d, %d commands", resp.StatusCode, len(w.Commands))
	}
	u, err := url.Parse(w.address)
	if err != nil {
		t.Fatal(err)
	}
	if u.Path = "/"; len(person.Jar.Cookies(u)) != 0 {
		t.Error("the cookie goes to other paths")
	}
}

// TestWindowIsPrivate calls the window as another page, another host's name or
// a guesser would.
func TestWindowIsPrivate(t *testing.T) {
	w := openTestWindow(t)
	client := browser(t, w)
	origin := "http://" + w.host
	for name, c := range map[string]struct {
		method, url, host, origin string
		status                    int
	}{
		"the page":                        {"GET", w.address, "", "", 200},
		"its script":                      {"GET", w.address + "page.js", "", "", 200},
		"without the secret":              {"GET", origin + "/", "", "", 404},
		"with another":                    {"GET", origin + "/" + strings.Repeat("A", len(w.secret)) + "/", "", "", 404},
		"by another name":                 {"GET", w.address, "evil.example:80", "", 404},
		"a command":                       {"POST", w.address + "do", "", origin, 204},
		"a command of another page's":     {"POST", w.address + "do", "", "https://evil.example", 404},
		"a command of nobody's":           {"POST", w.address + "do", "", "", 404},
		"a command by another name":       {"POST", w.address + "do", "evil.example", origin, 404},
		"a command without the secret":    {"POST", origin + "/do", "", origin, 404},
		"a file that is not there":        {"GET", w.address + "secret.txt", "", "", 404},
		"a file above the folder":         {"GET", w.address + "..%2fwindow.go", "", "", 400},
		"a method that is not understood": {"DELETE", w.address, "", origin, 404},
	} {
		r, err := http.NewRequest(c.method, c.url, strings.NewReader(`{"do":"pause"}`))
		if err != nil {
			t.Fatal(err)
		}
		if c.host != "" {
			r.Host = c.host
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, c.status)
		}
	}
	if got := len(w.Commands); got != 1 {
		t.Errorf("%d commands arrived, want the one", got)
	}
}

// TestWindowShows follows the stream of what is shown.
func TestWindowShows(t *testing.T) {
	w := openTestWindow(t)
	w.show(View{Phase: "ask", Agent: "Ada <b>"})
	resp, err := browser(t, w).Get(w.address + "view")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() (v View) {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &v); err != nil {
					t.Fatal(err)
				}
				return v
			}
		}
		t.Fatal("the stream ended")
		return v
	}
	if v := next(); v.Phase != "ask" || v.Agent != "Ada <b>" {
		t.Errorf("first %+v", v)
	}
	began := time.Now()
	w.show(View{Phase: "on"})
	if v := next(); v.Phase != "on" {
		t.Errorf("then %+v", v)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a change took %s", took)
	}
}

// TestWindowHasItsTexts looks that what the page asks for is there in each
// language.
func TestWindowHasItsTexts(t *testing.T) {
	read := func(name string) string {
		f, err := windowFiles.Open("window/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	english, german, _ := strings.Cut(read("texts.js"), "  de: {")
	keys := func(texts string) (all []string) {
		for line := range strings.Lines(texts) {
			if key, _, ok := strings.Cut(strings.TrimSpace(line), "': "); ok && strings.HasPrefix(key, "'") {
				all = append(all, key[1:])
			}
		}
		return all
	}
	en, de := keys(english), keys(german)
	if strings.Join(en, " ") != strings.Join(de, " ") || len(en) < 40 {
		t.Errorf("the languages have different texts:\n%v\n%v", en, de)
	}
	page := read("page.js")
	for _, key := range en {
		prefix := key[:strings.LastIndex("."+key, ".")]
		if !strings.Contains(page, "'"+key+"'") && !strings.Contains(page, "`"+prefix) {
			t.Errorf("nobody shows %q", key)
		}
	}
}
