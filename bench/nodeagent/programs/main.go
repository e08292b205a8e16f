// Bench is all programs of the node agent's benchmark and of its soak, by their first argument: what is
// traced, what sends requests, and what the spans are sent to.
package main

import (
	"encoding/json"
	"net"
	"os"
)

var roles = map[string]func(arguments []string){
	"serve": serve, "load": load, "soak": soak, "collect": collect,
}

func main() {
	roles[os.Args[1]](os.Args[2:])
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener
}

func say(value any) { must(json.NewEncoder(os.Stdout).Encode(value)) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
