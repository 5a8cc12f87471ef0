package deskside_test

import (
	"strings"
	"testing"

	"deskside"
)

func TestLengthOfSMS(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       deskside.SMSLength
	}{
		{"nothing", "", deskside.SMSLength{Parts: 1, Left: 160}},
		{"one full message", strings.Repeat("a", 160), deskside.SMSLength{Parts: 1}},
		{"one more", strings.Repeat("a", 161), deskside.SMSLength{Parts: 2, Left: 2*153 - 161}},
		{"umlauts are GSM", "äöüÄÖÜß", deskside.SMSLength{Parts: 1, Left: 153}},
		{"the euro counts twice", "€", deskside.SMSLength{Parts: 1, Left: 158}},
		{"an escape is not split", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 10), deskside.SMSLength{Parts: 2, Left: 153 - 12}},
		{"one letter makes all Unicode", "ł", deskside.SMSLength{Parts: 1, Unicode: true, Left: 69}},
		{"one full Unicode message", strings.Repeat("ł", 70), deskside.SMSLength{Parts: 1, Unicode: true}},
		{"one more Unicode letter", strings.Repeat("ł", 71), deskside.SMSLength{Parts: 2, Unicode: true, Left: 2*67 - 71}},
		{"emoji take two and are not split", strings.Repeat("ł", 66) + strings.Repeat("😀", 5), deskside.SMSLength{Parts: 2, Unicode: true, Left: 67 - 10}},
	} {
		if got := deskside.LengthOfSMS(test.text); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
