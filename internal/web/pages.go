package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"deskside/internal/wire"
)

// pages are the server-rendered pages and the built files that they need.
type pages struct {
	templates map[string]*template.Template // by page and language: "join.en"
	assets    map[string]asset              // by the name in their address
	urls      map[string]string             // by file name: "console.js" → "/assets/console-1f2e3d.js"
	style     template.CSS                  // of the join page, inlined
	script    template.JS                   // likewise
	inline    string                        // the policy that lets both run
	built     bool
	brand     *brand
}

type asset struct {
	kind string // media type
	body []byte
}

// inlined are the built files that stand within a page.
var inlined = map[string]bool{"join.js": true, "join.css": true}

func loadPages(files fs.FS, all *catalogues, b *brand) (*pages, error) {
	p := &pages{templates: make(map[string]*template.Template), assets: make(map[string]asset), urls: make(map[string]string), brand: b}
	if err := p.loadAssets(files); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		source, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		painted, err := b.paint(string(source))
		if err != nil {
			return nil, err
		}
		for _, language := range all.languages() {
			texts := all.of(language, "pages", "join", "lines", "console")
			page := strings.TrimSuffix(path.Base(name), ".html")
			t, err := template.New(page).Funcs(template.FuncMap{"t": texts.say, "asset": p.url}).Parse(painted)
			if err != nil {
				return nil, fmt.Errorf("page %s: %w", name, err)
			}
			p.templates[page+"."+language] = t
		}
	}
	return p, nil
}

// loadAssets reads what the web build made. Without it the server still runs,
// and says on its pages what to do.
func (p *pages) loadAssets(files fs.FS) error {
	names, err := fs.Glob(files, "dist/*.*s")
	if err != nil {
		return err
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(loads(a), loads(b)) })
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		painted, err := p.brand.paint(string(body))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.addAsset(path.Base(name), p.addressed(painted))
	}
	p.built = p.script != "" && p.urls["console.js"] != ""
	return nil
}

// loads is 1 for the scripts that load others, and 0 for those that are loaded.
func loads(name string) int {
	switch path.Base(name) {
	case "more.js", "console.js", "gallery.js":
		return 1
	}
	return 0
}

// addressed puts the addresses of built files in place of "/assets/NAME".
func (p *pages) addressed(script string) []byte {
	for name, url := range p.urls {
		script = strings.ReplaceAll(script, `"/assets/`+name+`"`, `"`+url+`"`)
	}
	return []byte(script)
}

func (p *pages) addAsset(name string, body []byte) {
	switch {
	case name == "join.js":
		p.script = template.JS(body)
	case name == "join.css":
		p.style = template.CSS(body)
	}
	sum := sha256.Sum256(body)
	if inlined[name] {
		kind := map[string]string{".js": "script-src", ".css": "style-src"}[path.Ext(name)]
		p.inline += "; " + kind + " 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		return
	}
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
	p.assets[hashed] = asset{kind: mime.TypeByExtension(ext), body: body}
	p.urls[name] = "/assets/" + hashed
}

// url returns the address of a built file.
func (p *pages) url(name string) string { return p.urls[name] }

// A page is what every template gets; each page embeds it.
type page struct {
	Lang, Dir string
	Langs     []string
	Org       string
	Contact   string
	Logo      string // address of the organisation's picture; may be empty
}

func (s *Server) page(r *http.Request) page {
	language := s.texts.language(r)
	return page{Lang: language, Dir: direction(language), Langs: s.texts.languages(), Org: s.Organisation, Contact: s.Contact, Logo: s.pages.brand.url}
}

// policy is what a page may load: our own files, and what stands in it.
const policy = "default-src 'none'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const ownFiles = "; script-src 'self'; style-src 'self'"

// render answers with a page. It is complete before the first byte goes out.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	language := s.texts.language(r)
	allowed := ownFiles
	if !s.pages.built {
		return s.renderUnbuilt(w, r, status)
	}
	if name == "join" {
		allowed = s.pages.inline
	}
	t, ok := s.pages.templates[name+"."+language]
	if !ok {
		return fmt.Errorf("there is no page %q in %q", name, language)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Security-Policy", policy+allowed)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept-Language, Cookie")
	s.rememberLanguage(w, r)
	return sendCompressed(w, r, status, b.Bytes())
}

// rememberLanguage keeps the language that somebody chose in the address.
func (s *Server) rememberLanguage(w http.ResponseWriter, r *http.Request) {
	if chosen := r.URL.Query().Get("lang"); slices.Contains(s.texts.languages(), chosen) {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: chosen, Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: s.BaseURL.Scheme == "https", SameSite: http.SameSiteLaxMode,
		})
	}
}

// unbuilt is every page of a server that was built without the web files.
const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Deskside</title>
<h1>The web files are missing</h1>
<p>This server was built without them. Run <code>make build</code> and start <code>bin/deskside serve</code>.</p>
`

func (s *Server) renderUnbuilt(w http.ResponseWriter, r *http.Request, status int) error {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	return sendCompressed(w, r, status, []byte(unbuilt))
}

// errorPage tells a person why there is no page.
func (s *Server) errorPage(w http.ResponseWriter, r *http.Request, p wire.Problem) {
	data := struct {
		page
		wire.Problem
	}{s.page(r), p}
	if err := s.render(w, r, p.Status, "error", data); err != nil {
		s.Logger.Error("no error page", "error", err)
		http.Error(w, p.Detail, p.Status)
	}
}

// asset serves a built file. Its name has its hash, so it never changes.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	a, ok := s.pages.assets[r.PathValue("name")]
	if !ok {
		return s.nothingHere(w, r)
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return sendCompressed(w, r, http.StatusOK, a.body)
}
