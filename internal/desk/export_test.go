package desk

// MaxReady bounds the events that wait in memory for one reader.
const MaxReady = maxReady

// Waiting returns how many events wait in memory for a reader.
func Waiting(w *Watch) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.ready)
}

// DeadAfter is after how long without a beat a node is dead.
const DeadAfter = deadAfter

// Settled says whether a desk has beaten, and has nobody to connect again.
func Settled(d *Desk) bool {
	d.pulse.mu.Lock()
	defer d.pulse.mu.Unlock()
	return !d.pulse.last.IsZero() && !d.pulse.forgotten.Load()
}
