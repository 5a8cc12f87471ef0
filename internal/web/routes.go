package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// audience says who may call a route at all; what they may do there, the desk
// decides.
type audience int

const (
	anybody      audience = iota
	agents                // somebody who is signed in
	participants          // an agent, or an end-user of the session in the path
)

// A handler answers a request or returns why it can't.
type handler func(w http.ResponseWriter, r *http.Request) error

// A route is one line of the surface.
type route struct {
	pattern string // of http.ServeMux
	who     audience
	handle  handler
}

// surface is everything that the server answers to.
func (s *Server) surface() []route {
	return []route{
		{"GET /{$}", anybody, s.frontPage},
		{"GET /key", anybody, s.frontPage}, // where a wrong key leads, loaded again
		{"POST /key", anybody, s.typeKey},
		{"GET /j/{token}", anybody, s.linkPage},
		{"GET /s/{session}", anybody, s.sessionPage},
		{"GET /sign-in", anybody, s.signInPage},
		{"POST /sign-in", anybody, s.signIn},
		{"POST /sign-out", anybody, s.signOut},
		{"GET /setup/{token}", anybody, s.setupPage},
		{"POST /setup/{token}", anybody, s.createFirst},

		{"GET /support", anybody, s.consolePage},
		{"POST /support", agents, s.startInTab},
		{"GET /support/{session}", anybody, s.consolePage},
		{"GET /texts", anybody, s.consolePage},
		{"GET /connection", anybody, s.consolePage},
		{"GET /history", anybody, s.consolePage},
		{"GET /history/{session}", anybody, s.consolePage},

		{"POST /api/join", anybody, s.join},
		{"POST /api/knock", anybody, s.knock},
		{"POST /api/doubt", anybody, s.doubt},
		{"POST /api/ring", anybody, s.ring},
		{"GET /receipts/{invitation}/{mac}", anybody, s.receipt},
		{"POST /receipts/{invitation}/{mac}", anybody, s.receipt},
		{"GET /api/me", agents, s.me},
		{"GET /api/countries", agents, s.countries},
		{"GET /api/texts", agents, s.invitationTexts},
		{"PUT /api/texts/{language}", agents, s.setInvitationTexts},
		{"POST /api/texts/{language}/check", agents, s.checkInvitationTexts},
		{"POST /api/helper", anybody, s.pairHelper},
		{"GET /api/helper/live", anybody, s.liveHelper}, // who has a helper's credential
		{"GET /helper/{build}/{name}", anybody, s.helperFile},
		{"GET /api/relay", agents, s.connectionTest},
		{"POST /api/sessions", agents, s.startSession},
		{"GET /api/sessions", agents, s.openSessions},
		{"GET /api/history", agents, s.history},
		{"GET /api/live", agents, s.liveList},
		{"GET /api/stream", agents, s.streamList},

		{"GET /api/sessions/{session}", participants, s.session},
		{"POST /api/sessions/{session}/enter", participants, s.enter},
		{"GET /api/sessions/{session}/events", participants, s.events},
		{"POST /api/sessions/{session}/requests", participants, s.request},
		{"GET /api/sessions/{session}/live", participants, s.live},
		{"GET /api/sessions/{session}/stream", participants, s.stream},
		{"GET /api/sessions/{session}/transcript.txt", participants, s.transcriptText},
		{"GET /api/sessions/{session}/transcript.html", participants, s.transcriptHTML},
		{"GET /api/sessions/{session}/transcript.json", participants, s.transcriptJSON},
		{"GET /api/sessions/{session}/relay", participants, s.relay},
		{"POST /api/sessions/{session}/helper", participants, s.offerHelper},
		{"GET /api/sessions/{session}/control", agents, s.liveControl},
		{"GET /api/sessions/{session}/uploads", participants, s.fileLimits},
		{"OPTIONS /api/sessions/{session}/uploads", participants, s.uploadOptions},
		{"POST /api/sessions/{session}/uploads", participants, s.createUpload},
		{"HEAD /api/sessions/{session}/uploads/{file}", participants, s.uploadState},
		{"PATCH /api/sessions/{session}/uploads/{file}", participants, s.upload},
		{"DELETE /api/sessions/{session}/uploads/{file}", participants, s.cancelUpload},
		{"GET /api/sessions/{session}/files/{file}", participants, s.download},
		{"GET /api/sessions/{session}/files/{file}/picture", participants, s.picture},
		{"GET /api/sessions/{session}/files/{file}/preview", participants, s.preview},
		{"PUT /api/sessions/{session}/files/{file}/preview", participants, s.setPreview},
		{"GET /api/sessions/{session}/key", agents, s.keyCard},
		{"POST /api/sessions/{session}/invitations", agents, s.sendInvitation},
		{"POST /api/sessions/{session}/invitations/check", agents, s.checkInvitation},

		{"GET /assets/{name}", anybody, s.asset},
		{"GET /logo", anybody, s.logo},
		{"GET /favicon.ico", anybody, s.favicon},
		{"GET /healthz", anybody, s.healthy},
		{"GET /readyz", anybody, s.ready},
		{"GET /metrics", anybody, s.metricsPage},
	}
}

func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range append(s.routes, development(s)...) {
		mux.Handle(r.pattern, s.answer(r))
	}
	mux.Handle("/", s.answer(route{pattern: "/", handle: s.nothingHere}))
	return mux
}

// development returns the routes of development builds: none, unless the
// build tag "gallery" adds some.
var development = func(*Server) []route { return nil }

func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) error {
	promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	return nil
}
