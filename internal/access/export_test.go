package access

// Cheap lets tests of everything but the cost of passwords pay little for
// them.
func (a *Access) Cheap() *Access {
	a.hasher = newHasher(cost{memory: 8, passes: 1, lanes: 1})
	return a
}
