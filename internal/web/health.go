package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"deskside"
)

// healthy says that the process lives, whatever its dependencies do.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) error {
	_, err := w.Write([]byte("ok\n"))
	return err
}

// ready says whether the server can do its work: its dependencies are there
// and it is not about to stop. A server that hears nothing of the other nodes
// works, and says so.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	err := s.Ready(r.Context())
	if err == nil && s.sockets.closing() {
		err = deskside.Errorf(deskside.CodeUnavailable, "The server stops.")
	}
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		return deskside.Unavailable(err)
	}
	answer := "ready\n"
	if s.Degraded != nil {
		if err := s.Degraded(); err != nil {
			answer = "ready, but slow: " + err.Error() + "\n"
		}
	}
	_, err = w.Write([]byte(answer))
	return err
}

// nothingHere answers for every address that is none of ours.
func (s *Server) nothingHere(http.ResponseWriter, *http.Request) error {
	return deskside.Errorf(deskside.CodeNotFound, "There is nothing at this address.")
}

// favicon is drawn by the pages themselves; browsers ask all the same.
func (s *Server) favicon(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	return sendCompressed(w, r, http.StatusOK, []byte(icon))
}

// icon is two speech bubbles, the nearer one answering.
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6b5d"/>` +
	`<path d="M7 8h18a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H15l-5 5v-5H7a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2z" fill="#fff"/></svg>`

// metrics are what an operator watches. No label holds anything that a person
// said or is called.
type metrics struct {
	requests *prometheus.HistogramVec
	sockets  prometheus.Gauge
	streams  prometheus.Gauge
	stored   prometheus.Counter
	refused  prometheus.Counter
}

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "deskside_http_request_duration_seconds",
			Help:    "How long answers took, by route and status; streams count until they end.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5},
		}, []string{"route", "status"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "deskside_sockets", Help: "Open WebSockets."}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "deskside_streams", Help: "Open Server-Sent Events streams."}),
		stored:  prometheus.NewCounter(prometheus.CounterOpts{Name: "deskside_requests_stored_total", Help: "Requests of participants that were stored, repeated ones too."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "deskside_requests_refused_total", Help: "Requests of participants that were refused because too many were on their way."}),
	}
	registry.MustRegister(m.requests, m.sockets, m.streams, m.stored, m.refused,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}
