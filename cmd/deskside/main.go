// Command deskside is the server for instant remote support that starts as a
// chat, and the commands that administer it.
//
// Each setting has one name as a flag (--base-url), an environment variable
// (DESKSIDE_BASE_URL) and a line of the settings file (base-url = …); the
// first of these that is there wins. Nothing needs to be set for one machine.
//
// serve writes what a person needs to stdout (where the server is, and the
// one-time link that makes the first administrator) and its log to stderr.
// SIGTERM and SIGINT stop it gracefully, within 30 seconds; a second signal
// stops it at once. The exit status is 0 after a graceful stop, else 1.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v3"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a signal ends the process as usual
	if err := run(ctx, os.Args, os.Getenv, streams{os.Stdin, os.Stdout, os.Stderr}); err != nil {
		fmt.Fprintf(os.Stderr, "deskside: %v\n", err)
		os.Exit(1)
	}
}

// streams is what a command reads and writes.
type streams struct {
	in  *os.File // asks for a password without showing it, where this is a terminal
	out io.Writer
	err io.Writer
}

// run carries out one command line, until ctx ends.
func run(ctx context.Context, args []string, env func(string) string, std streams) error {
	quiet := func(context.Context, *cli.Command, error) {} // main prints errors
	usage := func(_ context.Context, cmd *cli.Command, err error, _ bool) error {
		return fmt.Errorf("%w (%s --help explains)", err, cmd.FullName())
	}
	root := &cli.Command{
		Name:            "deskside",
		Usage:           "instant remote support that starts as a chat",
		Commands:        []*cli.Command{serveCommand(env, std), configCommand(env), agentCommand(env, std), smsCommand(env, std), migrateCommand(env, std), versionCommand()},
		HideHelpCommand: true,
		Reader:          std.in,
		Writer:          std.out,
		ErrWriter:       std.err,
		ExitErrHandler:  quiet,
		OnUsageError:    usage,
		ArgValidator:    noArguments,
	}
	for _, c := range root.Commands {
		c.OnUsageError = usage
		for _, sub := range c.Commands {
			sub.OnUsageError = usage
		}
	}
	return root.Run(ctx, args)
}

// noArguments refuses words that are neither a command nor a flag: no command
// takes any.
func noArguments(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().Present() {
		return fmt.Errorf("%q is not understood (%s --help explains)", cmd.Args().First(), cmd.FullName())
	}
	return nil
}

// version is set by the build (-ldflags "-X main.version=…").
var version = ""

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version of this program",
		Action: func(_ context.Context, cmd *cli.Command) error {
			v := version
			if info, ok := debug.ReadBuildInfo(); v == "" && ok {
				v = info.Main.Version
			}
			_, err := fmt.Fprintf(cmd.Root().Writer, "deskside %s %s %s/%s\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
