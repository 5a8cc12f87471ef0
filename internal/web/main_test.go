package web_test

import (
	"testing"

	"deskside/internal/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }
