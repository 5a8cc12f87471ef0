package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"deskside"
	"deskside/internal/wire"
)

// answers maps each code to its HTTP status and, where a stream can't go on
// because of it, its close code.
var answers = map[deskside.Code]struct{ status, close int }{
	deskside.CodeInvalid:         {http.StatusUnprocessableEntity, 0},
	deskside.CodeUnauthenticated: {http.StatusUnauthorized, wire.CloseSignedOut},
	deskside.CodeForbidden:       {http.StatusForbidden, wire.CloseRemoved},
	deskside.CodeNotFound:        {http.StatusNotFound, wire.CloseRemoved},
	deskside.CodeTextEmpty:       {http.StatusUnprocessableEntity, 0},
	deskside.CodeTextTooLong:     {http.StatusUnprocessableEntity, 0},
	deskside.CodeTextNotUTF8:     {http.StatusBadRequest, 1007},
	deskside.CodeTooLate:         {http.StatusConflict, 0},
	deskside.CodeIDReused:        {http.StatusConflict, 0},
	deskside.CodeNotStarted:      {http.StatusConflict, 0},
	deskside.CodeNotAdmitted:     {http.StatusForbidden, 0},
	deskside.CodeKeyIncomplete:   {http.StatusUnprocessableEntity, 0},
	deskside.CodeKeyTooLong:      {http.StatusUnprocessableEntity, 0},
	deskside.CodeKeyUnknown:      {http.StatusNotFound, 0},
	deskside.CodeKeyExpired:      {http.StatusGone, 0},
	deskside.CodeKeyInUse:        {http.StatusConflict, 0},
	deskside.CodeKeyRevoked:      {http.StatusGone, 0},
	deskside.CodeSessionEnded:    {http.StatusGone, 0},
	deskside.CodeWrongPassword:   {http.StatusUnauthorized, 0},
	deskside.CodeEmailTaken:      {http.StatusConflict, 0},
	deskside.CodeSetupUsed:       {http.StatusGone, 0},
	deskside.CodeTooLarge:        {http.StatusRequestEntityTooLarge, 1009},
	deskside.CodeTooMany:         {http.StatusTooManyRequests, 0},
	deskside.CodeNoGateway:       {http.StatusConflict, 0},
	deskside.CodeCountry:         {http.StatusForbidden, 0},
	deskside.CodeLimitAddress:    {http.StatusTooManyRequests, 0},
	deskside.CodeLimitAgent:      {http.StatusTooManyRequests, 0},
	deskside.CodeLimitDay:        {http.StatusTooManyRequests, 0},
	deskside.CodeFilesOff:        {http.StatusForbidden, 0},
	deskside.CodeFileTooLarge:    {http.StatusRequestEntityTooLarge, 0},
	deskside.CodeFilesTooMany:    {http.StatusConflict, 0},
	deskside.CodeFileType:        {http.StatusUnsupportedMediaType, 0},
	deskside.CodeFileOffset:      {http.StatusConflict, 0},
	deskside.CodeFileGone:        {http.StatusGone, 0},
	deskside.CodeNoSpace:         {http.StatusInsufficientStorage, 0},
	deskside.CodeViewFull:        {http.StatusConflict, 0},
	deskside.CodeViewAsked:       {http.StatusConflict, 0},
	deskside.CodeViewUnable:      {http.StatusConflict, 0},
	deskside.CodeControlAsked:    {http.StatusConflict, 0},
	deskside.CodeControlBusy:     {http.StatusConflict, 0},
	deskside.CodeControlUnable:   {http.StatusConflict, 0},
	deskside.CodeViewNobody:      {http.StatusConflict, 0},
	deskside.CodeMediaType:       {http.StatusUnsupportedMediaType, 0},
	deskside.CodeTusVersion:      {http.StatusPreconditionFailed, 0},
	deskside.CodeCrossOrigin:     {http.StatusForbidden, 0},
	deskside.CodeUnavailable:     {http.StatusServiceUnavailable, wire.CloseOverload},
	deskside.CodeInternal:        {http.StatusInternalServerError, 1011},
}

// refusal returns err as somebody may read it. Whatever is no
// [deskside.Error] is a fault of ours, and says nothing of itself.
func refusal(err error) *deskside.Error {
	if e := (*deskside.Error)(nil); errors.As(err, &e) {
		return e
	}
	return &deskside.Error{Code: deskside.CodeInternal, Detail: "Something went wrong on the server."}
}

// problem returns err in the form of RFC 9457.
func problem(err error) wire.Problem {
	e := refusal(err)
	status := answers[e.Code].status
	return wire.Problem{
		Type:   "urn:deskside:" + string(e.Code),
		Title:  http.StatusText(status),
		Status: status,
		Code:   e.Code,
		Detail: e.Detail,
	}
}

// closeCode returns the close code for a stream that can't go on.
func closeCode(err error) int {
	if code := answers[deskside.CodeOf(err)].close; code != 0 {
		return code
	}
	return 1011
}

// writeProblem answers a request with the reason why it was refused: to a
// person who asked for a page as a page, else as problem details.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(err)
	if p.Status >= 500 {
		s.Logger.ErrorContext(r.Context(), "request failed", "pattern", r.Pattern, "error", err)
	}
	s.retryAfter(w, err)
	if wantsPage(r) {
		s.errorPage(w, r, p)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader is gone if it fails
}

// retryAfter says when to try again, where err knows.
func (s *Server) retryAfter(w http.ResponseWriter, err error) {
	if wait := refusal(err).RetryAfter; wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(max(1, wait/time.Second))))
	}
}

// wantsPage says whether a browser shows the answer to a person.
func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func writeJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(v)
}

// readJSON reads a small request body.
func readJSON(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return deskside.Errorf(deskside.CodeTooLarge, "A request has at most %d bytes.", tooLarge.Limit)
	}
	if err != nil {
		return deskside.Errorf(deskside.CodeInvalid, "The request is no JSON object of a known form.")
	}
	return nil
}
