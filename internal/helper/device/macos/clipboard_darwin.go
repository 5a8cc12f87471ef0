package macos

import (
	"errors"

	"github.com/ebitengine/purego/objc"

	"deskside/internal/helper/device"
)

// The kinds of content on a pasteboard.
const (
	typeText = "public.utf8-plain-text"
	typePNG  = "public.png"
	typeTIFF = "public.tiff"
)

func pasteboard() objc.ID { return class("NSPasteboard").Send(sel("generalPasteboard")) }

// changeCount returns how often the pasteboard has changed.
func changeCount() (n int) {
	pooled(func() { n = objc.Send[int](pasteboard(), sel("changeCount")) })
	return n
}

// Clipboard returns text where the pasteboard has it, else a picture; one that
// is only there as TIFF, as many programs have it, is turned into PNG. Newer
// systems may ask the person before.
func (m *mac) Clipboard(most int) (c device.Content, err error) {
	pooled(func() {
		board := pasteboard()
		if text := of(board, "stringForType:", typeText); text != 0 {
			c.Text, _ = goString(text, most)
			return
		}
		picture := of(board, "dataForType:", typePNG)
		if picture == 0 {
			tiff := of(board, "dataForType:", typeTIFF)
			if tiff == 0 {
				return
			}
			// Pixels that are many times as much aren't worth the effort.
			if objc.Send[int](tiff, sel("length")) > 64*most {
				return
			}
			const png = 4
			rep := class("NSBitmapImageRep").Send(sel("imageRepWithData:"), tiff)
			picture = rep.Send(sel("representationUsingType:properties:"), png, class("NSDictionary").Send(sel("dictionary")))
			if picture == 0 {
				return
			}
		}
		c.PNG, _ = goBytes(picture, most)
	})
	return c, nil
}

// of returns what a pasteboard has of a kind.
func of(board objc.ID, method, kind string) objc.ID {
	name := nsString(kind)
	defer name.Send(sel("release"))
	return board.Send(sel(method), name)
}

// SetClipboard puts text or a picture on the pasteboard, where it stays.
func (m *mac) SetClipboard(c device.Content) error {
	ok := true
	m.clipboard.own(func() (count int) {
		pooled(func() {
			board := pasteboard()
			board.Send(sel("clearContents"))
			switch {
			case c.Text != "":
				text := nsString(c.Text)
				ok = set(board, "setString:forType:", text, typeText)
				text.Send(sel("release"))
			case len(c.PNG) > 0:
				data := nsData(c.PNG)
				ok = set(board, "setData:forType:", data, typePNG)
				data.Send(sel("release"))
			}
			count = objc.Send[int](board, sel("changeCount"))
		})
		return count
	})
	if !ok {
		return errors.New("macOS takes nothing for the clipboard")
	}
	return nil
}

func set(board objc.ID, method string, content objc.ID, kind string) bool {
	name := nsString(kind)
	defer name.Send(sel("release"))
	return objc.Send[bool](board, sel(method), content, name)
}
