package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
)

// readFile reads a settings file: lines of "name = value", where empty lines
// and those that begin with # say nothing. Without a path it has no settings.
func readFile(path string) (source, error) {
	if path == "" {
		return func(setting) (string, string) { return "", "" }, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseFile(path, content)
}

func parseFile(path string, content []byte) (source, error) {
	type line struct {
		text   string
		number int
	}
	known := make(map[string]line)
	for _, s := range catalogue {
		known[s.name] = line{}
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, found := strings.Cut(text, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		before, ok := known[name]
		switch {
		case !found:
			return nil, fmt.Errorf("%s:%d: %q is no line like \"name = value\"", path, n, text)
		case !ok:
			return nil, fmt.Errorf("%s:%d: there is no setting %q; \"deskside config\" lists them", path, n, name)
		case before.number > 0:
			return nil, fmt.Errorf("%s:%d: %s stands on line %d already", path, n, name, before.number)
		}
		known[name] = line{value, n}
	}
	return func(s setting) (string, string) {
		l := known[s.name]
		return l.text, fmt.Sprintf("file %s:%d", path, l.number)
	}, lines.Err()
}
