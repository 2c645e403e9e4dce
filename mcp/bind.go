package mcp

import "github.com/unweld/unweld/engine"

type bindIn struct {
	Component string   `json:"component" jsonschema:"its name, or its contract: ./pricing.Service"`
	To        []string `json:"to,omitempty" jsonschema:"names of bindings; those it has if empty"`
	Options   []string `json:"options,omitempty" jsonschema:"options of bindings, each BINDING.OPTION=VALUE"`
	InOut     []string `json:"inout,omitempty" jsonschema:"arguments whose changes travel back to the caller: Method.param, or all"`
	lines
}

func (s *server) bind(c *call, in bindIn) (any, error) {
	if err := inside("component", in.Component); err != nil {
		return nil, err
	}
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	set, err := session.Bind(c.ctx, engine.BindOptions{Component: in.Component, To: in.To, Options: in.Options, InOut: in.InOut})
	return s.offered(session, set, err, in.lines)
}

type stateIn struct {
	Component string   `json:"component" jsonschema:"the name of a bound component"`
	To        []string `json:"to,omitempty" jsonschema:"the store, by name; the one it has if empty"`
	LoseState bool     `json:"loseState,omitempty" jsonschema:"begin empty in the new store"`
	lines
}

func (s *server) state(c *call, in stateIn) (any, error) {
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	set, err := session.State(c.ctx, engine.StateOptions{Component: in.Component, To: in.To, LoseState: in.LoseState})
	return s.offered(session, set, err, in.lines)
}

type ejectIn struct {
	Component string `json:"component,omitempty" jsonschema:"its name; all components if empty"`
	lines
}

func (s *server) eject(c *call, in ejectIn) (any, error) {
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	set, err := session.Eject(c.ctx, in.Component)
	return s.offered(session, set, err, in.lines)
}
