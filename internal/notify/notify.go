// Package notify hands invitations to mail servers and SMS gateways.
//
// What a failure means is what it is about. A letter that certainly was not
// taken may be tried again; one of which a gateway may have heard must not be,
// or somebody gets it twice. So each sender sorts what can happen into
// [deskside.InvitationRefused], [deskside.InvitationQueued] (certainly not
// taken) and [deskside.InvitationUncertain], and says so by a
// [deskside.SendError]; whatever it can't sort is uncertain.
//
// Errors and what is explained hold no secret of a gateway, no number and no
// text of a letter.
package notify

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"deskside"
)

// timeout bounds one exchange with a gateway.
const timeout = 15 * time.Second

func refused(detail string) *deskside.SendError {
	return &deskside.SendError{State: deskside.InvitationRefused, Why: deskside.WhyGateway, Detail: detail}
}

func uncertain(detail string) *deskside.SendError {
	return &deskside.SendError{State: deskside.InvitationUncertain, Why: deskside.WhyNoAnswer, Detail: detail}
}

func unreachable() *deskside.SendError {
	return &deskside.SendError{State: deskside.InvitationQueued, Why: deskside.WhyUnreachable}
}

func busy(detail string, after time.Duration) *deskside.SendError {
	return &deskside.SendError{State: deskside.InvitationQueued, Why: deskside.WhyBusy, Detail: detail, After: after}
}

// retryAfter reads the header that asks for patience (RFC 9110, 10.2.3); only
// its seconds, and an hour at most.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}

// hidden stands where a secret, a number or a text was.
const hidden = "…"

// phoneNumber is what may be one, however it is written.
var phoneNumber = regexp.MustCompile(`(\+|%2B)?\d([ ()/.-]{0,2}\d){6,}`)

// hide takes what nobody else may read out of a gateway's words: secrets, and
// phone numbers.
func hide(text string, secrets ...string) string {
	return phoneNumber.ReplaceAllString(hideSecrets(text, secrets...), hidden)
}

func hideSecrets(text string, secrets ...string) string {
	for _, s := range secrets {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s, hidden)
		}
	}
	return text
}
