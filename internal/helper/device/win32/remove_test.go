package win32

import (
	"encoding/hex"
	"testing"
)

func TestRenameInfo(t *testing.T) {
	for _, test := range []struct {
		name    string
		replace bool
		want    string
	}{
		{":ab", false, "00000000000000000000000000000000" + "06000000" + "3a0061006200" + "0000"},
		{":a", true, "01000000000000000000000000000000" + "04000000" + "3a006100" + "0000"},
		{"", false, "00000000000000000000000000000000" + "00000000" + "0000" + "0000"},
	} {
		if got := hex.EncodeToString(renameInfo(test.name, test.replace)); got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}
