// Package blob keeps the bytes of files: in a directory by default, in a
// bucket of an S3 server where there are many nodes. What a file is called,
// whose it is and how long it stays is known elsewhere; here it has an id
// while it is uploaded and the SHA-256 of its content afterwards.
//
// Both engines guarantee:
//   - Bytes that Append has counted are on stable storage, and are there after
//     the process was killed at any moment.
//   - Content is never readable before it is whole, and never under another
//     name than its own SHA-256.
//   - Nothing of an upload is kept in memory between calls: each of them may
//     come to another process, with S3 on another machine.
//   - Files are streams: a call needs the same memory for 1 MiB and for 2 GiB.
//   - No error names a file or shows its content.
//
// An upload has one writer at a time. Calls for the same id wait for each
// other within a process; on several nodes the bytes of the one that got
// furthest count.
//
// Two uploads of equal bytes give the same content, once. So whoever calls
// Remove must know that nobody refers to the content, and must let no Finish
// of equal bytes come between that and the Remove.
package blob

import (
	"errors"
	"io"
)

// The refusals of both engines; errors.Is finds them. Other errors are faults
// of the disk, the server or the reader that was given.
var (
	ErrOffset   = errors.New("blob: the upload has another length")
	ErrNotFound = errors.New("blob: not found")
	ErrFinished = errors.New("blob: the upload is finished")
	ErrNoSpace  = errors.New("blob: too little space is left")
	ErrTooLarge = errors.New("blob: too large")
	ErrID       = errors.New("blob: an id has 1 to 64 letters, digits, - and _")
)

// Content is a file's content, for reading from any place. It is the name of
// an interface literal, so that others can declare the same type.
type Content = interface {
	io.ReadSeekCloser
	// Size returns the length in bytes.
	Size() int64
}

// maxID is the length of the longest id.
const maxID = 64

// checkID refuses an id that could mean more than a name: it becomes part of
// a path or of a key.
func checkID(id string) error {
	if id == "" || len(id) > maxID {
		return ErrID
	}
	for _, c := range []byte(id) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return ErrID
		}
	}
	return nil
}
