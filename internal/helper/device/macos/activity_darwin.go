package macos

import "github.com/ebitengine/purego/objc"

// startActivity tells the system that somebody waits for what this program
// does. Otherwise it slows programs down that show no window, and may fall
// asleep while the person is being helped.
func startActivity() (stop func()) {
	const userInitiated, latencyCritical = 0x00ffffff, 0xff00000000
	var info, activity objc.ID
	pooled(func() {
		reason := nsString("remote support")
		defer reason.Send(sel("release"))
		info = class("NSProcessInfo").Send(sel("processInfo"))
		activity = info.Send(sel("beginActivityWithOptions:reason:"), uint64(userInitiated|latencyCritical), reason)
		activity.Send(sel("retain")) // it is the pool's
	})
	return func() {
		pooled(func() {
			info.Send(sel("endActivity:"), activity)
			activity.Send(sel("release"))
		})
	}
}
