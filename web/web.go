// Package web holds the files that browsers get: what web/build made of the
// TypeScript and the style sheets, the texts, and the templates of pages.
//
// The built files are missing until "make build" has run; the server then
// serves a page that says so.
package web

import "embed"

// Files has dist/, texts/ and pages/.
//
//go:embed all:dist texts pages
var Files embed.FS
