//go:build !go1.24

package main

import (
	"net"

	"google.golang.org/grpc"
)

func serveWeb(net.Listener, *grpc.Server) {}
