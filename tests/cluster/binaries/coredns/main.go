// CoreDNS with the plugins that the tests' Corefile names, and no cloud's.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
)

func main() {
	// In the order in which they see a query; the package's own list has all plugins there are.
	dnsserver.Directives = []string{"ready", "errors", "kubernetes"}
	coremain.Run()
}
