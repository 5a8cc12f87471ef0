package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"
	"golang.org/x/term"

	"deskside"
	"deskside/internal/access"
	"deskside/internal/node"
)

// agentCommand administers accounts in the database, whether the server runs
// or not.
func agentCommand(env func(string) string, std streams) *cli.Command {
	name := &cli.StringFlag{Name: "name", Required: true, Usage: "`name` that end-users read"}
	email := &cli.StringFlag{Name: "email", Required: true, Usage: "`address` that the agent signs in with"}
	role := &cli.StringFlag{Name: "role", Usage: "administrator or agent; the first one is an administrator by default, the others agents"}
	const password = "The password is asked for on a terminal; else it is the first line of the standard input."
	return &cli.Command{
		Name:  "agent",
		Usage: "administer the accounts of agents",
		Commands: []*cli.Command{
			{
				Name: "add", Usage: "make an account", Description: password,
				Flags: append([]cli.Flag{name, email, role}, storage()...),
				Action: withAccess(env, std, func(ctx context.Context, a *access.Access, cmd *cli.Command) error {
					return addAgent(ctx, a, cmd, std)
				}),
			},
			{
				Name: "password", Usage: "give an agent a new password and sign them out everywhere", Description: password,
				Flags: append([]cli.Flag{email}, storage()...),
				Action: withAccess(env, std, func(ctx context.Context, a *access.Access, cmd *cli.Command) error {
					return setPassword(ctx, a, cmd, std)
				}),
			},
			{
				Name: "list", Usage: "list the accounts", Flags: storage(),
				Action: withAccess(env, std, func(ctx context.Context, a *access.Access, _ *cli.Command) error {
					return listAgents(ctx, a, std.out)
				}),
			},
		},
	}
}

// storage returns the flags that say where the accounts are.
func storage() []cli.Flag {
	return settingFlags("data", "database", "secret-file", "log-level", "log-format")
}

// withAccess opens the accounts for one command.
func withAccess(env func(string) string, std streams, do func(context.Context, *access.Access, *cli.Command) error) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		s, _, err := load(cmd, env)
		if err != nil {
			return err
		}
		n, err := node.Open(ctx, s.node(logger(s, std.err)))
		if err != nil {
			return err
		}
		return readable(errors.Join(do(ctx, n.Access(), cmd), n.Close()))
	}
}

// readable shows of a refusal what is meant for people.
func readable(err error) error {
	if refusal := (*deskside.Error)(nil); errors.As(err, &refusal) && errors.Unwrap(refusal) == nil {
		return errors.New(refusal.Detail)
	}
	return err
}

func addAgent(ctx context.Context, a *access.Access, cmd *cli.Command, std streams) error {
	password, err := askPassword(std)
	if err != nil {
		return err
	}
	agent, err := a.AddAgent(ctx, cmd.String("name"), cmd.String("email"), password, deskside.AgentRole(cmd.String("role")))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "Added %s <%s>, %s.\n", agent.Name, agent.Email, agent.Role)
	return err
}

func setPassword(ctx context.Context, a *access.Access, cmd *cli.Command, std streams) error {
	password, err := askPassword(std)
	if err != nil {
		return err
	}
	email := deskside.CleanEmail(cmd.String("email"))
	switch err := a.SetPassword(ctx, email, password); {
	case deskside.CodeOf(err) == deskside.CodeNotFound:
		return fmt.Errorf("no agent has the address %s", email)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s has a new password and is signed out everywhere.\n", email)
	return err
}

func listAgents(ctx context.Context, a *access.Access, w io.Writer) error {
	agents, err := a.Agents(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EMAIL\tNAME\tROLE\tSINCE")
	for _, g := range agents {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", g.Email, g.Name, g.Role, g.Created.Format(time.DateOnly))
	}
	return table.Flush()
}

// askPassword reads a password: twice and unseen from a terminal, else the
// first line.
func askPassword(std streams) (string, error) {
	if !term.IsTerminal(int(std.in.Fd())) {
		line, err := bufio.NewReader(std.in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	first, err := askUnseen(std, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := askUnseen(std, "Once more: ")
	if err == nil && first != second {
		err = errors.New("these are two different passwords")
	}
	return first, err
}

func askUnseen(std streams, prompt string) (string, error) {
	fmt.Fprint(std.err, prompt)
	typed, err := term.ReadPassword(int(std.in.Fd()))
	fmt.Fprintln(std.err)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return string(typed), nil
}
