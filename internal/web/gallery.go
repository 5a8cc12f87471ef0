//go:build gallery

package web

import "net/http"

// The gallery shows every state of every screen from seeded data, to be
// looked at and tested without a session.
func init() {
	development = func(s *Server) []route {
		return []route{{"GET /_/gallery", anybody, s.galleryPage}}
	}
}

func (s *Server) galleryPage(w http.ResponseWriter, r *http.Request) error {
	data := struct {
		page
		Boot any
	}{page: s.page(r)}
	data.Boot = map[string]any{
		"agent": map[string]string{"id": "ada", "name": "Ada Lovelace", "email": "ada@example.org", "role": "administrator"},
		"lang":  data.Lang, "langs": data.Langs, "org": s.Organisation,
		"texts": s.texts.of(data.Lang, "console", "lines", "errors", "files"),
	}
	return s.render(w, r, http.StatusOK, "gallery", data)
}
