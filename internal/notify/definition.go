package notify

import (
	"bytes"
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
// another value of the field is a no, one without the field tells nothing.
type Accepted struct {
	Status []int    `json:"status"`
	Field  string   `json:"field"` // path in the answer; empty where the status says enough
	Values []string `json:"values"`
	Later  []string `json:"later"` // values that ask for patience
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
	return d, d.check()
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// placeholders are the values that a definition may name.
var placeholders = []string{"url", "user", "password", "from", "to", "text", "id", "callback", "reference"}

func (d *Definition) check() error {
	all, err := json.Marshal(d)
	if err != nil {
		return err
	}
	for _, name := range placeholder.FindAllStringSubmatch(string(all), -1) {
		if !slices.Contains(placeholders, name[1]) {
			return fmt.Errorf("{%s} stands for nothing; there are {%s}", name[1], strings.Join(placeholders, "}, {"))
		}
	}
	states := make(map[string]deskside.InvitationState)
	if d.Receipt != nil {
		states = d.Receipt.States
	}
	if d.Poll != nil {
		states = d.Poll.States
	}
	for word, state := range states {
		if !slices.Contains([]deskside.InvitationState{deskside.InvitationSent, deskside.InvitationDelivered, deskside.InvitationRefused}, state) {
			return fmt.Errorf("the state %q means %q, which is not sent, delivered or refused", word, state)
		}
	}
	switch {
	case d.Send.Method == "" || d.Send.URL == "":
		return errors.New("send needs a method and a url")
	case d.Send.Form != nil && d.Send.JSON != nil:
		return errors.New("send has a form or json, not both")
	case d.Number != "e164" && d.Number != "digits":
		return fmt.Errorf("number is e164 or digits, not %q", d.Number)
	case len(d.Accepted.Status) == 0:
		return errors.New("accepted needs the statuses that are a yes")
	}
	return nil
}
