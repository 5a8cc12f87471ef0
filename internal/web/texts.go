package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// catalogues are all texts, by language, as the files under texts/ hold them:
// APP.LANGUAGE.json.
type catalogues struct {
	apps     map[string]map[string]texts // by app and language
	fallback string
}

// texts are the messages of one language by their keys, in ICU's message
// format: {name}, {n, plural, one {…} other {…}}, {x, select, a {…} other {…}}.
type texts map[string]string

// languageCookie holds the language that somebody chose.
const languageCookie = "deskside-lang"

// rightToLeft are the languages that are written that way.
var rightToLeft = map[string]bool{"ar": true, "fa": true, "he": true, "ur": true}

func loadCatalogues(files fs.FS, fallback string) (*catalogues, error) {
	c := &catalogues{apps: make(map[string]map[string]texts), fallback: fallback}
	names, err := fs.Glob(files, "texts/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		app, language, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".json"), ".")
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var t texts
		if err := json.Unmarshal(data, &t); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		if c.apps[app] == nil {
			c.apps[app] = make(map[string]texts)
		}
		c.apps[app][language] = t
	}
	if !slices.Contains(c.languages(), fallback) {
		return nil, fmt.Errorf("there are no texts in the language %q", fallback)
	}
	return c, nil
}

// languages returns those that every page can be shown in.
func (c *catalogues) languages() []string {
	return slices.Sorted(maps.Keys(c.apps["pages"]))
}

// of returns the texts of several apps together.
func (c *catalogues) of(language string, apps ...string) texts {
	all := make(texts)
	for _, app := range apps {
		maps.Copy(all, c.apps[app][language])
	}
	return all
}

// agentsOnly are the beginnings of keys that the join page never needs: lines
// of events that only agents see. Every byte of the page counts.
var agentsOnly = []string{"line.key-", "line.invited.", "line.invitation.", "line.doubted", "line.knocked", "line.admitted", "line.refused", "who.note"}

// later are those that a page need not have which waits for its first message:
// more.js brings them.
var later = []string{"line.view-", "line.control-", "line.reported", "line.ended.", "line.rated.", "line.left", "line.returned", "line.withdrawn", "you.ended", "you.rated", "you.left", "you.returned"}

// forEndUsers returns the texts of the join page's script.
func (c *catalogues) forEndUsers(language string, state string) texts {
	spared := agentsOnly
	if state == "waiting" {
		spared = slices.Concat(agentsOnly, later)
	}
	all := c.of(language, "join", "lines")
	maps.DeleteFunc(all, func(key, _ string) bool {
		return slices.ContainsFunc(spared, func(beginning string) bool { return strings.HasPrefix(key, beginning) })
	})
	return all
}

// language returns in which language to answer: the one asked for in the
// address, chosen before, preferred by the browser, or the server's.
func (c *catalogues) language(r *http.Request) string {
	have := c.languages()
	wishes := []string{r.URL.Query().Get("lang")}
	if cookie, err := r.Cookie(languageCookie); err == nil {
		wishes = append(wishes, cookie.Value)
	}
	wishes = append(wishes, accepted(r.Header.Get("Accept-Language"))...)
	for _, wish := range wishes {
		if slices.Contains(have, wish) {
			return wish
		}
	}
	return c.fallback
}

// accepted returns the primary language tags of an Accept-Language header
// (RFC 9110, section 12.5.4), the most wanted first.
func accepted(header string) (tags []string) {
	type wish struct {
		tag string
		q   float64
	}
	var wishes []wish
	for _, part := range strings.Split(header, ",") {
		tag, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(weight), "q="); ok {
			if parsed, err := strconv.ParseFloat(v, 64); err == nil {
				q = parsed
			}
		}
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary != "" && q > 0 {
			wishes = append(wishes, wish{primary, q})
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int { return int(b.q*1000) - int(a.q*1000) })
	for _, w := range wishes {
		tags = append(tags, w.tag)
	}
	return tags
}

// say returns the text of key with its parameters filled in: pairs of a name
// and a value. A key that is missing shows itself.
func (t texts) say(key string, pairs ...any) string {
	message, ok := t[key]
	if !ok {
		return key
	}
	values := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return fill(message, values)
}

// fill replaces the arguments of a message.
func fill(message string, values map[string]any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(message, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		argument, after := braced(rest)
		b.WriteString(choose(argument, values))
		message = after
	}
}

// braced splits off what stands before the brace that closes the one before s.
func braced(s string) (inside, after string) {
	depth := 1
	for i, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// choose returns the text of one argument: a value, or the branch for it.
func choose(argument string, values map[string]any) string {
	parts := strings.SplitN(argument, ",", 3)
	value := ""
	if v, ok := values[strings.TrimSpace(parts[0])]; ok {
		value = fmt.Sprint(v)
	}
	if len(parts) < 3 {
		return value
	}
	wanted := value
	if strings.TrimSpace(parts[1]) == "plural" {
		wanted = "other"
		if value == "1" {
			wanted = "one" // English and German alike
		}
	}
	branches := make(map[string]string)
	for rest := parts[2]; ; {
		name, body, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		var inside string
		inside, rest = braced(body)
		branches[strings.TrimSpace(name)] = inside
	}
	branch, ok := branches["="+value]
	if !ok {
		branch, ok = branches[wanted]
	}
	if !ok {
		branch = branches["other"]
	}
	if strings.TrimSpace(parts[1]) == "plural" {
		branch = strings.ReplaceAll(branch, "#", value) // before filling in what people wrote
	}
	return fill(branch, values)
}
