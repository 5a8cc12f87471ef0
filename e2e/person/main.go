// Person plays somebody at an X screen, with a mouse and a keyboard of their
// own, by lines on its standard input: "move X Y", "click", "press KEYCODE…",
// "held", "pointer". It answers each with "ok", and the last two with the
// keycodes and buttons that are down on the screen's own keyboard and mouse, and
// where its pointer is. With the argument "core" they use the screen's own.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"deskside/internal/helper/device/x11/x11test"
)

func main() {
	if err := play(os.Getenv("DISPLAY")); err != nil {
		fmt.Fprintln(os.Stderr, "person:", err)
		os.Exit(1)
	}
}

func play(display string) error {
	begin := func() (*x11test.Person, error) { return x11test.New(display, "person") }
	if len(os.Args) > 1 && os.Args[1] == "core" {
		begin = func() (*x11test.Person, error) { return x11test.Core(display) }
	}
	p, err := begin()
	if err != nil {
		return err
	}
	defer p.Close()
	fmt.Println("ok")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		what, rest, _ := strings.Cut(lines.Text(), " ")
		var numbers []int
		for _, f := range strings.Fields(rest) {
			n, err := strconv.Atoi(f)
			if err != nil {
				return err
			}
			numbers = append(numbers, n)
		}
		if what == "pointer" {
			x, y, err := x11test.Pointer(display)
			if err != nil {
				return err
			}
			fmt.Println("ok", x, y)
			continue
		}
		if what == "held" {
			held, err := x11test.Held(display)
			if err != nil {
				return err
			}
			fmt.Println(strings.TrimSpace("ok " + strings.Join(held, " ")))
			continue
		}
		if err := act(p, what, numbers); err != nil {
			return err
		}
		fmt.Println("ok")
	}
	return nil
}

func act(p *x11test.Person, what string, numbers []int) error {
	switch {
	case what == "move" && len(numbers) == 2:
		return p.Move(numbers[0], numbers[1])
	case what == "click":
		return p.Click()
	case what == "press":
		var codes []byte
		for _, n := range numbers {
			codes = append(codes, byte(n))
		}
		return p.Press(codes...)
	}
	return fmt.Errorf("nobody can %q %v", what, numbers)
}
