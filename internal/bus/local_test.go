package bus_test

import (
	"testing"

	"deskside/internal/bus"
	"deskside/internal/bustest"
	"deskside/internal/desk"
)

var _ desk.Bus = (*bus.Local)(nil)

func TestLocal(t *testing.T) {
	bustest.Run(t, func(*testing.T) (here, there bustest.Bus) {
		b := bus.NewLocal()
		return b, b
	})
}
