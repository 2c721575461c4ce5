//go:build engine

// Package engine names the Pulumi engine as a dependency, so that go.mod and go.sum pin everything that
// `go build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi` needs. The package is never compiled itself.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
