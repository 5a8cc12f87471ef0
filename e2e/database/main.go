// Database runs a PostgreSQL server of a journey's own until its standard input
// ends. It prints the URL of an empty database there, then does what the lines
// of its input say, "stop" and "run", and answers each with "ok".
package main

import (
	"bufio"
	"fmt"
	"os"
	"testing"

	"deskside/internal/postgrestest"
)

func main() {
	postgrestest.While(func(t testing.TB, s *postgrestest.Server) {
		fmt.Println(s.Database(t))
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); fmt.Println("ok") {
			switch lines.Text() {
			case "stop":
				s.Stop(t)
			case "run":
				s.Run(t)
			}
		}
	})
}
