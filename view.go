package deskside

import (
	"slices"
	"time"
)

// The limits of a view: an end-user's screen, or camera, as agents see it.
const (
	// MaxWatchers bounds the agents who see one screen at once.
	MaxWatchers = 3
	// ViewPatience is how long a request to see the screen waits for an answer.
	ViewPatience = 60 * time.Second
	// ChoosePatience is how long somebody who said yes may take to choose what
	// to share, in a window of their browser's own.
	ChoosePatience = 5 * time.Minute
	// ViewBreak is how long a view may be interrupted before it has to be asked
	// for again.
	ViewBreak = 60 * time.Second
)

// A Surface is what somebody shares: a display surface (W3C Screen Capture) or
// a camera.
type Surface string

// The surfaces. A browser that doesn't say which it is gives SurfaceUnknown.
const (
	SurfaceMonitor Surface = "monitor"
	SurfaceWindow  Surface = "window"
	SurfaceTab     Surface = "browser"
	SurfaceCamera  Surface = "camera"
	SurfaceUnknown Surface = "unknown"
)

// ViewWhy says why a request for a view was declined, or a view ended; the
// screens have words for each.
type ViewWhy string

// The reasons.
const (
	ViewNotNow     ViewWhy = "not-now"    // declined by the end-user
	ViewPicker     ViewWhy = "picker"     // declined: the browser's picker was closed without a choice
	ViewUnable     ViewWhy = "unable"     // declined: the browser or the system allows no capture
	ViewUnanswered ViewWhy = "unanswered" // declined: nobody answered within ViewPatience
	ViewTakenBack  ViewWhy = "taken-back" // declined: the agent took the request back
	ViewByEndUser  ViewWhy = "end-user"   // ended by the end-user
	ViewByBrowser  ViewWhy = "browser"    // ended by the browser's own button, or with the window that was shared
	ViewByAgent    ViewWhy = "agent"      // ended by the agent who saw it
	ViewLost       ViewWhy = "lost"       // ended: interrupted for ViewBreak
	ViewReload     ViewWhy = "reload"     // ended with the end-user's page, which asks again by itself
)

// The bodies of events about views.
type (
	// ViewAsked says that an agent would like to see an end-user's screen.
	ViewAsked struct {
		Of      ParticipantID `json:"of"`                // the end-user
		Surface Surface       `json:"surface,omitempty"` // SurfaceCamera for the camera, empty for the screen
		Sound   bool          `json:"sound,omitempty"`   // and to hear it
		// Relay is the host of the node whose relay carries the view where it
		// can't go directly; empty where there is only one.
		Relay string `json:"relay,omitempty"`
	}
	// ViewChoosing says that the end-user agreed, and chooses what to share.
	ViewChoosing struct {
		Agent ParticipantID `json:"agent"`
	}
	// ViewGranted says that the agent sees what the end-user shares from now on.
	ViewGranted struct {
		Agent   ParticipantID `json:"agent"`
		Surface Surface       `json:"surface"`
		Sound   bool          `json:"sound,omitempty"`
	}
	// ViewDeclined answers an agent's request with no.
	ViewDeclined struct {
		Agent ParticipantID `json:"agent"`
		Why   ViewWhy       `json:"why"`
	}
	// ViewPaused says that the end-user shows nothing for a while, or shows it
	// again.
	ViewPaused struct {
		On bool `json:"on"`
	}
	// ViewStopped ends the view of one agent or, without one, of all.
	ViewStopped struct {
		Agent ParticipantID `json:"agent,omitempty"`
		Why   ViewWhy       `json:"why"`
	}
	// Equipped says what an end-user's browser can show. Without one it can
	// share its screen.
	Equipped struct {
		Screen bool `json:"screen"`
		Camera bool `json:"camera"`
		// System and Browser say what the agent is shown of what the end-user
		// sees; they are as the browser says, and empty where it doesn't.
		System  string `json:"system,omitempty"`  // a System, or "android", "ios"
		Browser string `json:"browser,omitempty"` // "chrome", "edge", "firefox", "safari"
	}
	// Reported says that an end-user believes that they are being cheated.
	Reported struct{}
)

func (*ViewAsked) Type() string    { return "view-asked" }
func (*ViewChoosing) Type() string { return "view-choosing" }
func (*ViewGranted) Type() string  { return "view-granted" }
func (*ViewDeclined) Type() string { return "view-declined" }
func (*ViewPaused) Type() string   { return "view-paused" }
func (*ViewStopped) Type() string  { return "view-stopped" }
func (*Equipped) Type() string     { return "equipped" }
func (*Reported) Type() string     { return "reported" }

// A View is what the log says of seeing an end-user's screen. Consent itself
// is given, and kept to, by the end-user's page; this is its record.
type View struct {
	EndUser  ParticipantID // whose screen is shown; empty while none is
	Surface  Surface
	Sound    bool
	Paused   bool
	Since    time.Time // when the first of those who see it now began to
	Watchers []ParticipantID
	Asks     []ViewAsk
	Relay    string // see ViewAsked
}

// A ViewAsk is a request that waits for an answer.
type ViewAsk struct {
	Agent, Of ParticipantID
	Surface   Surface // as in ViewAsked
	Sound     bool
	Choosing  bool      // answered with yes: the end-user chooses
	Due       time.Time // declined then
}

// View returns the state of the session's view. The caller must not change
// its slices.
func (s *Session) View() View { return s.view }

func (v *View) ask(agent ParticipantID) *ViewAsk {
	i := slices.IndexFunc(v.Asks, func(a ViewAsk) bool { return a.Agent == agent })
	if i < 0 {
		return nil
	}
	return &v.Asks[i]
}

// Sees says whether the agent sees the screen.
func (v *View) Sees(agent ParticipantID) bool { return slices.Contains(v.Watchers, agent) }

// full says whether as many see it, or wait to, as may. Who sees it and asks
// for more counts once.
func (v *View) full() bool {
	n := len(v.Watchers)
	for _, a := range v.Asks {
		if !v.Sees(a.Agent) {
			n++
		}
	}
	return n >= MaxWatchers
}

// Links says whether the two are at the ends of one view, so that their pages
// may connect.
func (v *View) Links(a, b ParticipantID) bool {
	return a == v.EndUser && v.Sees(b) || b == v.EndUser && v.Sees(a)
}

// Concerns says whether somebody is at an end of the view, or may be soon.
func (v *View) Concerns(p ParticipantID) bool {
	return p != "" && p == v.EndUser || v.Sees(p) || slices.ContainsFunc(v.Asks, func(a ViewAsk) bool { return a.Agent == p || a.Of == p })
}

func (s *Session) applyView(e *Event) {
	v := &s.view
	switch b := e.Body.(type) {
	case *ViewAsked:
		v.answered(e.By)
		v.Asks = append(v.Asks, ViewAsk{Agent: e.By, Of: b.Of, Surface: b.Surface, Sound: b.Sound, Due: e.At.Add(ViewPatience)})
		if len(v.Watchers) == 0 {
			v.Relay = b.Relay
		}
	case *ViewChoosing:
		if a := v.ask(b.Agent); a != nil {
			a.Choosing, a.Due = true, e.At.Add(ChoosePatience)
		}
	case *ViewGranted:
		v.answered(b.Agent)
		if len(v.Watchers) == 0 {
			v.EndUser, v.Since, v.Paused = e.By, e.At, false
		}
		v.Surface, v.Sound = b.Surface, b.Sound
		if !v.Sees(b.Agent) {
			v.Watchers = append(v.Watchers, b.Agent)
		}
	case *ViewDeclined:
		v.answered(b.Agent)
	case *Equipped:
		s.Participant(e.By).Equipment = b
	case *ViewPaused:
		v.Paused = b.On
	case *ViewStopped:
		v.stopped(b, e.At)
	case *Ended:
		*v = View{}
	}
}

func (v *View) answered(agent ParticipantID) {
	v.Asks = slices.DeleteFunc(v.Asks, func(a ViewAsk) bool { return a.Agent == agent })
}

// stopped ends the view. Where only the page was loaded again, those who saw
// the screen ask at once: the browser makes its user choose again.
func (v *View) stopped(b *ViewStopped, at time.Time) {
	gone := v.Watchers
	if b.Agent != "" {
		gone = []ParticipantID{b.Agent}
	}
	if b.Why == ViewReload {
		for _, agent := range gone {
			v.answered(agent)
			again := ViewAsk{Agent: agent, Of: v.EndUser, Sound: v.Sound, Due: at.Add(ViewPatience)}
			if v.Surface == SurfaceCamera {
				again.Surface = SurfaceCamera
			}
			v.Asks = append(v.Asks, again)
		}
	}
	left := slices.DeleteFunc(slices.Clone(v.Watchers), func(w ParticipantID) bool { return slices.Contains(gone, w) })
	if v.Watchers = left; len(left) == 0 {
		*v = View{Asks: v.Asks, Relay: v.Relay}
	}
}

// AskView decides that an agent asks to see an end-user's screen: of the one
// who shows it already, else of the newest who is here and can show it. Who
// sees it without sound may ask for sound.
//
// Errors: CodeViewFull where MaxWatchers see it or wait to; CodeViewAsked
// where the agent's last request has no answer yet; CodeViewNobody where no
// end-user is here; CodeViewUnable where their browser can't show that.
func (s *Session) AskView(by ParticipantID, a ViewAsked, now time.Time) (Body, error) {
	if err := s.Open(now); err != nil {
		return nil, err
	}
	v := &s.view
	switch {
	case v.ask(by) != nil:
		return nil, Errorf(CodeViewAsked, "The end-user has not answered yet.")
	case v.Sees(by) && (v.Sound || !a.Sound):
		return nil, Errorf(CodeViewAsked, "You see the screen already.")
	case !v.Sees(by) && v.full():
		return nil, Errorf(CodeViewFull, "%d people see the screen already, or wait to; there can't be more.", MaxWatchers)
	}
	if a.Surface != "" && a.Surface != SurfaceCamera {
		return nil, Errorf(CodeInvalid, "One asks for the screen or the camera.")
	}
	a.Of = s.onScreen(a.Surface)
	p := s.Participant(a.Of)
	switch {
	case p == nil:
		return nil, Errorf(CodeViewNobody, "The end-user is not here.")
	case !p.shows(a.Surface) && a.Surface == "":
		return nil, Errorf(CodeViewUnable, "The end-user's browser can't share its screen.")
	case !p.shows(a.Surface):
		return nil, Errorf(CodeViewUnable, "The end-user's browser has no camera to show.")
	}
	return &a, nil
}

// onScreen returns the end-user who shows their screen, or camera, already, else
// the newest who is here, of whom one whose browser can show that; "" for
// nobody.
func (s *Session) onScreen(what Surface) (of ParticipantID) {
	if s.view.EndUser != "" {
		return s.view.EndUser
	}
	able := false
	for _, p := range s.participants {
		if p.Role != RoleEndUser || p.Standing != Taking {
			continue
		}
		if can := p.shows(what); can || !able {
			of, able = p.ID, can
		}
	}
	return of
}

// shows says whether the participant's browser can show its screen, or the
// camera. One that has not said what it can is taken to.
func (p *Participant) shows(what Surface) bool {
	switch e := p.Equipment; {
	case e == nil:
		return true
	case what == SurfaceCamera:
		return e.Camera
	default:
		return e.Screen
	}
}

// ChooseView decides that an end-user agreed to an agent's request, and
// chooses what to share.
func (s *Session) ChooseView(by, agent ParticipantID, now time.Time) (Body, error) {
	if err := s.askedOf(by, agent, now); err != nil {
		return nil, err
	}
	return &ViewChoosing{Agent: agent}, nil
}

// GrantView decides that an end-user shares something with an agent who asked.
func (s *Session) GrantView(by, agent ParticipantID, surface Surface, sound bool, now time.Time) (Body, error) {
	if err := s.askedOf(by, agent, now); err != nil {
		return nil, err
	}
	switch surface {
	case SurfaceMonitor, SurfaceWindow, SurfaceTab, SurfaceCamera, SurfaceUnknown:
	default:
		return nil, Errorf(CodeInvalid, "What is shared is a monitor, window, browser, camera or unknown.")
	}
	return &ViewGranted{Agent: agent, Surface: surface, Sound: sound}, nil
}

// DeclineView decides that an end-user says no to an agent, or that an agent
// takes their own request back.
func (s *Session) DeclineView(by, agent ParticipantID, why ViewWhy, now time.Time) (Body, error) {
	if by == agent {
		if err := s.Open(now); err != nil {
			return nil, err
		}
		if s.view.ask(by) == nil {
			return nil, Errorf(CodeTooLate, "There is no request any more.")
		}
		return &ViewDeclined{Agent: agent, Why: ViewTakenBack}, nil
	}
	if err := s.askedOf(by, agent, now); err != nil {
		return nil, err
	}
	switch why {
	case ViewNotNow, ViewPicker, ViewUnable:
		return &ViewDeclined{Agent: agent, Why: why}, nil
	}
	return nil, Errorf(CodeInvalid, "A view is declined with not-now, picker or unable.")
}

// askedOf says whether the agent's request waits for this end-user's answer.
func (s *Session) askedOf(by, agent ParticipantID, now time.Time) error {
	if err := s.Open(now); err != nil {
		return err
	}
	a := s.view.ask(agent)
	switch c := &s.control; {
	case a == nil && c.Phase == ControlPrepare && c.Agent == agent && c.Of == by:
		if s.view.EndUser != "" && s.view.EndUser != by {
			return Errorf(CodeForbidden, "Only who was asked can answer.")
		}
		if !s.view.Sees(agent) && s.view.full() {
			return Errorf(CodeViewFull, "%d people see the screen already, or wait to; there can't be more.", MaxWatchers)
		}
		return nil // who agreed to control agreed to be seen
	case a == nil || !now.Before(a.Due):
		return Errorf(CodeTooLate, "This request is not open any more.")
	case a.Of != by || s.view.EndUser != "" && s.view.EndUser != by:
		return Errorf(CodeForbidden, "Only who was asked can answer.")
	}
	return nil
}

// PauseView decides that an end-user shows nothing for a while, or shows it
// again.
func (s *Session) PauseView(by ParticipantID, on bool, now time.Time) (Body, error) {
	if err := s.Open(now); err != nil {
		return nil, err
	}
	switch {
	case by != s.view.EndUser:
		return nil, Errorf(CodeTooLate, "You share nothing.")
	case on == s.view.Paused:
		return nil, Errorf(CodeTooLate, "That is so already.")
	}
	return &ViewPaused{On: on}, nil
}

// StopView decides that an end-user stops sharing, with one agent or with
// all, or that an agent stops watching.
func (s *Session) StopView(by, agent ParticipantID, why ViewWhy, now time.Time) (Body, error) {
	if err := s.Open(now); err != nil {
		return nil, err
	}
	v := &s.view
	switch {
	case v.Sees(by):
		return &ViewStopped{Agent: by, Why: ViewByAgent}, nil
	case by != v.EndUser, agent != "" && !v.Sees(agent):
		return nil, Errorf(CodeTooLate, "Nothing is shared any more.")
	}
	switch why {
	case ViewByEndUser, ViewByBrowser, ViewLost, ViewReload:
		return &ViewStopped{Agent: agent, Why: why}, nil
	}
	return nil, Errorf(CodeInvalid, "A view ends with end-user, browser, lost or reload.")
}

// Equip decides to log what an end-user's browser can show. It refuses what
// stands in the log already.
func (s *Session) Equip(by ParticipantID, e Equipped, now time.Time) (Body, error) {
	if err := s.Open(now); err != nil {
		return nil, err
	}
	p := s.Participant(by)
	if p == nil || p.Role != RoleEndUser || !p.In() {
		return nil, Errorf(CodeForbidden, "Only who takes part as an end-user shows something.")
	}
	switch e.System {
	case "", string(Windows), string(MacOS), string(Linux), "android", "ios":
	default:
		e.System = ""
	}
	switch e.Browser {
	case "", "chrome", "edge", "firefox", "safari":
	default:
		e.Browser = ""
	}
	if p.Equipment != nil && *p.Equipment == e {
		return nil, Errorf(CodeTooLate, "That is known already.")
	}
	return &e, nil
}

// Report decides that an end-user believes that they are being cheated; also
// after the end.
func (s *Session) Report(by ParticipantID) (Body, error) {
	if p := s.Participant(by); p == nil || p.Role != RoleEndUser || !p.In() {
		return nil, Errorf(CodeForbidden, "Only who takes part as an end-user can report.")
	}
	return &Reported{}, nil
}

// viewDue is when the view changes by itself; the zero time for never.
func (s *Session) viewDue() (due time.Time) {
	sooner := func(t time.Time) {
		if due.IsZero() || t.Before(due) {
			due = t
		}
	}
	for _, a := range s.view.Asks {
		sooner(a.Due)
	}
	for _, id := range append([]ParticipantID{s.view.EndUser}, s.view.Watchers...) {
		if p := s.Participant(id); p != nil && p.Standing == Gone {
			sooner(p.left.Add(ViewBreak - LeaveAfter))
		}
	}
	return due
}

// lapseView decides what became of the view by now: a request that nobody
// answered, or somebody who has been gone for ViewBreak. It returns nil where
// nothing did.
func (s *Session) lapseView(now time.Time) Body {
	for _, a := range s.view.Asks {
		if !now.Before(a.Due) {
			return &ViewDeclined{Agent: a.Agent, Why: ViewUnanswered}
		}
	}
	gone := func(id ParticipantID) bool {
		p := s.Participant(id)
		return p != nil && p.Standing == Gone && !now.Before(p.left.Add(ViewBreak-LeaveAfter))
	}
	if gone(s.view.EndUser) {
		return &ViewStopped{Why: ViewLost}
	}
	for _, agent := range s.view.Watchers {
		if gone(agent) {
			return &ViewStopped{Agent: agent, Why: ViewLost}
		}
	}
	return nil
}
