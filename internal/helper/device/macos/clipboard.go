package macos

import "sync"

// clipboard tells changes that others have made from one's own. The system
// counts all of them.
type clipboard struct {
	mu   sync.Mutex
	seen int
}

// changed says whether something has changed since it was last asked.
func (c *clipboard) changed(count int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.seen
	c.seen = count
	return was != count
}

// own makes a change that isn't told of; it returns the count after it. Nobody
// is told of a change in the meantime either.
func (c *clipboard) own(change func() int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = change()
}
