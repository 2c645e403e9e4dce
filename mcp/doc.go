// Package mcp offers the engine's operations to coding agents, as tools of the Model
// Context Protocol. One tool stands for each kind of question; there is one tool for
// all refactorings, because the schema of each tool is part of every prompt.
//
// Answers are sized for a prompt: counts come first, and lists in pages. A tool that
// changes code answers with a diff and keeps the change set under a name. Nothing is
// written before the tool apply is called with that name, and apply and undo exist
// only where the person who started the server allows it.
//
// An error of a tool is an answer: what is wrong, where, and what to do next. Errors
// of the protocol are left to the protocol.
package mcp
