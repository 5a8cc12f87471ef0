package postgrestest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestServer keeps what was stored when the server is killed.
func TestServer(t *testing.T) {
	s := Start(t)
	url := s.Database(t)
	query(t, url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1); SELECT 1")
	s.Kill(t)
	s.Run(t)
	query(t, url, "SELECT n FROM kept")
}

func query(t *testing.T, url, sql string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer c.Close(t.Context())
	_, err = c.Exec(t.Context(), sql)
	must(t, err)
}
