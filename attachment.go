package deskside

import (
	"mime"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A FileID names a file of one session.
type FileID string

// FileState says how far a file has come:
// offered → checking → arrived → removed; refused, cancelled and expired end it.
type FileState string

// The states.
const (
	FileOffered   FileState = "offered"   // its bytes are on their way
	FileChecking  FileState = "checking"  // all are here, and a scanner looks at them
	FileArrived   FileState = "arrived"   // it can be downloaded
	FileRefused   FileState = "refused"   // it is never handed out
	FileCancelled FileState = "cancelled" // taken back by either side, or by the session's end
	FileExpired   FileState = "expired"   // nobody finished the upload within UploadLife
	FileRemoved   FileState = "removed"   // it had arrived, and is kept no longer
)

// FileWhy says why a file was refused; the screens have words for each.
type FileWhy string

// The reasons.
const (
	FileThreat    FileWhy = "threat"    // the scanner found something: FileMoved.Threat
	FileUnchecked FileWhy = "unchecked" // the scanner could not look at it
	FileForbidden FileWhy = "type"      // its content is of a type that may not be sent here
)

// UploadLife is how long the bytes of a file may take to come.
const UploadLife = 24 * time.Hour

// A File is what a participant gives to the others.
type File struct {
	ID   FileID
	By   ParticipantID
	Name string
	Size int64  // bytes
	Type string // media type, as its sender says
	// Snapshot says that an agent took it of what they saw.
	Snapshot bool
	State    FileState
	SHA256   string // hexadecimal, once it has arrived
	Picture  bool   // it has arrived, and can be shown
	Preview  bool   // a small picture of it can be shown
}

// FileRules are what the settings allow.
type FileRules struct {
	MostEach    int64    // bytes
	MostSession int64    // bytes, of all files of a session
	Allow       []string // media types or endings like ".pdf"; empty for all
	Deny        []string // likewise; stronger than Allow
	NoAgents    bool     // agents may not send files
	NoEndUsers  bool     // end-users may not
}

// MaxFiles bounds the files of one session.
const MaxFiles = 1000

// Files returns those of the session, in the order in which they were offered.
// The caller must not change them.
func (s *Session) Files() []*File { return s.files }

// File returns the one with the id, or nil.
func (s *Session) File(id FileID) *File {
	i := slices.IndexFunc(s.files, func(f *File) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return s.files[i]
}

func (s *Session) applyFile(e *Event) {
	switch b := e.Body.(type) {
	case *Attached:
		s.files = append(s.files, &File{ID: b.File, By: e.By, Name: b.Name, Size: b.Size, Type: b.MediaType, Snapshot: b.Snapshot, State: FileOffered})
		s.said(e, b.Name)
	case *FileMoved:
		f := s.File(b.File)
		f.State = b.State
		if b.State == FileArrived {
			f.SHA256, f.Picture, f.Preview = b.SHA256, b.Width > 0, f.Preview || b.Width > 0
		}
	case *FilePreviewed:
		s.File(b.File).Preview = true
	case *Ended:
		for _, f := range s.files {
			if f.State == FileOffered {
				f.State = FileCancelled
			}
		}
	}
}

// Attach decides that a participant offers a file. It is a snapshot only of
// an agent who sees a screen.
func (s *Session) Attach(by ParticipantID, a Attached, rules FileRules, now time.Time) (Body, error) {
	if err := s.MaySpeak(by, now); err != nil {
		return nil, err
	}
	if !rules.MaySend(s.Participant(by).Role) {
		return nil, Errorf(CodeFilesOff, "Files can't be sent from this side here.")
	}
	a.Name = CleanFileName(a.Name)
	a.MediaType = cleanMediaType(a.MediaType)
	a.Snapshot = a.Snapshot && s.view.Sees(by)
	switch {
	case a.Size < 0:
		return nil, Errorf(CodeInvalid, "A file has a size.")
	case a.Size > rules.MostEach:
		return nil, Errorf(CodeFileTooLarge, "A file has at most %d bytes here.", rules.MostEach)
	case s.FileBytes()+a.Size > rules.MostSession:
		return nil, Errorf(CodeFilesTooMany, "The files of one session have at most %d bytes here.", rules.MostSession)
	case len(s.files) >= MaxFiles:
		return nil, Errorf(CodeFilesTooMany, "A session has at most %d files.", MaxFiles)
	case !rules.Allows(a.Name, a.MediaType):
		return nil, Errorf(CodeFileType, "Files of this type can't be sent here.")
	}
	return &a, nil
}

// MaySend says whether this side may send files at all.
func (r FileRules) MaySend(role Role) bool {
	return role == RoleAgent && !r.NoAgents || role == RoleEndUser && !r.NoEndUsers
}

// FileBytes returns how many bytes the files of the session have that count
// against its limit.
func (s *Session) FileBytes() (n int64) {
	for _, f := range s.files {
		if f.State != FileCancelled && f.State != FileExpired && f.State != FileRefused {
			n += f.Size
		}
	}
	return n
}

// Allows says whether a file of this name and media type may be sent.
func (r FileRules) Allows(name, mediaType string) bool {
	return !r.Denies(name, mediaType) && (len(r.Allow) == 0 || matches(r.Allow, name, mediaType))
}

// Denies says whether files of this name or media type may not be sent,
// whatever else they are.
func (r FileRules) Denies(name, mediaType string) bool { return matches(r.Deny, name, mediaType) }

// matches says whether one of the patterns is the file's ending (".pdf"), its
// media type, or a family of types ("image/*").
func matches(patterns []string, name, mediaType string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if strings.HasPrefix(pattern, ".") {
			return strings.EqualFold(path.Ext(name), pattern)
		}
		family, any := strings.CutSuffix(strings.ToLower(pattern), "/*")
		return strings.EqualFold(pattern, mediaType) || any && strings.HasPrefix(mediaType, family+"/")
	})
}

// MoveFile decides on what became of a file. It returns nil where that is
// known already, or can't be so any more.
func (s *Session) MoveFile(m FileMoved) Body {
	f := s.File(m.File)
	if f == nil {
		return nil
	}
	may := map[FileState][]FileState{
		FileOffered:  {FileChecking, FileCancelled, FileExpired},
		FileChecking: {FileArrived, FileRefused, FileCancelled},
		FileArrived:  {FileRemoved},
	}
	if !slices.Contains(may[f.State], m.State) {
		return nil
	}
	return &m
}

// MayUpload says whether by may send bytes of the file; else the error says
// why not.
func (s *Session) MayUpload(by ParticipantID, id FileID, now time.Time) error {
	f := s.File(id)
	switch {
	case f == nil:
		return Errorf(CodeNotFound, "There is no such file.")
	case f.By != by:
		return Errorf(CodeForbidden, "Only who offered a file can send it.")
	case f.State != FileOffered:
		return Errorf(CodeTooLate, "This file is not on its way any more.")
	}
	return s.MaySpeak(by, now)
}

// Preview decides that a small picture of the file can be shown.
func (s *Session) Preview(by ParticipantID, id FileID, now time.Time) (Body, error) {
	f := s.File(id)
	if f != nil && f.By == by && f.Preview {
		return nil, Errorf(CodeTooLate, "This file has a preview already.")
	}
	if err := s.MayUpload(by, id, now); err != nil {
		return nil, err
	}
	return &FilePreviewed{File: id, Preview: true}, nil
}

// CancelFile decides to take a file back that is still on its way. Either side
// may.
func (s *Session) CancelFile(by ParticipantID, id FileID, now time.Time) (Body, error) {
	if err := s.MaySpeak(by, now); err != nil {
		return nil, err
	}
	if s.File(id) == nil {
		return nil, Errorf(CodeNotFound, "There is no such file.")
	}
	body := s.MoveFile(FileMoved{File: id, State: FileCancelled})
	if body == nil {
		return nil, Errorf(CodeTooLate, "This file is not on its way any more.")
	}
	return body, nil
}

// maxFileName bounds a file's name, in bytes.
const maxFileName = 255

// CleanFileName makes a name that can be shown and stored anywhere: without a
// path, without control characters and those that turn the direction of
// writing, 1 to 255 bytes of UTF-8, its ending kept.
func CleanFileName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	if name == "" {
		return "file"
	}
	if len(name) <= maxFileName {
		return name
	}
	ending := path.Ext(name)
	if len(ending) > 20 {
		ending = ""
	}
	stem := name[:maxFileName-len(ending)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.Trim(stem+ending, ". ")
}

// cleanMediaType returns a media type without its parameters (RFC 9110, 8.3.1).
func cleanMediaType(text string) string {
	kind, _, err := mime.ParseMediaType(text)
	if err != nil || !strings.Contains(kind, "/") || len(kind) > 127 {
		return "application/octet-stream"
	}
	return kind
}

// A StoredFile is what the server knows of a file's bytes, beside what the log
// says of it. Sums name content: SHA-256, nil where there is none.
type StoredFile struct {
	File    FileID
	Session SessionID
	Content []byte    // the file, once it is whole
	Picture []byte    // what is safe to show of it
	Preview []byte    // likewise, small
	Due     time.Time // when something is to be done next; zero for never
	Tries   int       // how often that failed
	Gone    bool      // in a Change: nothing of it is needed any more
}

// Remains are bytes that nobody needs any more: content, or what came of an
// upload.
type Remains struct {
	Content []byte // SHA-256; empty where it is an upload
	Upload  FileID
}
