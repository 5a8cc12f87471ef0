package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// A chosen is the text of a setting that is in force, and where it came from.
type chosen struct {
	setting
	text   string
	origin string
}

// A source looks settings up in one place. An empty text counts as not set.
type source func(setting) (text, origin string)

// load finds what is in force for each setting: the flag, else the environment
// variable, else the line of the settings file, else the default. Its error
// names each bad setting and where the value came from.
func load(cmd *cli.Command, env func(string) string) (settings, []chosen, error) {
	path, origin := cmd.String("config"), "flag"
	if path == "" {
		path, origin = env("DESKSIDE_CONFIG"), "environment"
	}
	file, err := readFile(path)
	if err != nil {
		return settings{}, nil, fmt.Errorf("config (%s): %w", origin, err)
	}
	all := inForce(fromFlags(cmd), fromEnvironment(env), file)
	values, err := parse(all)
	if err == nil {
		err = values.check(all)
	}
	return values, all, err
}

func fromFlags(cmd *cli.Command) source {
	return func(s setting) (string, string) {
		if s.toggle && cmd.IsSet(s.name) {
			return fmt.Sprint(cmd.Bool(s.name)), "flag"
		}
		return cmd.String(s.name), "flag"
	}
}

func fromEnvironment(env func(string) string) source {
	return func(s setting) (string, string) { return env(s.variable()), "environment" }
}

// inForce chooses the text of every setting; the first source that has one
// wins.
func inForce(sources ...source) []chosen {
	all := make([]chosen, len(catalogue))
	text := make(map[string]string)
	for i, s := range catalogue {
		all[i] = chosen{s, s.fallback, "default"}
		for _, look := range sources {
			if t, origin := look(s); t != "" {
				all[i] = chosen{s, t, origin}
				break
			}
		}
		text[s.name] = all[i].text
	}
	for i, c := range all {
		if c.follows != nil && c.origin == "default" {
			f := c.follows(text)
			all[i].text, all[i].origin = f.text, "from "+f.from
		}
	}
	return all
}

// parse turns texts into values.
func parse(all []chosen) (values settings, err error) {
	for _, c := range all {
		if c.text == "" {
			continue
		}
		if fault := c.set(&values, c.text); fault != nil {
			err = errors.Join(err, fmt.Errorf("%s (%s): %w", c.name, c.origin, fault))
		}
	}
	return values, err
}

// check refuses settings that don't go together.
func (s *settings) check(all []chosen) error {
	origin := make(map[string]string)
	for _, c := range all {
		origin[c.name] = c.origin
	}
	if (s.tlsCert == "") != (s.tlsKey == "") {
		set, missing := "tls-cert", "tls-key"
		if s.tlsCert == "" {
			set, missing = missing, set
		}
		return fmt.Errorf("%s (%s): %s is missing; HTTPS needs both", set, origin[set], missing)
	}
	if s.baseURL == nil || s.baseURL.Scheme == "https" {
		return nil
	}
	if s.tlsCert != "" {
		return fmt.Errorf("base-url (%s): %s has to begin with https://, as tls-cert is set", origin["base-url"], s.baseURL)
	}
	if !s.insecureHTTP && !ownMachine(s.baseURL.Hostname()) {
		return fmt.Errorf("base-url (%s): %s is not encrypted and is not this machine's own.\n"+
			"Everybody on the way could read along, and browsers refuse on such pages: screen sharing, the clipboard\n"+
			"(Copy to Clipboard) and desktop notifications. Use https, by tls-cert and tls-key or by a reverse proxy;\n"+
			"or set insecure-http to start all the same", origin["base-url"], s.baseURL)
	}
	return nil
}

// ownMachine says whether browsers trust http pages of the host as they trust
// https: it is the machine that they run on.
func ownMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

// settingFlags returns --config and the flags of the named settings; without
// names, of all.
func settingFlags(names ...string) []cli.Flag {
	flags := []cli.Flag{&cli.StringFlag{Name: "config",
		Usage: "`file` of settings, a line each like \"listen = :443\" [$DESKSIDE_CONFIG]"}}
	example := make(map[string]string)
	for _, s := range catalogue {
		example[s.name] = s.fallback
	}
	for _, s := range catalogue {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		usage := fmt.Sprintf("%s [$%s]", s.usage, s.variable())
		if s.toggle {
			flags = append(flags, &cli.BoolFlag{Name: s.name, Usage: usage, HideDefault: true})
			continue
		}
		shown := s.fallback
		if s.follows != nil {
			shown = s.follows(example).text
		}
		flags = append(flags, &cli.StringFlag{Name: s.name, Usage: usage, DefaultText: shown, HideDefault: shown == ""})
	}
	return flags
}
