package deskside

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Code names one kind of refusal. Clients choose their words by it; one
// function in internal/web maps it to an HTTP status and a close code.
type Code string

// The codes. docs/protocol.md lists them for people who write clients.
const (
	CodeInvalid         Code = "invalid"             // the request has no meaning here
	CodeUnauthenticated Code = "unauthenticated"     // nobody is signed in
	CodeForbidden       Code = "forbidden"           // signed in, but not allowed
	CodeNotFound        Code = "not-found"           // no such thing, or not for this person to know of
	CodeTextEmpty       Code = "text-empty"          // a message without text
	CodeTextTooLong     Code = "text-too-long"       // more than MaxText characters
	CodeTextNotUTF8     Code = "text-not-utf-8"      // bytes that are no Unicode text
	CodeTooLate         Code = "too-late"            // the time to change this has passed
	CodeIDReused        Code = "id-reused"           // the same request id with another content
	CodeNotStarted      Code = "not-started"         // the session waits for its end-user
	CodeNotAdmitted     Code = "not-admitted"        // the agent has not admitted this person
	CodeKeyIncomplete   Code = "key-incomplete"      // fewer than nine digits
	CodeKeyTooLong      Code = "key-too-long"        // more than nine digits
	CodeKeyUnknown      Code = "key-unknown"         // not recognised
	CodeKeyExpired      Code = "key-expired"         // not used in time
	CodeKeyInUse        Code = "key-in-use"          // the session has started in another browser
	CodeKeyRevoked      Code = "key-revoked"         // taken back by the agent
	CodeSessionEnded    Code = "session-ended"       // over
	CodeWrongPassword   Code = "wrong-password"      // email or password
	CodeEmailTaken      Code = "email-taken"         // an agent has this address
	CodeSetupUsed       Code = "setup-used"          // the set-up link was used, or is wrong
	CodeTooLarge        Code = "too-large"           // a request body or frame over its limit
	CodeTooMany         Code = "too-many"            // over a rate limit; see Error.RetryAfter
	CodeNoGateway       Code = "no-gateway"          // the server can't send by this means
	CodeCountry         Code = "country-not-allowed" // text messages don't go there
	CodeLimitAddress    Code = "limit-address"       // too many invitations to one number or address
	CodeLimitAgent      Code = "limit-agent"         // too many invitations by one agent
	CodeLimitDay        Code = "limit-day"           // too many invitations of the whole server
	CodeFilesOff        Code = "files-off"           // files can't be sent from this side
	CodeFileTooLarge    Code = "file-too-large"      // over the limit for one file
	CodeFilesTooMany    Code = "files-too-many"      // over the limit for all files of a session
	CodeFileType        Code = "file-type"           // files of this type can't be sent
	CodeFileOffset      Code = "file-offset"         // bytes that don't follow those that are here
	CodeFileGone        Code = "file-gone"           // not here yet, or not any more
	CodeNoSpace         Code = "no-space"            // the disk is nearly full
	CodeViewFull        Code = "view-full"           // MaxWatchers see the screen already
	CodeViewAsked       Code = "view-asked"          // the end-user has not answered yet, or said yes
	CodeViewUnable      Code = "view-unable"         // their browser can't show that
	CodeViewNobody      Code = "view-nobody"         // no end-user is here to ask
	CodeControlAsked    Code = "control-asked"       // asked already, and not over
	CodeControlBusy     Code = "control-busy"        // another agent has it or has asked
	CodeControlUnable   Code = "control-unable"      // there is no helper for their device
	CodeMediaType       Code = "media-type"          // a body of a type that the request does not take
	CodeTusVersion      Code = "tus-version"         // another version of the upload protocol
	CodeCrossOrigin     Code = "cross-origin"        // sent by a page of another site
	CodeUnavailable     Code = "unavailable"         // can't be stored now; the same request may be repeated
	CodeInternal        Code = "internal"            // a defect of the server
)

// An Error is a refusal that a person may read. Every other error is a fault
// of the server and is shown as CodeInternal.
type Error struct {
	Code       Code
	Detail     string        // one sentence in English, in the reader's words
	RetryAfter time.Duration // with CodeTooMany and CodeUnavailable: when to try again
	cause      error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return string(e.Code) + ": " + e.Detail + ": " + e.cause.Error()
	}
	return string(e.Code) + ": " + e.Detail
}

func (e *Error) Unwrap() error { return e.cause }

// Errorf makes an Error whose detail is the formatted text. A format that ends
// in ": %w" keeps that error as the cause, for the log only.
func Errorf(code Code, format string, args ...any) *Error {
	e := &Error{Code: code}
	formatted := fmt.Errorf(format, args...)
	e.Detail, e.cause = formatted.Error(), errors.Unwrap(formatted)
	if e.cause != nil {
		e.Detail = strings.TrimSuffix(e.Detail, ": "+e.cause.Error())
	}
	return e
}

// Unavailable wraps a fault of the store as the refusal that says so: nothing
// was stored, and the same request may be repeated.
func Unavailable(cause error) *Error {
	return &Error{Code: CodeUnavailable, Detail: "The server can't store this now. It is safe to try again.", RetryAfter: time.Second, cause: cause}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal
// where there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
