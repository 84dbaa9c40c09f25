//go:build tools

// Package tools names the programs that this module pins.
package tools

import (
	_ "go.temporal.io/server/cmd/server"
)
