package main

import "fmt"

// nodes measures what a server reaches on PostgreSQL, alone and as two nodes:
// at a busy team's rate, and at most.
func nodes(s settings) error {
	s.database = "postgres"
	for _, layout := range []struct {
		nodes int
		bus   string
	}{{1, "postgres"}, {2, "postgres"}, {2, "nats"}} {
		s.nodes, s.bus = layout.nodes, layout.bus
		fmt.Printf("nodes   %s\n", s.layout())
		s.rate = usualRates[0]
		if err := chat(s); err != nil {
			return err
		}
		if err := search(s); err != nil {
			return err
		}
	}
	return nil
}

// layout names what is under load.
func (s settings) layout() string {
	switch {
	case s.centrifugo != "":
		return "Centrifugo, in memory"
	case s.server != "":
		return s.server
	case s.database == "sqlite":
		return "SQLite"
	case s.nodes == 1:
		return "PostgreSQL"
	}
	return fmt.Sprintf("%d nodes on PostgreSQL, told by %s", s.nodes, map[string]string{"nats": "NATS", "postgres": "PostgreSQL"}[s.bus])
}

// aim is the rate that a server is to reach.
func (s settings) aim() string {
	if s.database == "sqlite" {
		return "15,000"
	}
	return "10,000"
}
