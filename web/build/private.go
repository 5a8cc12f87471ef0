package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var privateMember = regexp.MustCompile(`\bprivate (?:readonly |static |async |get |set )*(\w+)`)

// privateNames returns the names of the private members of classes in the
// folders, as a pattern for the bundler, which gives them one letter: the
// join page stands within one small response, and they are a tenth of it.
//
// A name is left alone where it is anything else too, a member of another
// object or a field of JSON: private members are only ever this.NAME.
func privateNames(folders ...string) (string, error) {
	var sources strings.Builder
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.ts"))
		if err != nil {
			return "", err
		}
		for _, file := range files {
			if strings.HasSuffix(file, ".test.ts") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			sources.Write(source)
		}
	}
	return namesPattern(sources.String()), nil
}

func namesPattern(source string) string {
	var names []string
	for _, found := range privateMember.FindAllStringSubmatch(source, -1) {
		if name := found[1]; !slices.Contains(names, name) && !usedOtherwise(source, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return "^(" + strings.Join(names, "|") + ")$"
}

// usedOtherwise says whether a name stands behind anything but this, or as a
// key of an object.
func usedOtherwise(source, name string) bool {
	behind := regexp.MustCompile(`(\w*[^\w\s]?)\??\.` + name + `\b`)
	for _, found := range behind.FindAllStringSubmatch(source, -1) {
		if found[1] != "this" {
			return true
		}
	}
	return regexp.MustCompile(`[{,]\s*` + name + `\??\s*[:,}]`).MatchString(source)
}
