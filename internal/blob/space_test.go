package blob

import "testing"

func TestScarce(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, test := range []struct {
		free, total uint64
		want        bool
	}{
		{free: 0, total: gib, want: true},
		{free: 512*mib - 1, total: gib, want: true},
		{free: 512 * mib, total: gib, want: false},
		{free: 4 * gib, total: 100 * gib, want: true},
		{free: 5 * gib, total: 100 * gib, want: false},
	} {
		if got := scarce(test.free, test.total); got != test.want {
			t.Errorf("%d of %d bytes free: scarce %t, want %t", test.free, test.total, got, test.want)
		}
	}
}
