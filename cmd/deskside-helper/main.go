// Deskside-helper lets a support agent use this computer's mouse and keyboard,
// once the person at it has allowed that in its window. It needs no
// installation and no rights, and deletes itself when it is over.
//
//	deskside-helper [-server ADDRESS] [-code CODE] [-keep] [-no-browser]
//
// Without arguments its own name says which server and which session, or the
// person types it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"deskside/internal/helper"
)

func main() {
	server := flag.String("server", "", "the server's address")
	code := flag.String("code", "", "the six letters and digits that the chat shows")
	keep := flag.Bool("keep", false, "don't delete this program when it is over")
	noBrowser := flag.Bool("no-browser", false, "don't open the window, only print its address")
	resume := flag.String("resume", "", "the credential of a helper that this one goes on for")
	clean := flag.Bool("clean", false, "only clean up after the helper that started this one")
	flag.Parse()
	if *clean {
		if err := helper.CleanUp(os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, "deskside-helper:", err)
			os.Exit(1)
		}
		return
	}
	helper.Main(func() {
		over, err := run(*server, *code, *resume, *noBrowser)
		if err != nil {
			fmt.Fprintln(os.Stderr, "deskside-helper:", err)
			os.Exit(1)
		}
		if !over || *keep {
			return
		}
		if err := helper.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, "deskside-helper: this file can't be deleted:", err)
		}
	})
}

func run(server, code, resume string, noBrowser bool) (over bool, err error) {
	opt := helper.System()
	opt.Out, opt.Token = os.Stdout, resume
	if path, err := os.Executable(); err == nil {
		opt.Ticket = helper.TicketOf(path)
	}
	if server != "" {
		address, err := helper.ParseServer(server)
		if err != nil {
			return false, err
		}
		opt.Ticket = helper.Ticket{Server: address}
	}
	if code != "" {
		opt.Ticket.Code = code
	}
	if noBrowser {
		opt.Browse = func(string) error { return nil }
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return helper.Run(ctx, opt)
}
