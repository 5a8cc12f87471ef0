package node

// MayRelay says whether the relay may carry something for a participant.
func (n *Node) MayRelay(session, participant string) bool { return n.mayRelay(session, participant) }

// SharedOffer is how the relay is reached by the server's own port.
var SharedOffer = sharedOffer
