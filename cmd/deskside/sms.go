package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"
)

// smsCommand tries the SMS gateway out.
func smsCommand(env func(string) string, std streams) *cli.Command {
	text := &cli.StringFlag{Name: "text", Value: "Deskside can send text messages: \u00e4\u00f6\u00fc \u20ac", Usage: "`text` of the message"}
	return &cli.Command{
		Name:  "sms",
		Usage: "try the SMS gateway out",
		Commands: []*cli.Command{{
			Name: "test", Usage: "send one text message and print the exchange, without its secrets", ArgsUsage: "NUMBER",
			Flags:        append([]cli.Flag{text}, settingFlags("sms-gateway", "sms-url", "sms-user", "sms-password", "sms-from", "default-country")...),
			ArgValidator: oneArgument,
			Action: func(ctx context.Context, cmd *cli.Command) error {
				s, _, err := load(cmd, env)
				if err != nil {
					return err
				}
				return s.node(logger(s, std.err)).TestSMS(ctx, cmd.Args().First(), cmd.String("text"), std.out)
			},
		}},
	}
}

func oneArgument(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().Len() != 1 {
		return errors.New("sms test takes one phone number, like +4915123456789")
	}
	return nil
}
