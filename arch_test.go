package deskside_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which packages of this module each of them may import, by
// folder; "" is the domain at the root. A package that is missing here may
// import nothing: whoever adds one decides on its place.
var mayImport = map[string][]string{
	"":                      {},
	"internal/desk":         {""},
	"internal/wire":         {""},
	"internal/store":        {""},
	"internal/bus":          {""},
	"internal/access":       {""},
	"internal/notify":       {""},
	"internal/blob":         {},
	"internal/picture":      {},
	"internal/scan":         {},
	"internal/relay":        {},
	"internal/control":      {},
	"internal/helper":       {"internal/control"},
	"internal/artefact":     {},
	"internal/web":          {"", "internal/artefact", "internal/desk", "internal/wire", "internal/access", "web"},
	"internal/node":         everything,
	"cmd/deskside":          {"", "internal/access", "internal/node"},
	"cmd/deskside-helper":   {"internal/helper"},
	"web":                   {},
	"web/build":             {"", "internal/desk", "internal/wire"},
	"internal/storetest":    {"", "internal/desk", "internal/access"},
	"internal/bustest":      {"", "internal/desk"},
	"internal/nettest":      {},
	"internal/postgrestest": {"internal/nettest"},
	"internal/natstest":     {},
	"internal/blobtest":     {"internal/blob", "internal/nettest"},
	"internal/servertest":   everything,
	"internal/crashtest":    {"", "internal/wire", "internal/nettest", "internal/postgrestest", "internal/natstest"},
	"bench":                 {"", "internal/wire", "internal/postgrestest", "internal/natstest"},
	"e2e/person":            {"internal/helper/device/x11/x11test"},
	"e2e/peer":              {},
	"e2e/database":          {"internal/postgrestest"},
}

var everything = []string{"*"}

// owners says which folders may import what belongs in one place: a module of
// others, or a package of the standard library that is dangerous in a server.
var owners = map[string][]string{
	"modernc.org/sqlite":             {"internal/store"},
	"github.com/pressly/goose/v3":    {"internal/store"},
	"database/sql":                   {"internal/store"},
	"github.com/jackc/pgx/v5":        {"internal/store", "internal/bus", "internal/postgrestest"},
	"github.com/nats-io/nats.go":     {"internal/bus"},
	"github.com/nats-io/nats-server": {"internal/natstest"},
	"github.com/jezek/xgb":           {"internal/helper"},
	"github.com/godbus/dbus":         {"internal/helper"},
	"github.com/ebitengine/purego":   {"internal/helper"},
	"github.com/coder/websocket":     {"internal/helper", "e2e/peer"},
	"github.com/lxzan/gws":           {"internal/web", "internal/servertest", "internal/crashtest", "bench"},
	"golang.org/x/crypto/argon2":     {"internal/access"},
	"github.com/urfave/cli/v3":       {"cmd/deskside"},
	"github.com/wneessen/go-mail":    {"internal/notify"},
	"github.com/minio/minio-go":      {"internal/blob", "internal/blobtest"},
	"golang.org/x/image":             {"internal/picture"},
	"golang.org/x/text":              {"internal/store"},
	"golang.org/x/time":              {"internal/relay"},
	"github.com/pion":                {"internal/relay", "bench", "e2e/peer"},
	"github.com/evanw/esbuild":       {"web/build"},
	"os/exec":                        {"web/build", "internal/helper", "internal/blobtest", "internal/postgrestest", "internal/crashtest", "bench"},
	"math/rand":                      {"internal/control", "internal/helper", "internal/web", "internal/bustest", "internal/blobtest", "bench", "internal/crashtest", "internal/relay", "e2e/peer"}, // jitter and load, never a secret
}

// forbiddenNames say nothing about what a package is for.
var forbiddenNames = []string{"util", "utils", "common", "models", "helpers", "services", "types"}

// A goPackage is what the rules look at. Test files don't count: they may use
// whatever proves most.
type goPackage struct {
	folder    string // from the root, "" for the root itself
	name      string
	commented bool
	imports   []string
}

func TestArchitecture(t *testing.T) {
	packages := readPackages(t, ".")
	if len(packages) == 0 {
		t.Fatal("no packages found")
	}
	for _, p := range packages {
		for _, fault := range faults(p) {
			t.Error(fault)
		}
	}
}

// TestArchitectureCanFail shows the rules what they are there to refuse.
func TestArchitectureCanFail(t *testing.T) {
	for name, p := range map[string]goPackage{
		"the domain with a library":      {"", "deskside", true, []string{"github.com/google/uuid"}},
		"the domain with the desk":       {"", "deskside", true, []string{"deskside/internal/desk"}},
		"the desk with a store":          {"internal/desk", "desk", true, []string{"deskside/internal/store"}},
		"a store with the desk":          {"internal/store", "store", true, []string{"deskside/internal/desk"}},
		"a store with a bus":             {"internal/store", "store", true, []string{"deskside/internal/bus"}},
		"access with a store":            {"internal/access", "access", true, []string{"deskside/internal/store"}},
		"web with a store":               {"internal/web", "web", true, []string{"deskside/internal/store"}},
		"web with SQL":                   {"internal/web", "web", true, []string{"database/sql"}},
		"a part of a library elsewhere":  {"internal/web", "web", true, []string{"modernc.org/sqlite/lib"}},
		"the server with a shell":        {"internal/web", "web", true, []string{"os/exec"}},
		"a package without a place":      {"internal/new", "new", true, []string{"deskside"}},
		"a package without a comment":    {"internal/desk", "desk", false, nil},
		"a package that says nothing":    {"internal/desk/util", "util", true, nil},
		"a part of an engine with a bus": {"internal/store/sqlite", "sqlite", true, []string{"deskside/internal/bus"}},
	} {
		if got := faults(p); len(got) != 1 {
			t.Errorf("%s: faults %q, want one", name, got)
		}
	}
	for name, p := range map[string]goPackage{
		"web with all that it may": {"internal/web", "web", true, []string{"net/http", "deskside", "deskside/internal/desk", "github.com/lxzan/gws"}},
		"a store with its own":     {"internal/store", "store", true, []string{"deskside/internal/store/migrations", "modernc.org/sqlite"}},
		"the node":                 {"internal/node", "node", true, []string{"deskside/internal/store", "deskside/internal/web"}},
	} {
		if got := faults(p); len(got) != 0 {
			t.Errorf("%s: faults %q, want none", name, got)
		}
	}
}

// faults says what is wrong with one package.
func faults(p goPackage) (all []string) {
	complain := func(format string, args ...any) {
		all = append(all, fmt.Sprintf("%s: ", path.Join("deskside", p.folder))+fmt.Sprintf(format, args...))
	}
	if !p.commented {
		complain("no comment says what the package is for")
	}
	if slices.Contains(forbiddenNames, p.name) {
		complain("the name %s says nothing", p.name)
	}
	for _, imported := range p.imports {
		if !allowed(p.folder, imported) {
			complain("may not import %s", imported)
		}
	}
	return all
}

// allowed says whether the package in the folder may import another.
func allowed(folder, imported string) bool {
	if imported == "deskside" || strings.HasPrefix(imported, "deskside/") {
		target := strings.TrimPrefix(strings.TrimPrefix(imported, "deskside"), "/")
		row := place(folder)
		if row != "" && within(target, row) {
			return true // a package and its parts
		}
		return slices.Equal(mayImport[row], everything) || slices.Contains(mayImport[row], target)
	}
	for module, folders := range owners {
		if within(imported, module) {
			return slices.Contains(folders, place(folder))
		}
	}
	first, _, _ := strings.Cut(imported, "/")
	return folder != "" || !strings.Contains(first, ".") // the root: standard library only
}

// place returns the row of mayImport that a folder belongs to: its own, or
// that of the package that it is a part of.
func place(folder string) string {
	for f := folder; f != "." && f != ""; f = path.Dir(f) {
		if _, ok := mayImport[f]; ok {
			return f
		}
	}
	return folder
}

func within(p, tree string) bool { return p == tree || strings.HasPrefix(p, tree+"/") }

// readPackages parses the heads of all Go files below root.
func readPackages(t *testing.T, root string) []goPackage {
	found := make(map[string]*goPackage)
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root && (entry.Name() == "node_modules" || entry.Name() == "testdata" || entry.Name()[0] == '.'):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		return readHead(found, file)
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for _, folder := range slices.Sorted(maps.Keys(found)) {
		all = append(all, *found[folder])
	}
	return all
}

// readHead adds what one file says about its package.
func readHead(found map[string]*goPackage, file string) error {
	head, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return err
	}
	folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), ".")
	p := found[folder]
	if p == nil {
		p = &goPackage{folder: folder, name: head.Name.Name}
		found[folder] = p
	}
	p.commented = p.commented || saysPurpose(head.Doc)
	for _, spec := range head.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if !slices.Contains(p.imports, imported) {
			p.imports = append(p.imports, imported)
		}
	}
	return nil
}

func saysPurpose(doc *ast.CommentGroup) bool {
	return doc != nil && len(strings.Fields(doc.Text())) > 5
}
