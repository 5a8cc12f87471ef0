// Command build makes the files that browsers load.
//
//	go run ./web/build         bundles the scripts and style sheets into web/dist
//	go run ./web/build -types  writes web/src/lib/protocol.ts from the Go types
//	go run ./web/build -gallery  builds the gallery of screens too
//	go run ./web/build -test   bundles the unit tests and runs them with node
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

type entry struct{ from, to string }

// entries are the bundles by the file that each begins with. join.js and
// join.css stand within the join page, so they may load nothing themselves.
var entries = []entry{
	{"web/src/join/join.ts", "join.js"},
	{"web/src/join/join.css", "join.css"},
	{"web/src/join/more.ts", "more.js"},
	{"web/src/join/more.css", "more.css"},
	{"web/src/join/ask.ts", "ask.js"},
	{"web/src/lib/files.ts", "files.js"},
	{"web/src/join/view.ts", "view.js"},
	{"web/src/console/main.tsx", "console.js"},
	{"web/src/console/console.css", "console.css"},
	{"web/src/pages.css", "pages.css"},
}

// gallery shows every state of every screen; it is for development only.
var (
	withGallery bool
	gallery     = entry{"web/src/console/gallery.tsx", "gallery.js"}
)

const (
	dist      = "web/dist"
	protocol  = "web/src/lib/protocol.ts"
	testsInto = ".cache/web-tests"
)

func main() {
	types := flag.Bool("types", false, "write "+protocol)
	test := flag.Bool("test", false, "run the unit tests")
	flag.BoolVar(&withGallery, "gallery", false, "build the gallery too, for servers built with the tag gallery")
	flag.Parse()
	run := build
	switch {
	case *types:
		run = writeTypes
	case *test:
		run = runTests
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

// options are those of every bundle.
func options() api.BuildOptions {
	return api.BuildOptions{
		Bundle:          true,
		Target:          api.ES2022,
		JSX:             api.JSXAutomatic,
		JSXImportSource: "preact",
		LogLevel:        api.LogLevelWarning,
		Charset:         api.CharsetUTF8,
		LegalComments:   api.LegalCommentsNone,
		External:        []string{"/assets/*"}, // the server puts the addresses in
	}
}

// build makes web/dist anew.
func build() error {
	if err := clean(); err != nil {
		return err
	}
	bundles := entries
	if withGallery {
		bundles = append(bundles, gallery)
	}
	for _, e := range bundles {
		o := options()
		o.EntryPoints, o.Outfile, o.Write = []string{e.from}, filepath.Join(dist, e.to), true
		o.MinifyWhitespace, o.MinifyIdentifiers, o.MinifySyntax = true, true, true
		o.Format = api.FormatIIFE
		switch {
		case strings.HasSuffix(e.to, ".css"):
			o.Format = api.FormatDefault
		case e.to == "more.js", e.to == "files.js", e.to == "view.js":
			o.Format = api.FormatESModule // pages import them
		}
		if result := api.Build(o); len(result.Errors) > 0 {
			return fmt.Errorf("%s does not build", e.from)
		}
	}
	return nil
}

// clean removes what an earlier build made.
func clean() error {
	files, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Name() == ".keep" {
			continue
		}
		if err := os.Remove(filepath.Join(dist, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// runTests bundles every *.test.ts and runs them all.
func runTests() error {
	var tests []string
	err := filepath.WalkDir("web/src", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".test.ts") || strings.HasSuffix(path, ".test.tsx") {
			tests = append(tests, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(tests) == 0 {
		return fmt.Errorf("there are no tests")
	}
	if err := os.RemoveAll(testsInto); err != nil {
		return err
	}
	o := options()
	o.EntryPoints, o.Outdir, o.Outbase, o.Write = tests, testsInto, "web/src", true
	o.Platform, o.Format, o.Sourcemap = api.PlatformNode, api.FormatESModule, api.SourceMapInline
	o.OutExtension = map[string]string{".js": ".mjs"}
	if result := api.Build(o); len(result.Errors) > 0 {
		return fmt.Errorf("the tests do not build")
	}
	node := exec.Command("node", "--enable-source-maps", "--test")
	for _, t := range tests {
		bundle := strings.TrimSuffix(strings.TrimPrefix(t, "web/src/"), filepath.Ext(t)) + ".mjs"
		node.Args = append(node.Args, filepath.Join(testsInto, bundle))
	}
	node.Stdout, node.Stderr = os.Stdout, os.Stderr
	return node.Run()
}
