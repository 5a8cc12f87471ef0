package control_test

import (
	"testing"

	"deskside/internal/control"
)

func TestKeys(t *testing.T) {
	keys := control.Keys()
	for code, usage := range map[string]control.Key{"KeyA": 4, "Digit0": 0x27, "Enter": 0x28, "F12": 0x45, "IntlBackslash": 0x64, "MetaRight": 0xe7} {
		if keys[code] != usage || usage.Code() != code {
			t.Errorf("%s is usage %#x, which is %q; want %#x", code, keys[code], usage.Code(), usage)
		}
	}
	if unnamed := control.Key(0x66); unnamed.Code() != "" {
		t.Errorf("usage 0x66 (Power) is %q, want none: browsers don't pass it on", unnamed.Code())
	}
	for code, key := range keys {
		if modifier := key >= 0xe0; key.Modifier() != modifier {
			t.Errorf("%s: modifier %v, want %v", code, key.Modifier(), modifier)
		}
	}
}
