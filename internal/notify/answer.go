package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 10

// An answer is what a gateway says.
type answer struct {
	status int
	header http.Header
	body   []byte
	json   any // nil where it is none
}

func newAnswer(status int, header http.Header, body []byte) *answer {
	a := &answer{status: status, header: header, body: body}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&a.json) != nil {
		a.json = nil
	}
	return a
}

// at returns the value at a path like "messages.0.status".
func (a *answer) at(path string) (value string, ok bool) {
	node := a.json
	for step := range strings.SplitSeq(path, ".") {
		switch branch := node.(type) {
		case map[string]any:
			node = branch[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(branch) {
				return "", false
			}
			node = branch[i]
		default:
			return "", false
		}
	}
	switch node.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(node), true
	}
	return "", false
}

// text is at, with "" for nothing.
func (a *answer) text(path string) string {
	value, _ := a.at(path)
	return value
}
