package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"deskside/internal/node"
)

// migrateCommand moves an installation from one database to another.
func migrateCommand(env func(string) string, std streams) *cli.Command {
	from := &cli.StringFlag{Name: "from", Required: true, Usage: "database to move from: a `URL`, sqlite://PATH or postgres://…"}
	to := &cli.StringFlag{Name: "to", Required: true, Usage: "empty database to move to, likewise a `URL`"}
	return &cli.Command{
		Name: "migrate-store", Usage: "copy everything from one database to another, and compare both",
		Description: "The servers must be stopped. Started again after an interruption, it goes on where it stopped.\n" +
			"The secret and the bytes of files are not in the database: they are used on as they are.",
		Flags: append([]cli.Flag{from, to}, settingFlags("log-level", "log-format")...),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			s, _, err := load(cmd, env)
			if err != nil {
				return err
			}
			return node.MigrateStore(ctx, cmd.String("from"), cmd.String("to"), logger(s, std.err), std.out)
		},
	}
}
