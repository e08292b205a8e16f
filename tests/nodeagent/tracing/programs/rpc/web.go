//go:build go1.24

package main

import (
	"net"
	"net/http"

	"google.golang.org/grpc"
)

// serveWeb serves gRPC through net/http, over HTTP/2 without TLS.
func serveWeb(listener net.Listener, handler *grpc.Server) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: protocols}
	server.Serve(listener)
}
