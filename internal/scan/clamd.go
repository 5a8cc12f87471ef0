package scan

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Clamd asks ClamAV's daemon, by the command INSTREAM of its protocol
// (clamd(8)).
//
// clamd says OK about what it did not look at: content beyond its MaxFileSize
// and MaxScanSize, 100 MB and 400 MB where nothing is set. It must run with
// AlertExceedsMax yes, and its limits and StreamMaxLength should be those of
// the files; then it tells, and Scan returns ErrTooLarge.
type Clamd struct {
	dialer           Dialer
	network, address string
}

// chunkSize is how many bytes clamd gets at once.
const chunkSize = 64 << 10

// NewClamd returns a Clamd at an address: tcp://host:port, or unix:/path of
// its socket. It does not connect yet.
func NewClamd(address string, dialer Dialer) (*Clamd, error) {
	if host, ok := strings.CutPrefix(address, "tcp://"); ok && host != "" {
		return &Clamd{dialer, "tcp", host}, nil
	}
	if path, ok := strings.CutPrefix(address, "unix:"); ok && path != "" {
		return &Clamd{dialer, "unix", path}, nil
	}
	return nil, errors.New("scan: the address of clamd is neither tcp://host:port nor unix:/path")
}

// Scan asks about what r gives. ErrTooLarge where clamd did not look at all
// of it; every other error is one of ctx, r or clamd.
func (c *Clamd) Scan(ctx context.Context, r io.Reader) (Verdict, error) {
	conn, err := connect(ctx, c.dialer, c.network, c.address)
	if err != nil {
		return Verdict{}, err
	}
	defer conn.Close()
	answer, err := instream(conn, r)
	if ctx.Err() != nil {
		return Verdict{}, ctx.Err()
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("scan: clamd: %w", err)
	}
	return clamdVerdict(answer)
}

// instream sends what r gives, and returns the answer.
func instream(conn io.ReadWriter, r io.Reader) (string, error) {
	sent := sendChunks(conn, r)
	if fault := (readError{}); errors.As(sent, &fault) {
		return "", sent
	}
	// Where clamd has seen enough, sending fails, and the answer says why.
	const longest = 4 << 10
	answer, err := bufio.NewReaderSize(io.LimitReader(conn, longest), longest).ReadString(0)
	if err != nil {
		return "", errors.Join(sent, fmt.Errorf("no answer: %w", err))
	}
	return strings.TrimSuffix(answer, "\x00"), nil
}

// sendChunks sends the command and the content: chunks that begin with their
// length, 32 bits in network order, and an empty one at the end.
func sendChunks(w io.Writer, r io.Reader) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	chunk := make([]byte, 4+chunkSize)
	for {
		n, err := fill(r, chunk[4:])
		if err != nil {
			return err
		}
		binary.BigEndian.PutUint32(chunk, uint32(n))
		if _, err := w.Write(chunk[:4+n]); err != nil || n == 0 {
			return err
		}
	}
}

// clamdVerdict reads an answer: "stream: OK", "stream: NAME FOUND" or
// "… ERROR".
func clamdVerdict(answer string) (Verdict, error) {
	result, _ := strings.CutPrefix(answer, "stream: ")
	name, found := strings.CutSuffix(result, " FOUND")
	switch {
	case answer == "stream: OK":
		return Verdict{Clean: true}, nil
	case found && strings.HasPrefix(name, "Heuristics.Limits.Exceeded"):
		return Verdict{}, ErrTooLarge // it found nothing, but stopped looking
	case found:
		return threat(name), nil
	case strings.HasPrefix(answer, "INSTREAM size limit exceeded"):
		return Verdict{}, ErrTooLarge
	}
	return Verdict{}, fmt.Errorf("scan: clamd answers %.100q", answer)
}
