package deskside

import "time"

// The limits of control: an agent's mouse and keyboard on an end-user's
// computer, carried out there by the helper.
const (
	// ControlPatience is how long a request for control waits for an answer.
	ControlPatience = 60 * time.Second
	// PreparePatience is how long somebody who said yes may take to share a
	// screen, and to download, start and allow the helper.
	PreparePatience = 15 * time.Minute
	// OfferLife is how long the code of a helper's file name is good for.
	OfferLife = 10 * time.Minute
	// ControlBreak is how long a helper or the agent may be out of reach before
	// control has to be asked for again.
	ControlBreak = 30 * time.Second
)

// A System is a kind of computer that there is a helper for.
type System string

// The systems.
const (
	Windows System = "windows"
	MacOS   System = "macos"
	Linux   System = "linux"
)

// ControlWhy says why a request for control was declined, or control ended;
// the screens have words for each.
type ControlWhy string

// The reasons.
const (
	ControlNotNow     ControlWhy = "not-now"    // declined by the end-user in their page
	ControlUnable     ControlWhy = "unable"     // declined: there is no helper for their device
	ControlHelper     ControlWhy = "helper"     // declined by the end-user in the helper
	ControlUnanswered ControlWhy = "unanswered" // declined: not allowed in time
	ControlTakenBack  ControlWhy = "taken-back" // declined: the agent took the request back
	ControlByEndUser  ControlWhy = "end-user"   // ended by the end-user
	ControlByAgent    ControlWhy = "agent"      // ended by the agent
	ControlLost       ControlWhy = "lost"       // ended: helper or agent was out of reach for ControlBreak
)

// The bodies of events about control.
type (
	// ControlAsked says that an agent would like to control an end-user's
	// computer.
	ControlAsked struct {
		Of    ParticipantID `json:"of"`
		Relay string        `json:"relay,omitempty"` // as in ViewAsked
	}
	// ControlPreparing says that the end-user agreed, and prepares: the whole
	// screen is to be shared, and the helper started.
	ControlPreparing struct {
		Agent ParticipantID `json:"agent"`
	}
	// HelperOffered says that the end-user was given a code for the helper,
	// which replaces every earlier one.
	HelperOffered struct {
		Offer   string    `json:"offer"` // the code's MAC, in base64url
		Expires time.Time `json:"expires"`
	}
	// HelperPaired says that a helper was started with that code, which is used
	// up by it.
	HelperPaired struct {
		Helper string `json:"helper"` // the MAC of its credential, in base64url
		System System `json:"system"`
	}
	// HelperReached says that the helper is connected, or not any more.
	HelperReached struct {
		On bool `json:"on"`
	}
	// ControlGranted says that the end-user allowed control in the helper.
	ControlGranted struct {
		Agent     ParticipantID `json:"agent"`
		Clipboard bool          `json:"clipboard,omitempty"` // and to share the clipboards
	}
	// ControlDeclined answers an agent's request with no.
	ControlDeclined struct {
		Agent ParticipantID `json:"agent"`
		Why   ControlWhy    `json:"why"`
	}
	// ControlPaused says that the end-user lets nothing be carried out for a
	// while, or goes on.
	ControlPaused struct {
		On bool `json:"on"`
	}
	// ControlStopped ends control.
	ControlStopped struct {
		Why ControlWhy `json:"why"`
	}
)

func (*ControlAsked) Type() string     { return "control-asked" }
func (*ControlPreparing) Type() string { return "control-preparing" }
func (*HelperOffered) Type() string    { return "helper-offered" }
func (*HelperPaired) Type() string     { return "helper-paired" }
func (*HelperReached) Type() string    { return "helper-reached" }
func (*ControlGranted) Type() string   { return "control-granted" }
func (*ControlDeclined) Type() string  { return "control-declined" }
func (*ControlPaused) Type() string    { return "control-paused" }
func (*ControlStopped) Type() string   { return "control-stopped" }

// A ControlPhase says how far control has come.
type ControlPhase string

// The phases; the empty one is no control at all.
const (
	ControlOff     ControlPhase = ""
	ControlWaits   ControlPhase = "asked"
	ControlPrepare ControlPhase = "preparing"
	ControlOn      ControlPhase = "on"
)

// A Control is what the log says of controlling an end-user's computer. One
// agent at a time asks for it or has it. Consent itself is given to, and kept
// to by, the helper; this is its record.
type Control struct {
	Phase     ControlPhase
	Agent, Of ParticipantID
	Due       time.Time // declined then, while it is asked or prepared
	Offer     string    // of a helper that may still be paired
	Expires   time.Time // of the offer
	Helper    string    // the helper that is paired
	System    System    // that it runs on
	Reached   bool      // it is connected
	left      time.Time // when it was not any more
	Since     time.Time // when control was granted
	Clipboard bool
	Paused    bool
	// Screen is the number of the event that last showed something to somebody,
	// so that the helper knows when to look again which screen it is.
	Screen int64
}

// Control returns the state of the session's control.
func (s *Session) Control() Control { return s.control }

// WholeScreen says whether the agent who controls, or is to, sees what may be
// a whole screen: only that can be controlled.
func (s *Session) WholeScreen() bool {
	return s.control.Phase != ControlOff && s.view.EndUser == s.control.Of && s.view.Sees(s.control.Agent) && s.view.whole()
}

// whole says whether a whole screen is shown, as far as the browser says.
func (v *View) whole() bool { return v.Surface == SurfaceMonitor || v.Surface == SurfaceUnknown }

func (s *Session) applyControl(e *Event) {
	c := &s.control
	switch b := e.Body.(type) {
	case *ControlAsked:
		*c = Control{Phase: ControlWaits, Agent: e.By, Of: b.Of, Due: e.At.Add(ControlPatience), Screen: c.Screen}
		if len(s.view.Watchers) == 0 {
			s.view.Relay = b.Relay
		}
	case *ControlPreparing:
		c.Phase, c.Due = ControlPrepare, e.At.Add(PreparePatience)
	case *HelperOffered:
		c.Offer, c.Expires = b.Offer, b.Expires
	case *HelperPaired:
		c.Offer, c.Helper, c.System, c.Reached, c.left = "", b.Helper, b.System, false, e.At
	case *HelperReached:
		c.Reached, c.left = b.On, e.At
	case *ControlGranted:
		c.Phase, c.Since, c.Clipboard, c.Paused, c.Due = ControlOn, e.At, b.Clipboard, false, time.Time{}
	case *ControlPaused:
		c.Paused = b.On
	case *ViewGranted:
		c.Screen = e.Seq
	case *ViewStopped:
		if c.Phase == ControlOn && !s.view.Sees(c.Agent) {
			c.over()
		}
	case *ControlDeclined, *ControlStopped, *Ended:
		c.over()
	}
}

// over ends control. Which screen is shown has nothing to do with it.
func (c *Control) over() { *c = Control{Screen: c.Screen} }

// AskControl decides that an agent asks to control an end-user's computer: of
// the one who shows their screen, else of the newest who is here.
//
// Errors: CodeControlAsked where the agent has asked already; CodeControlBusy
// where another agent has; CodeViewNobody where no end-user is here;
// CodeControlUnable where there is no helper for their device.
func (s *Session) AskControl(by ParticipantID, now time.Time) (Body, error) {
	if err := s.Open(now); err != nil {
		return nil, err
	}
	switch c := &s.control; {
	case c.Phase != ControlOff && c.Agent == by:
		return nil, Errorf(CodeControlAsked, "You have asked for control already.")
	case c.Phase != ControlOff:
		return nil, Errorf(CodeControlBusy, "Another agent controls the device, or has asked to.")
	}
	p := s.Participant(s.onScreen(""))
	switch {
	case p == nil:
		return nil, Errorf(CodeViewNobody, "The end-user is not here.")
	case !p.shows(""):
		return nil, Errorf(CodeControlUnable, "The end-user's device can't be controlled.")
	}
	return &ControlAsked{Of: p.ID}, nil
}

// Welcome decides what happens besides when an end-user takes part from now
// on: where the agent wished so, the first of them is asked for control. nil
// for nothing.
func (s *Session) Welcome(id ParticipantID) *ControlAsked {
	if !s.ControlWished || !s.Started.IsZero() || s.control.Phase != ControlOff {
		return nil
	}
	return &ControlAsked{Of: id}
}

// PrepareControl decides that an end-user agrees to prepare for control by an
// agent.
func (s *Session) PrepareControl(by, agent ParticipantID, now time.Time) (Body, error) {
	if err := s.controls(by, now, ControlWaits); err != nil {
		return nil, err
	}
	if agent != s.control.Agent {
		return nil, Errorf(CodeTooLate, "This request is not open any more.")
	}
	return &ControlPreparing{Agent: agent}, nil
}

// DeclineControl decides that an end-user says no, or that the agent takes the
// request back.
func (s *Session) DeclineControl(by ParticipantID, why ControlWhy, now time.Time) (Body, error) {
	c := &s.control
	if by == c.Agent {
		by, why = c.Of, ControlTakenBack
	} else if why != ControlNotNow && why != ControlUnable && why != ControlHelper {
		return nil, Errorf(CodeInvalid, "Control is declined with not-now, unable or helper.")
	}
	if err := s.controls(by, now, ControlWaits, ControlPrepare); err != nil {
		return nil, err
	}
	return &ControlDeclined{Agent: c.Agent, Why: why}, nil
}

// OfferHelper decides that an end-user who prepares gets a code for a helper.
func (s *Session) OfferHelper(by ParticipantID, offer string, now time.Time) (Body, error) {
	if err := s.controls(by, now, ControlPrepare); err != nil {
		return nil, err
	}
	return &HelperOffered{Offer: offer, Expires: Timestamp(now.Add(OfferLife))}, nil
}

// PairHelper decides that a helper belongs to the end-user who was offered it.
func (s *Session) PairHelper(by ParticipantID, offer, helper string, system System, now time.Time) (Body, error) {
	if err := s.controls(by, now, ControlPrepare); err != nil {
		return nil, err
	}
	if c := &s.control; c.Offer == "" || c.Offer != offer || !now.Before(c.Expires) {
		return nil, Errorf(CodeTooLate, "This code was used, replaced, or has expired.")
	}
	switch system {
	case Windows, MacOS, Linux:
		return &HelperPaired{Helper: helper, System: system}, nil
	}
	return nil, Errorf(CodeInvalid, "There is no helper for such a system.")
}

// HelperConnected decides to log that the helper is connected, or not any
// more; nil where the log says so, or the helper is another one by now.
func (s *Session) HelperConnected(helper string, on bool) Body {
	if c := &s.control; c.Phase == ControlOff || helper == "" || c.Helper != helper || c.Reached == on {
		return nil
	}
	return &HelperReached{On: on}
}

// GrantControl decides that an end-user allowed control in the helper.
func (s *Session) GrantControl(by, agent ParticipantID, clipboard bool, now time.Time) (Body, error) {
	if err := s.controls(by, now, ControlPrepare, ControlOn); err != nil { // on, where the helper was started anew
		return nil, err
	}
	switch {
	case agent != s.control.Agent || s.control.Helper == "":
		return nil, Errorf(CodeTooLate, "This request is not open any more.")
	case !s.WholeScreen():
		return nil, Errorf(CodeTooLate, "A whole screen has to be shared first.")
	}
	return &ControlGranted{Agent: agent, Clipboard: clipboard}, nil
}

// PauseControl decides that nothing is carried out for a while, or again.
func (s *Session) PauseControl(by ParticipantID, on bool, now time.Time) (Body, error) {
	if err := s.controls(by, now, ControlOn); err != nil {
		return nil, err
	}
	if s.control.Paused == on {
		return nil, Errorf(CodeTooLate, "That is so already.")
	}
	return &ControlPaused{On: on}, nil
}

// StopControl decides that control ends, by the end-user or the agent.
func (s *Session) StopControl(by ParticipantID, why ControlWhy, now time.Time) (Body, error) {
	c := &s.control
	if by == c.Agent {
		by, why = c.Of, ControlByAgent
	} else if why != ControlByEndUser && why != ControlLost {
		return nil, Errorf(CodeInvalid, "Control ends with end-user or lost.")
	}
	if err := s.controls(by, now, ControlOn); err != nil {
		return nil, err
	}
	return &ControlStopped{Why: why}, nil
}

// controls says whether control is in one of the phases, of this end-user's
// computer.
func (s *Session) controls(of ParticipantID, now time.Time, phases ...ControlPhase) error {
	if err := s.Open(now); err != nil {
		return err
	}
	for _, phase := range phases {
		if c := &s.control; c.Phase == phase && c.Of == of && (c.Due.IsZero() || now.Before(c.Due)) {
			return nil
		}
	}
	return Errorf(CodeTooLate, "This request is not open any more.")
}

// controlDue is when control changes by itself; the zero time for never.
func (s *Session) controlDue() time.Time {
	c := &s.control
	if c.Phase != ControlOn {
		return c.Due
	}
	var due time.Time
	if !c.Reached {
		due = c.left.Add(ControlBreak)
	}
	if agent := s.Participant(c.Agent); agent != nil && agent.Standing == Gone { // and was out of reach for LeaveAfter before
		if gone := agent.left.Add(ControlBreak - LeaveAfter); due.IsZero() || gone.Before(due) {
			due = gone
		}
	}
	return due
}

// lapseControl decides what became of control by now, nil where nothing did.
func (s *Session) lapseControl(now time.Time) Body {
	due := s.controlDue()
	switch {
	case due.IsZero() || now.Before(due):
		return nil
	case s.control.Phase == ControlOn:
		return &ControlStopped{Why: ControlLost}
	}
	return &ControlDeclined{Agent: s.control.Agent, Why: ControlUnanswered}
}
