package deskside

// A Signal is something of the moment: it goes by the bus, is never in the
// log, and may be lost.
type Signal struct {
	Kind     SignalKind    `json:"kind"`
	By       ParticipantID `json:"by,omitempty"`
	Presence Presence      `json:"presence,omitempty"` // with SignalPresence
	Since    int64         `json:"since,omitempty"`    // with SignalPresence "gone": Unix milliseconds
	Marks    *Marks        `json:"marks,omitempty"`    // with SignalMarks
	Typing   bool          `json:"typing,omitempty"`   // with SignalTyping
	Count    int           `json:"count,omitempty"`    // with SignalVisits and SignalWrongKeys: the new total
	File     FileID        `json:"file,omitempty"`     // with SignalProgress
	Bytes    int64         `json:"bytes,omitempty"`    // with SignalProgress: how many are here
	To       ParticipantID `json:"to,omitempty"`       // with SignalRTC: who gets it; nobody else does
	RTC      string        `json:"rtc,omitempty"`      // with SignalRTC: what their pages say to each other
	Aim      string        `json:"aim,omitempty"`      // with SignalAim and SignalAimed: where marks are
	Control  []byte        `json:"control,omitempty"`  // with SignalControl: a frame of package control
}

// A SignalKind names a kind of signal.
type SignalKind string

// The kinds.
const (
	SignalTyping    SignalKind = "typing"     // By writes, or stopped to
	SignalPresence  SignalKind = "presence"   // By is here, away or gone
	SignalMarks     SignalKind = "marks"      // By has received and read so far
	SignalVisits    SignalKind = "visits"     // the link was opened
	SignalProgress  SignalKind = "progress"   // bytes of a file of By's came
	SignalLetGo     SignalKind = "let-go"     // of nobody's pages: another node is to let go of a file
	SignalRTC       SignalKind = "rtc"        // By's page sets up a view with To's (W3C WebRTC)
	SignalAim       SignalKind = "aim"        // By's helper shows marks that their page is to look for
	SignalAimed     SignalKind = "aimed"      // By's page found them
	SignalControl   SignalKind = "control"    // an agent's page and a helper talk
	SignalWrongKeys SignalKind = "wrong-keys" // keys that nobody has were typed on this server
)

// Each says whether every signal of the kind counts, not only the newest.
func (k SignalKind) Each() bool {
	return k == SignalRTC || k == SignalAim || k == SignalAimed || k == SignalControl
}

// Audience says who may see the signal.
func (s Signal) Audience() Audience {
	if s.Kind == SignalVisits || s.Kind == SignalWrongKeys {
		return ForAgents
	}
	return ForAll
}

// Marks are a participant's high-water numbers: everything up to them was
// delivered to a page of theirs, or was in view.
type Marks struct {
	Delivered int64 `json:"delivered"`
	Read      int64 `json:"read"`
}

// Raise moves the marks up to more's and says whether that changed anything;
// they never fall, and read counts as delivered.
func (m *Marks) Raise(more Marks) bool {
	before := *m
	m.Read = max(m.Read, more.Read)
	m.Delivered = max(m.Delivered, more.Delivered, m.Read)
	return *m != before
}
