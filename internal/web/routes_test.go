package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"deskside"
	"deskside/internal/servertest"
	"deskside/internal/web"
)

// A visitor is somebody who calls a route.
type visitor string

const (
	stranger visitor = "stranger" // no cookie at all
	owner    visitor = "owner"    // the session's agent
	other    visitor = "other"    // another agent
	admin    visitor = "admin"
	endUser  visitor = "end-user" // takes part in the session
	knocker  visitor = "knocker"  // waits to be admitted
	visitors         = "stranger owner other admin end-user knocker"
)

// rights says, for every route, what status each visitor gets: first in a
// session that waits, then in one that is active, then in one that has ended.
// An end-user and a knocker of a waiting session don't exist.
var rights = map[string]map[visitor]string{
	"GET /{$}":            {"*": "200"},
	"GET /key":            {"*": "200"},
	"POST /key":           {"*": "422"}, // an incomplete key
	"GET /j/{token}":      {"*": "200 409 410", endUser: "- 200 200", knocker: "- 200 410"},
	"GET /s/{session}":    {"*": "404", endUser: "- 200 200", knocker: "- 200 410"},
	"GET /sign-in":        {"*": "200", owner: "303", other: "303", admin: "303"},
	"POST /sign-in":       {"*": "401"},
	"POST /sign-out":      {"*": "303"},
	"GET /setup/{token}":  {"*": "410"},
	"POST /setup/{token}": {"*": "410"},

	"GET /support":           {"*": "303", owner: "200", other: "200", admin: "200"},
	"POST /support":          {"*": "401", owner: "303", other: "303", admin: "303"},
	"GET /support/{session}": {"*": "303", owner: "200", other: "200", admin: "200"},
	"GET /texts":             {"*": "303", owner: "200", other: "200", admin: "200"},
	"GET /connection":        {"*": "303", owner: "200", other: "200", admin: "200"},
	"GET /history":           {"*": "303", owner: "200", other: "200", admin: "200"},
	"GET /history/{session}": {"*": "303", owner: "200", other: "200", admin: "200"},

	"POST /api/join":                    {"*": "404"}, // a token that nobody has
	"POST /api/knock":                   {"*": "404"},
	"POST /api/doubt":                   {"*": "404"},
	"POST /api/ring":                    {"*": "404"},
	"GET /receipts/{invitation}/{mac}":  {"*": "404"},
	"POST /receipts/{invitation}/{mac}": {"*": "404"},
	"GET /api/texts":                    {"*": "401", owner: "200", other: "200", admin: "200"},
	"PUT /api/texts/{language}":         {"*": "401", owner: "403", other: "403", admin: "200"},
	"POST /api/texts/{language}/check":  {"*": "401", owner: "403", other: "403", admin: "200"},
	"GET /api/me":                       {"*": "401", owner: "200", other: "200", admin: "200"},
	"GET /api/relay":                    {"*": "401", owner: "200", other: "200", admin: "200"},
	"GET /api/countries":                {"*": "401", owner: "200", other: "200", admin: "200"},
	"POST /api/sessions":                {"*": "401", owner: "200", other: "200", admin: "200"},
	"GET /api/sessions":                 {"*": "401", owner: "200", other: "200", admin: "200"},
	"GET /api/history":                  {"*": "401", owner: "200", other: "200", admin: "200"},
	"POST /api/helper":                  {"*": "422"}, // no code
	"GET /api/helper/live":              {"*": "401"}, // no helper's credential
	"GET /helper/{build}/{name}":        {"*": "404"},
	"GET /api/live":                     {"*": "401", owner: "422", other: "422", admin: "422"}, // no upgrade was asked for
	"GET /api/stream":                   {"*": "401", owner: "stream", other: "stream", admin: "stream"},

	"GET /api/sessions/{session}":                      {"*": "401", owner: "200", other: "404", admin: "200", endUser: "- 200 200", knocker: "- 200 200"},
	"POST /api/sessions/{session}/enter":               {"*": "401", owner: "403 403 410", other: "404", admin: "403 403 410", endUser: "- 403 410", knocker: "- 403 410"},
	"GET /api/sessions/{session}/events":               {"*": "401", owner: "200", other: "404", admin: "200", endUser: "- 200 200", knocker: "- 403 403"},
	"POST /api/sessions/{session}/requests":            {"*": "401", owner: "409 200 410", other: "404", admin: "409 200 410", endUser: "- 200 410", knocker: "- 403 403"},
	"GET /api/sessions/{session}/live":                 {"*": "401", owner: "422", other: "422", admin: "422", endUser: "- 422 422", knocker: "- 422 422"},
	"GET /api/sessions/{session}/stream":               {"*": "401", owner: "stream", other: "404", admin: "stream", endUser: "- stream stream", knocker: "- stream stream"},
	"GET /api/sessions/{session}/transcript.txt":       {"*": "401", owner: "200", other: "404", admin: "200", endUser: "- 200 200", knocker: "- 403 403"},
	"GET /api/sessions/{session}/transcript.html":      {"*": "401", owner: "200", other: "404", admin: "200", endUser: "- 200 200", knocker: "- 403 403"},
	"GET /api/sessions/{session}/transcript.json":      {"*": "401", owner: "200", other: "404", admin: "200", endUser: "- 200 200", knocker: "- 403 403"},
	"POST /api/sessions/{session}/helper":              {"*": "401", owner: "409 409 410", other: "404", admin: "409 409 410", endUser: "- 409 410", knocker: "- 409 410"},
	"GET /api/sessions/{session}/control":              {"*": "401", owner: "422", other: "422", admin: "422"},
	"GET /api/sessions/{session}/relay":                {"*": "401", owner: "409", other: "404", admin: "409", endUser: "- 409 409", knocker: "- 403 403"},
	"GET /api/sessions/{session}/uploads":              {"*": "401", owner: "200", other: "404", admin: "200", endUser: "- 200 200", knocker: "- 403 403"},
	"OPTIONS /api/sessions/{session}/uploads":          {"*": "401", owner: "204", other: "404", admin: "204", endUser: "- 204 204", knocker: "- 403 403"},
	"POST /api/sessions/{session}/uploads":             {"*": "401", owner: "409 201 410", other: "404", admin: "409 201 410", endUser: "- 201 410", knocker: "- 403 403"},
	"HEAD /api/sessions/{session}/uploads/{file}":      {"*": "401", owner: "404", other: "404", admin: "404", endUser: "- 404 404", knocker: "- 403 403"},
	"PATCH /api/sessions/{session}/uploads/{file}":     {"*": "401", owner: "404", other: "404", admin: "404", endUser: "- 404 404", knocker: "- 403 403"},
	"DELETE /api/sessions/{session}/uploads/{file}":    {"*": "401", owner: "409 404 410", other: "404", admin: "409 404 410", endUser: "- 404 410", knocker: "- 403 403"},
	"GET /api/sessions/{session}/files/{file}":         {"*": "401", owner: "404", other: "404", admin: "404", endUser: "- 404 404", knocker: "- 403 403"},
	"GET /api/sessions/{session}/files/{file}/picture": {"*": "401", owner: "404", other: "404", admin: "404", endUser: "- 404 404", knocker: "- 403 403"},
	"GET /api/sessions/{session}/files/{file}/preview": {"*": "401", owner: "404", other: "404", admin: "404", endUser: "- 404 404", knocker: "- 403 403"},
	"PUT /api/sessions/{session}/files/{file}/preview": {"*": "401", owner: "404", other: "404", admin: "404", endUser: "- 404 404", knocker: "- 403 403"},
	"GET /api/sessions/{session}/key":                  {"*": "401", owner: "200", other: "404", admin: "200"},
	"POST /api/sessions/{session}/invitations":         {"*": "401", owner: "409", other: "404", admin: "409"}, // no gateway
	"POST /api/sessions/{session}/invitations/check":   {"*": "401", owner: "200 409 409", other: "404", admin: "200 409 409"},

	"GET /assets/{name}": {"*": "404"},
	"GET /logo":          {"*": "404"},
	"GET /favicon.ico":   {"*": "200"},
	"GET /healthz":       {"*": "200"},
	"GET /readyz":        {"*": "200"},
	"GET /metrics":       {"*": "200"},
}

// bodies are what is posted to a route.
var bodies = map[string]string{
	"POST /key":                                      "key=12",
	"POST /sign-in":                                  "email=ID%40example.org&password=wrong+password",
	"POST /api/join":                                 `{"token":"NOBODYHASTHIS"}`,
	"POST /api/knock":                                `{"token":"NOBODYHASTHIS"}`,
	"POST /api/sessions":                             `{}`,
	"POST /api/sessions/{session}/enter":             `{}`,
	"POST /api/sessions/{session}/requests":          `{"type":"post","id":"ID","text":"Hello"}`,
	"POST /api/sessions/{session}/invitations":       `{"id":"ID","via":"sms","to":"0151 23456789","country":"DE"}`,
	"POST /api/sessions/{session}/invitations/check": `{"via":"sms","to":"0151 23456789","country":"DE"}`,
	"POST /api/doubt":                                `{"token":"NOBODYHASTHIS"}`,
	"POST /api/ring":                                 `{"token":"NOBODYHASTHIS"}`,
	"POST /api/helper":                               `{"code":"K7M"}`,
	"PUT /api/texts/{language}":                      `{"sms":"","subject":"","mail":""}`,
	"POST /api/texts/{language}/check":               `{"sms":"","subject":"","mail":""}`,
}

// A scene is a session in one state with everybody who can call routes there.
type scene struct {
	session deskside.SessionID
	token   string
	who     map[visitor]*servertest.Client
}

// TestRights walks every route as everybody in every state of a session. A
// route without a row, and a row without a route, fail.
func TestRights(t *testing.T) {
	s := servertest.Start(t)
	scenes := []scene{newScene(t, s, "waiting"), newScene(t, s, "active"), newScene(t, s, "ended")}
	patterns := web.Patterns()
	for pattern := range rights {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("a row for %q, which is no route", pattern)
		}
	}
	for _, pattern := range patterns {
		row, ok := rights[pattern]
		if !ok {
			t.Errorf("no row for the route %q", pattern)
			continue
		}
		for i, sc := range scenes {
			for _, v := range strings.Fields(visitors) {
				want := expected(row, visitor(v), i)
				if want == "-" || sc.who[visitor(v)] == nil {
					continue
				}
				if got := call(t, sc, visitor(v), pattern); got != want {
					t.Errorf("%s as %s, session %d: %s, want %s", pattern, v, i, got, want)
				}
			}
		}
	}
}

// expected reads a row: one status for every state, or one each.
func expected(row map[visitor]string, v visitor, state int) string {
	cell, ok := row[v]
	if !ok {
		cell = row["*"]
	}
	statuses := strings.Fields(cell)
	if len(statuses) == 1 {
		return statuses[0]
	}
	return statuses[state]
}

func newScene(t *testing.T, s *servertest.Server, state string) scene {
	sc := scene{who: map[visitor]*servertest.Client{
		stranger: s.Browser(t),
		owner:    s.Agent(t, "Owner-"+state),
		other:    s.Agent(t, "Other-"+state),
		admin:    s.Administrator(t, "Admin-"+state),
	}}
	id, card := sc.who[owner].StartSession(t)
	sc.session, sc.token = id, card.Token()
	if state == "waiting" {
		return sc
	}
	sc.who[endUser], sc.who[knocker] = s.Browser(t), s.Browser(t)
	sc.who[endUser].Join(t, card)
	sc.who[knocker].Post(t, "/api/knock", map[string]string{"token": card.Token()})
	if state == "ended" {
		sc.who[owner].Ask(t, id, map[string]any{"type": "end"})
	}
	return sc
}

// call makes the request of a route and returns the status, or "stream" for
// an answer that goes on.
func call(t *testing.T, sc scene, v visitor, pattern string) string {
	t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	if v == owner || v == other || v == admin {
		if pattern == "POST /sign-out" {
			return "303" // would end the visitor; TestSignOut does it
		}
	}
	path = strings.NewReplacer("{$}", "", "{token}", sc.token, "{session}", string(sc.session), "{name}", "nothing.js", "{build}", "plan9-mips", "{language}", "en", "{invitation}", "none", "{mac}", "none", "{file}", "NONE").Replace(path)
	body := strings.Replace(bodies[pattern], "ID", deskside.NewID(), 1)
	kind := "application/json"
	if !strings.HasPrefix(path, "/api/") {
		kind = "application/x-www-form-urlencoded"
	}
	r := sc.who[v].Request(t, method, path, kind, []byte(body))
	if strings.Contains(path, "/uploads") {
		r.Header.Set("Tus-Resumable", "1.0.0")
		r.Header.Set("Upload-Length", "3")
		r.Header.Set("Upload-Offset", "0")
		r.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	resp, err := sc.who[v].HTTP.Do(r)
	if err != nil {
		t.Fatalf("%s as %s: %v", pattern, v, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Type") == "text/event-stream" {
		return "stream"
	}
	return fmt.Sprint(resp.StatusCode)
}
