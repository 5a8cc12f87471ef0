package blob

import "errors"

// keepFree is what files leave free on a disk, in bytes, for the database
// that may be on it; or 5 % where that is more.
const keepFree = 512 << 20

// checkSpace returns ErrNoSpace where the disk is nearly full.
func (d *Dir) checkSpace() error {
	folder, err := d.root.Open(".")
	if err != nil {
		return fault("look at the disk", err)
	}
	free, total, err := space(folder)
	if err := errors.Join(err, folder.Close()); err != nil {
		return fault("look at the disk", err)
	}
	if scarce(free, total) {
		return ErrNoSpace
	}
	return nil
}

func scarce(free, total uint64) bool { return free < keepFree || free < total/20 }
