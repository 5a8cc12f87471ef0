package notify

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"deskside"
)

// A Definition describes a gateway's HTTP interface: what it is asked, and
// what its answers mean. docs/sms.md explains it for operators.
//
// In every text of a request {url}, {user}, {password}, {from}, {to}, {text},
// {id}, {callback} and {reference} stand for values, escaped as their place
// demands; a field that names an empty value is left out.
type Definition struct {
	Name    string         `json:"name"`
	URL     string         `json:"url"`     // the default of {url}
	Needs   []string       `json:"needs"`   // which of url, user, password, from the operator has to set
	Number  string         `json:"number"`  // "e164" with +, or "digits" without
	Send    Request        `json:"send"`    // hands a letter over
	Unicode map[string]any `json:"unicode"` // fields of it where the text is not in GSM-7

	Accepted   Accepted `json:"accepted"`   // which answer is a yes
	ID         string   `json:"id"`         // path of the gateway's name for the letter in its answer
	Error      string   `json:"error"`      // path of its words in an answer that is a no; the whole answer where empty
	Idempotent bool     `json:"idempotent"` // it recognises {id}
	Duplicate  []int    `json:"duplicate"`  // statuses that say that it has the letter already

	Receipt *Receipt `json:"receipt"` // what it reports to {callback}
	Poll    *Poll    `json:"poll"`    // or how it is asked what became of a letter
}

// A Request is one call of a gateway.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Basic   bool              `json:"basic"` // {user} and {password} by RFC 7617
	Headers map[string]string `json:"headers"`
	Query   map[string]string `json:"query"`
	Form    map[string]string `json:"form"` // the body, or …
	JSON    any               `json:"json"` // … this
}

// Accepted says which answer means that the gateway took the letter. One with
// another value of the field is a no, and so is one without the field that has
// words at [Definition.Error]. Any other without the field tells nothing, as
// does one without the field of [Definition.ID] where only the status counts.
type Accepted struct {
	Status []int    `json:"status"`
	Field  string   `json:"field"` // path in the answer; empty where the status says enough
	Values []string `json:"values"`
	Later  []string `json:"later"` // values that ask for patience

	// For answers that are text: how a yes begins, and how a no does. Any other tells nothing.
	Begins []string `json:"begins"`
	No     []string `json:"no"`
}

// A Receipt says how to read what a gateway reports.
type Receipt struct {
	State  string                              `json:"state"` // name of a field of the query, the form or the JSON
	States map[string]deskside.InvitationState `json:"states"`
	Error  string                              `json:"error"`
}

// A Poll asks what became of a letter.
type Poll struct {
	Request
	After  int                                 `json:"after"` // seconds until the first time
	State  string                              `json:"state"` // path in the answer
	States map[string]deskside.InvitationState `json:"states"`
	Error  string                              `json:"error"`
}

//go:embed presets/*.json
var presets embed.FS

// Presets returns the names of the gateways that are known.
func Presets() (names []string) {
	files, err := fs.Glob(presets, "presets/*.json")
	if err != nil {
		panic(err) // the pattern is right
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(path.Base(file), ".json"))
	}
	slices.Sort(names)
	return names
}

// LoadDefinition returns the preset of the name, or what the file holds that
// is named.
func LoadDefinition(name string) (Definition, error) {
	if slices.Contains(Presets(), name) {
		content, err := presets.ReadFile("presets/" + name + ".json")
		if err != nil {
			return Definition{}, err
		}
		return ParseDefinition(content)
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Definition{}, fmt.Errorf("%q is neither a file nor one of gammu, %s", name, strings.Join(Presets(), ", "))
	}
	if err != nil {
		return Definition{}, err
	}
	d, err := ParseDefinition(content)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return d, err
}

// ParseDefinition reads a definition in JSON.
func ParseDefinition(content []byte) (d Definition, err error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, fmt.Errorf("this is no definition of a gateway: %w", err)
	}
	if decoder.More() {
		return d, errors.New("there is more than one definition")
	}
	return d, d.check()
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// placeholders are the values that a definition may name.
var placeholders = []string{"url", "user", "password", "from", "to", "text", "id", "callback", "reference"}

// braced is a placeholder, or what was meant to be one.
var braced = regexp.MustCompile(`\{([^{}"]+)\}`)

// check finds mistakes that would else show when somebody waits for a message.
func (d *Definition) check() error {
	all, err := json.Marshal(d)
	if err != nil {
		return err
	}
	for _, name := range braced.FindAllStringSubmatch(string(all), -1) {
		if !slices.Contains(placeholders, name[1]) {
			return fmt.Errorf("{%s} stands for nothing; there are {%s}", name[1], strings.Join(placeholders, "}, {"))
		}
	}
	for _, name := range d.Needs {
		if !slices.Contains(placeholders[:4], name) {
			return fmt.Errorf("needs names %q; there are %s", name, strings.Join(placeholders[:4], ", "))
		}
	}
	if d.Number != "e164" && d.Number != "digits" {
		return fmt.Errorf("number is e164 or digits, not %q", d.Number)
	}
	return cmp.Or(d.Send.check("send"), d.Accepted.check(), d.Receipt.check(), d.checkPoll())
}

func (r *Request) check(what string) error {
	switch {
	case r.Method == "" || r.URL == "":
		return fmt.Errorf("%s needs a method and a url", what)
	case strings.Contains(r.URL, "?"):
		return fmt.Errorf("%s: what follows ? in the url belongs into query", what)
	case r.Form != nil && r.JSON != nil:
		return fmt.Errorf("%s has a form or json, not both", what)
	}
	return nil
}

func (a *Accepted) check() error {
	switch {
	case len(a.Status) == 0:
		return errors.New("accepted needs the statuses that are a yes")
	case a.Field != "" && len(a.Begins) > 0:
		return errors.New("accepted looks at a field of JSON or at how a text begins, not at both")
	case a.Field != "" && len(a.Values) == 0:
		return errors.New("accepted needs the values of its field that are a yes")
	case len(a.No) > 0 && len(a.Begins) == 0:
		return errors.New("accepted says how a no begins, but not a yes")
	}
	return nil
}

func (r *Receipt) check() error {
	if r == nil {
		return nil
	}
	return checkStates("receipt", r.State, r.States)
}

func (d *Definition) checkPoll() error {
	switch p := d.Poll; {
	case p == nil:
		return nil
	case p.After <= 0:
		return errors.New("poll needs after, the seconds until the first time")
	case d.ID == "":
		return errors.New("poll needs id, where the gateway's name for a message stands")
	default:
		return cmp.Or(p.Request.check("poll"), checkStates("poll", p.State, p.States))
	}
}

func checkStates(what, field string, states map[string]deskside.InvitationState) error {
	if field == "" || len(states) == 0 {
		return fmt.Errorf("%s needs a state and what its values mean", what)
	}
	for word, state := range states {
		switch state {
		case deskside.InvitationSent, deskside.InvitationDelivered, deskside.InvitationRefused:
		default:
			return fmt.Errorf("%s: the state %q means %q, which is not sent, delivered or refused", what, word, state)
		}
	}
	return nil
}
