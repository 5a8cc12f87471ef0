package web

// Patterns returns every route of the surface.
func Patterns() (patterns []string) {
	for _, r := range new(Server).surface() {
		patterns = append(patterns, r.pattern)
	}
	return patterns
}
