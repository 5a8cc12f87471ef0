package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/urfave/cli/v3"
)

func configCommand(env func(string) string) *cli.Command {
	return &cli.Command{
		Name:        "config",
		Usage:       "print the settings in force, and where each came from",
		Description: "Takes the same flags, environment variables and file as serve. A bad setting is printed too, and then explained.",
		Flags:       settingFlags(),
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, all, err := load(cmd, env)
			if all == nil {
				return err
			}
			return errors.Join(printSettings(cmd.Root().Writer, all), err)
		},
	}
}

func printSettings(w io.Writer, all []chosen) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range all {
		text := c.text
		switch {
		case text == "":
			text = "-"
		case c.secret:
			text = "(hidden)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.name, text, c.origin)
	}
	return table.Flush()
}
